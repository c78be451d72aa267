//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The small programs in examples/, run as users do.

#include "integration/support/child_process.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/temporary_directory.hpp"
#include "test_paths.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cyclos::test;
using asio::ip::tcp;
using cyclos::sandbox::content;
using words = std::vector<std::string>;

/// An example with its arguments.
process_options example(const std::string& name, const words& arguments)
{
    process_options options;
    options.command = {std::string{paths::examples} + '/' + name};
    options.command.insert(options.command.end(), arguments.begin(), arguments.end());
    return options;
}

/// An example for the images of the user demo.
process_options example(const std::string& name, const cyclos::sandbox::server& server,
                        const words& more = {})
{
    words arguments{server.url(), "demo", "demo"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(server.ca_file().string());
    return example(name, arguments);
}

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// The text after `begin`, to the end of the line.
std::string after(const std::string& text, const std::string& begin)
{
    const auto at = text.find(begin);
    REQUIRE(at != std::string::npos);
    return text.substr(at + begin.size(), text.find('\n', at) - at - begin.size());
}

std::string read_file(const std::filesystem::path& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

/// The address that the service prints.
tcp::endpoint endpoint_of(child_process& service)
{
    const auto port = service.wait_for_output("http://127.0.0.1:");
    return {asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(port))};
}

/// A connection of the test to the service.
class browser
{
public:
    explicit browser(const tcp::endpoint& address)
    {
        socket_.open(address.protocol());
        // A small buffer, so that unread data stays at the sender.
        socket_.set_option(asio::socket_base::receive_buffer_size{16 * 1024});
        socket_.connect(address);
    }

    void send(const std::string& text) { asio::write(socket_, asio::buffer(text)); }

    /// The header section of a response, with its empty line.
    std::string read_head()
    {
        const auto bytes = asio::read_until(socket_, asio::dynamic_buffer(read_), "\r\n\r\n");
        const std::string head = read_.substr(0, bytes);
        read_.erase(0, bytes);
        return head;
    }

    std::string read_body(std::size_t bytes)
    {
        if (bytes > read_.size()) {
            asio::read(socket_, asio::dynamic_buffer(read_),
                       asio::transfer_exactly(bytes - read_.size()));
        }
        const std::string body = read_.substr(0, bytes);
        read_.erase(0, bytes);
        return body;
    }

    std::string get(const std::string& id)
    {
        send("GET /" + id + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return read_head();
    }

private:
    asio::io_context context_;
    tcp::socket socket_{context_};
    std::string read_;
};

} // namespace

TEST_SUITE("examples")
{
    TEST_CASE("examples: each one prints its usage")
    {
        for (const std::string name : {"callbacks_and_futures", "copy_between_servers",
                                       "custom_source", "download_thumbnails", "first_call",
                                       "logging_spdlog", "service", "upload_with_progress"}) {
            CAPTURE(name);
            child_process program{example(name, words{})};
            CHECK(program.wait().status == 2);
            CHECK(contains(program.output() + program.errors(), "usage: " + name + ' '));
        }
    }

    TEST_CASE("examples: first_call lists images, and explains errors")
    {
        cyclos::sandbox::server server;
        child_process program{example("first_call", server)};
        CHECK(program.wait().status == 0);
        CHECK(contains(program.output(), std::string{fixture::portrait} + ' '));
        CHECK(contains(program.output(), "\n1 in all\n"));

        child_process stranger{
            example("first_call", {server.url(), "demo", "wrong", server.ca_file().string()})};
        CHECK(stranger.wait().status == 1);
        CHECK(contains(stranger.errors(), "does not know this user and password"));

        server.misbehave({.instead = cyclos::sandbox::ending::reset});
        child_process cut_off{example("first_call", server)};
        CHECK(cut_off.wait().status == 1);
        CHECK(contains(cut_off.errors(), "first_call: list_user_images at "));
        CHECK_FALSE(contains(cut_off.errors(), "has seen nothing"));

        const reserved_port closed_port;
        child_process lost{example(
            "first_call", {"https://127.0.0.1:" + std::to_string(closed_port.number()) + "/api",
                           "demo", "demo"})};
        CHECK(lost.wait().status == 1);
        CHECK(contains(lost.errors(), "has seen nothing"));
    }

    TEST_CASE("examples: upload_with_progress uploads a file")
    {
        cyclos::sandbox::server server;
        const temporary_directory directory;
        const auto file =
            directory.write("photo.png", cyclos::sandbox::make_picture(700, 500).bytes);
        child_process program{example("upload_with_progress", server, {file.string()})};
        CHECK(program.wait().status == 0);
        CHECK(contains(program.output(), "100 %\n"));
        const auto stored = server.store().find_image(after(program.output(), "stored as "));
        REQUIRE(stored);
        CHECK(stored->name == "photo.png");
        CHECK(stored->sha256 == sha256(read_file(file)));
    }

    TEST_CASE("examples: upload_with_progress stores nothing if it is interrupted")
    {
        cyclos::sandbox::server server;
        server.misbehave(
            {.method = "POST", .read_body = 8U << 20U, .instead = cyclos::sandbox::ending::freeze});
        const temporary_directory directory;
        const auto file = directory.write("photo.png", cyclos::sandbox::make_picture(8, 8).bytes);
        std::filesystem::resize_file(file, 256U << 20U);
        const auto before = server.store().image_count();
        child_process program{example("upload_with_progress", server, {file.string()})};
        program.wait_for_text(" %");
        program.send_signal(SIGINT);
        CHECK(program.wait().status == 1);
        CHECK(contains(program.errors(), "(the request was partly sent)"));
        CHECK_FALSE(contains(program.output(), "100 %"));
        CHECK(server.store().image_count() == before);
    }

    TEST_CASE("examples: download_thumbnails saves all thumbnails that can be downloaded")
    {
        cyclos::sandbox::server server;
        words ids{fixture::portrait};
        for (int i = 0; i < 8; ++i) {
            ids.push_back(server.store().add_image(
                {.content = content{cyclos::sandbox::make_picture(
                                        300, 200, i % 2 == 0 ? "image/png" : "image/jpeg")
                                        .bytes},
                 .owner = fixture::demo_id}));
        }
        server.misbehave({.target = ids[3], .status = 503});
        const temporary_directory directory;
        child_process program{example("download_thumbnails", server, {directory.path().string()})};
        CHECK(program.wait().status == 1);
        CHECK(server.statistics().accepted <= 4);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            CAPTURE(i);
            const auto file = directory / (ids[i] + (i % 2 == 0 && i > 0 ? ".jpg" : ".png"));
            const auto picture = cyclos::sandbox::inspect_picture(read_file(file));
            if (i == 3) {
                CHECK_FALSE(std::filesystem::exists(file));
                CHECK(contains(after(program.output(), ids[i] + ": "), "503"));
                continue;
            }
            REQUIRE(picture);
            CHECK(picture->width == (i == 0 ? 64 : 128));
            CHECK(after(program.output(), ids[i] + ": ") ==
                  std::to_string(read_file(file).size()) + " bytes");
        }
    }

    TEST_CASE("examples: copy_between_servers copies the images of an advertisement")
    {
        cyclos::sandbox::server source;
        cyclos::sandbox::server target;
        const temporary_directory directory;
        constexpr char token[] = "demo-access-client-token";
        for (const std::size_t size : {100'000U, 300'000U}) {
            source.store().add_image({.kind = "marketplace",
                                      .name = "image of " + std::to_string(size),
                                      .content = content::synthetic(size),
                                      .subject = fixture::simple_ad});
        }
        const auto before = source.store().advertisement_images(fixture::simple_ad);
        const auto old = target.store().advertisement_images(fixture::simple_ad).size();
        child_process program{example(
            "copy_between_servers",
            {source.url(), token, fixture::simple_ad, target.url(), token, fixture::simple_ad,
             directory.write("ca.pem", source.ca_pem() + target.ca_pem()).string()})};
        CHECK(program.wait().status == 0);
        CHECK(program.errors() == "");
        const auto after = target.store().advertisement_images(fixture::simple_ad);
        REQUIRE(after.size() == old + before.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            const auto& copy = after[old + i];
            CHECK(copy.name == before[i].name);
            CHECK(copy.content.size() == before[i].content.size());
        }
        CHECK(after.back().sha256 == sha256(pattern(300'000)));
    }

    TEST_CASE("examples: callbacks_and_futures makes each kind of call")
    {
        cyclos::sandbox::server server;
        child_process program{example("callbacks_and_futures", server)};
        CHECK(program.wait().status == 0);
        CHECK(contains(program.output(), "by a future: 1\n"));
        CHECK(contains(program.output(), "by a callback: 1\n"));
        CHECK(contains(program.output(), "missing: view_image at "));
        CHECK(contains(program.output(), "deferred: 1\n"));
        CHECK(server.statistics().requests == 4);
    }

    TEST_CASE("examples: logging_spdlog logs events")
    {
        cyclos::sandbox::server server;
        child_process program{example("logging_spdlog", server)};
        CHECK(program.wait().status == 0);
        for (const std::string_view text :
             {"connection 1: connecting to https://localhost:", "connection 1: open; resolve ",
              "list_user_images: acquired connection 1 (new)", "list_user_images: 200 done, ",
              "there are 1 images", "list_user_images: acquired connection 1 (reused)"}) {
            CAPTURE(text);
            CHECK(contains(program.output(), text));
        }
    }

    TEST_CASE("examples: custom_source uploads a generated image")
    {
        cyclos::sandbox::server server;
        child_process program{example("custom_source", server)};
        CHECK(program.wait().status == 0);
        const auto stored = server.store().find_image(after(program.output(), "stored as "));
        REQUIRE(stored);
        CHECK(stored->name == "fading.gif");
        CHECK(stored->content_type == "image/gif");
        CHECK(stored->width == 126);
        CHECK(stored->height == 4096);
        // All of it can be decoded.
        CHECK(cyclos::sandbox::scale_picture(stored->content.kept(), 63, 2048).has_value());
    }
}

TEST_SUITE("example service")
{
    TEST_CASE(
        "example service: it serves several clients concurrently, over persistent connections")
    {
        cyclos::sandbox::server server;
        for (int i = 1; i <= 8; ++i) {
            server.store().add_image(
                {.id = std::to_string(i),
                 .content = content::synthetic(static_cast<std::uint64_t>(i) * 50'000)});
        }
        child_process service{example("service", server)};
        const auto address = endpoint_of(service);
        std::vector<std::future<int>> browsers;
        for (int i = 1; i <= 8; ++i) {
            browsers.push_back(std::async(std::launch::async, [i, &address] {
                browser one{address};
                int good = 0;
                for (int n = 0; n < 10; ++n) {
                    const auto head = one.get(std::to_string(i));
                    const auto size = static_cast<std::size_t>(i) * 50'000;
                    good += contains(head, "HTTP/1.1 200 OK\r\n") &&
                                    one.read_body(size) == pattern(size)
                                ? 1
                                : 0;
                }
                return good;
            }));
        }
        for (auto& each : browsers) {
            CHECK(each.get() == 10);
        }

        browser one{address};
        CHECK(contains(one.get("missing"), "HTTP/1.1 404 "));
        CHECK(contains(one.get(""), "HTTP/1.1 400 "));
        one.send("HEAD /1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(contains(one.read_head(), "Content-Length: 50000\r\n"));
        server.misbehave({.target = "/images/content/1", .times = 1, .status = 500});
        CHECK(contains(one.get("1"), "HTTP/1.1 502 "));
        CHECK(contains(one.get("1"), "HTTP/1.1 200 "));

        service.send_signal(SIGTERM);
        CHECK(service.wait().status == 0);
        CHECK(service.errors() == "");
    }

    TEST_CASE("example service: it shuts down gracefully")
    {
        // More than the buffers of a connection hold.
        constexpr std::size_t size = 16U << 20U;
        cyclos::sandbox::server server;
        server.store().add_image({.id = "1", .content = content::synthetic(size)});
        child_process service{example("service", server)};
        const auto address = endpoint_of(service);
        browser idle{address};
        browser busy{address};
        CHECK(contains(busy.get("1"), "HTTP/1.1 200 OK\r\n"));

        service.send_signal(SIGTERM);
        service.wait_for_text("no more connections");
        CHECK_THROWS_AS(browser{address}, boost::system::system_error);
        CHECK(busy.read_body(size) == pattern(size));
        CHECK(service.wait().status == 0);
        CHECK(service.errors() == "");
    }
}
