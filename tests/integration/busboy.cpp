//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Forms read by an independent parser: busboy, in Node.

#include "integration/support/integration_test.hpp"
#include "integration/support/node_server.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/json/value_to.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using namespace std::string_literals;

/// The one part of an upload as busboy reads it.
struct found
{
    std::string file_name = {};
    std::string media_type = {};
    std::uint64_t size = 0;
    std::string sha256 = {};
};

class busboy_session : public client_session
{
public:
    busboy_session()
        : busboy_session(std::make_unique<busboy_server>())
    {}

    found upload(cyclos::source content)
    {
        const auto stored = run(images.upload_temp_image(std::move(content), {.name = "a name"}));
        last = server_->last_upload().as_object();
        CHECK(stored.location == "/images/content/" + stored.id);
        CHECK(last.at("method") == "POST");
        CHECK(last.at("path") == "/api/images/temp");
        CHECK(last.at("name") == "a name");
        const auto& parts = last.at("parts").as_array();
        REQUIRE(parts.size() == 1);
        const auto& part = parts[0].as_object();
        CHECK(part.at("field") == "image");
        const auto text = [&](std::string_view name) {
            return boost::json::value_to<std::string>(part.at(name));
        };
        return {text("fileName"), text("mimeType"), part.at("size").to_number<std::uint64_t>(),
                text("sha256")};
    }

    boost::json::object last;

private:
    explicit busboy_session(std::unique_ptr<busboy_server> server)
        : client_session(cyclos::config{server->url() + "/api"})
        , server_(std::move(server))
    {}

    std::unique_ptr<busboy_server> server_;
};

} // namespace

TEST_SUITE("forms parsed by busboy")
{
    TEST_CASE("forms parsed by busboy: uploads of known and unknown length arrive unchanged")
    {
        busboy_session session;
        const std::vector<std::string> contents{""s,
                                                "x"s,
                                                "\r\n"s,
                                                "\r\n--"s,
                                                "--\r\n\r\n--cyclos-\r\n"s,
                                                "\0\0\0"s,
                                                std::string(70'000, '\r'),
                                                std::string(70'000, '-'),
                                                pattern(131'072),
                                                pattern(5'000'000)};
        for (const auto& bytes : contents) {
            for (const bool known : {true, false}) {
                auto part =
                    known ? session.upload(memory_source{bytes, "x.png", "image/png"}) : [&] {
                        pattern_source unknown{bytes.size()};
                        unknown.announced_length.reset();
                        return session.upload(std::move(unknown));
                    }();
                CHECK(part.size == bytes.size());
                CHECK(part.sha256 == sha256(known ? bytes : pattern(bytes.size())));
                CHECK(session.last.at("contentLength").is_null() == !known);
                CHECK(session.last.at("transferEncoding").is_null() == known);
            }
        }
    }

    TEST_CASE("forms parsed by busboy: files arrive unchanged")
    {
        busboy_session session;
        const temporary_directory directory;
        for (const std::size_t size : {0U, 1U, 131'072U, 7'000'000U}) {
            const auto part =
                session.upload(file_source{directory.write("möbius.png", pattern(size))});
            CHECK(part.file_name == "möbius.png");
            CHECK(part.size == size);
            CHECK(part.sha256 == sha256(pattern(size)));
        }
    }

    TEST_CASE("forms parsed by busboy: file names are escaped as browsers do")
    {
        busboy_session session;
        const std::vector<std::pair<std::string, std::string>> names{
            {"plain.png", "plain.png"},
            {"möbius 表 🙂.png", "möbius 表 🙂.png"},
            {"a \"quoted\" one.png", "a %22quoted%22 one.png"},
            {"two\r\nlines.png", "two%0D%0Alines.png"},
            {"x\"\r\nContent-Type: text/html\r\n\r\n<script>",
             "x%22%0D%0AContent-Type: text/html%0D%0A%0D%0A<script>"},
            {"50%22.png", "50%22.png"},
            {"C:\\temp\\x.png", "C:\\temp\\x.png"},
            {"semi;colon=x.png", "semi;colon=x.png"},
            {"../../etc/passwd", "../../etc/passwd"},
            {"'", "'"},
        };
        for (const auto& [name, seen] : names) {
            CAPTURE(name);
            const auto part = session.upload(memory_source{"bytes"s, name, "image/png"});
            CHECK(part.file_name == seen);
            CHECK(part.media_type == "image/png");
            CHECK(part.sha256 == sha256("bytes"));
        }
    }

    TEST_CASE("forms parsed by busboy: media types arrive")
    {
        busboy_session session;
        CHECK(session.upload(memory_source{"GIF89a"s}).media_type == "image/gif");
        CHECK(session.upload(memory_source{"?"s}).media_type == "application/octet-stream");
        CHECK(session.upload(memory_source{"?"s, "x", "image/svg+xml"}).media_type ==
              "image/svg+xml");
    }
}
