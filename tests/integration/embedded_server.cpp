//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The embedded server as users with their own client see it.

#include "integration/support/temporary_directory.hpp"

#include <cyclos/sandbox/pictures.hpp>
#include <cyclos/sandbox/server.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace cyclos::test;
namespace asio = boost::asio;
namespace sandbox = cyclos::sandbox;

namespace {

/// The complete response to the upload of a temporary image as a form.
std::string upload(const sandbox::server& server, const std::string& form,
                   const std::string& type = "multipart/form-data; boundary=limit")
{
    asio::io_context context;
    asio::ip::tcp::socket socket{context};
    socket.connect({asio::ip::address_v4::loopback(), server.port()});
    const std::string head =
        "POST /api/images/temp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Authorization: Basic ZGVtbzpkZW1v\r\nContent-Type: " +
        type + "\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n";
    boost::system::error_code ec;
    asio::write(socket, asio::buffer(head), ec);
    asio::write(socket, asio::buffer(form), ec); // an early response may end the connection
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), ec);
    return answer;
}

std::string form_of(const std::string& content,
                    const std::string& headers =
                        "Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n"
                        "Content-Type: image/png\r\n")
{
    return "--limit\r\n" + headers + "\r\n" + content + "\r\n--limit--\r\n";
}

bool is_answered_with(const std::string& answer, unsigned status)
{
    return answer.starts_with("HTTP/1.1 " + std::to_string(status) + ' ');
}

} // namespace

TEST_CASE("embedded server: uploads are stored unchanged, or rejected by the size limits")
{
    sandbox::server server{{.tls = false, .max_kept_body = 1000, .max_kept_total = 3500}};
    server.store().remove_all_images(); // the default images
    CHECK(is_answered_with(upload(server, form_of(std::string(1000, 'x'))), 201));
    CHECK(server.store().temp_images().back().content.is_whole());
    CHECK(is_answered_with(upload(server, form_of(std::string(1001, 'x'))), 413));
    CHECK(is_answered_with(upload(server, form_of(std::string(200'000, 'x'))), 413));

    for (const unsigned status : {201U, 201U, 507U, 507U}) {
        CHECK(is_answered_with(upload(server, form_of(std::string(1000, 'x'))), status));
    }
    CHECK(is_answered_with(upload(server, form_of(std::string(500, 'x'))), 201));
    CHECK(server.store().image_count() == 4);
    for (const auto& each : server.store().temp_images()) {
        CHECK(each.content.is_whole());
    }
    server.store().remove_all_images();
    CHECK(is_answered_with(upload(server, form_of(std::string(1000, 'x'))), 201));
}

TEST_CASE("embedded server: with replace_with_pattern large uploads are stored as a pattern")
{
    sandbox::server server{{.tls = false, .max_kept_body = 1000, .replace_with_pattern = true}};
    CHECK(is_answered_with(upload(server, form_of(std::string(5000, 'x'))), 201));
    CHECK(server.store().temp_images().back().content.size() == 5000);
    CHECK_FALSE(server.store().temp_images().back().content.is_whole());
}

TEST_CASE("embedded server: the tolerant mode accepts forms of other clients")
{
    const std::string picture = sandbox::make_picture(2, 2).bytes;
    const std::string form =
        form_of(picture, "Content-Disposition: form-data; name=image; filename=a.png; "
                         "filename*=utf-8''a.png\r\nContent-Length: 9\r\n");
    const sandbox::server strict{{.tls = false}};
    CHECK(is_answered_with(upload(strict, form), 400));
    sandbox::server tolerant{{.tls = false, .strict_multipart = false}};
    CHECK(is_answered_with(
        upload(tolerant, form, "multipart/form-data; charset=utf-8; boundary=\"limit\""), 201));
    const auto stored = tolerant.store().temp_images().back();
    CHECK(stored.content.kept() == picture);
    CHECK(stored.content_type == "image/png"); // detected from its bytes
}

TEST_CASE("embedded server: the certificate file is not written through a symbolic link")
{
    const temporary_directory folder;
    const auto mine = folder.write("mine", "precious");
    std::filesystem::create_directory(folder / "ca");
    std::filesystem::create_symlink(mine, folder / "ca" / "ca.pem");
    for (int n = 0; n < 2; ++n) { // an existing file is replaced
        const sandbox::server server{{.cert_dir = folder / "ca"}};
        CHECK(server.ca_file() == folder / "ca" / "ca.pem");
        CHECK_FALSE(std::filesystem::is_symlink(server.ca_file()));
        std::ifstream file{server.ca_file()};
        CHECK(std::string{std::istreambuf_iterator<char>{file}, {}} == server.ca_pem());
    }
    CHECK(std::filesystem::file_size(mine) == 8);
    CHECK(std::distance(std::filesystem::directory_iterator{folder / "ca"}, {}) == 1);
}
