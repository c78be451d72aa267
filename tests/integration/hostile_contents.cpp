//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Well-framed responses with hostile contents: JSON that exhausts resources, unrequested encodings,
// and texts that could be taken for paths, header fields or terminal commands.

#include "integration/support/integration_test.hpp"
#include "integration/support/temporary_directory.hpp"
#include "integration/support/tool.hpp"

#include <boost/algorithm/string/erase.hpp>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using namespace std::string_literals;
using cyclos::sandbox::misbehaviour;

const failure unexpected{errc::unexpected_response, phase::decoding, sent_state::complete};

cyclos::result<cyclos::image_view> viewed(const std::string& body, unsigned status = 200)
{
    sandbox_session session;
    session.server.misbehave({.status = status, .body = body});
    auto outcome = session.attempt(session.images.view_image("1"));
    CHECK(session.stats().idle == 1);
    return outcome;
}

cyclos::result<cyclos::uploaded_image> stored_at(const std::string& location)
{
    sandbox_session session;
    session.server.misbehave({.raw = "HTTP/1.1 201 Created\r\nLocation: " + location +
                                     "\r\nContent-Length: 1\r\n\r\n7"});
    return session.attempt(session.images.upload_user_image("self", memory_source{"x"s}));
}

std::size_t files_in(const std::filesystem::path& folder)
{
    return static_cast<std::size_t>(
        std::distance(std::filesystem::recursive_directory_iterator{folder}, {}));
}

} // namespace

TEST_SUITE("hostile JSON")
{
    TEST_CASE(
        "hostile JSON: JSON nested 10,000 levels is rejected, as a model and as an error body")
    {
        for (const auto& body :
             {std::string(10'000, '['), std::string(10'000, '[') + std::string(10'000, ']')}) {
            CHECK(failure_of(viewed(body)) == unexpected);
            CHECK(viewed(body, 422).as<cyclos::invalid_input>() != nullptr);
        }
        // As deep as the part of an error body that is read can be, in the nested format.
        std::string errors = "1";
        for (int n = 0; n < 2000; ++n) {
            errors = R"({"errors":{"a":)" + errors + "}}";
        }
        const auto refused = viewed(errors, 422);
        REQUIRE(refused.as<cyclos::invalid_input>());
        CHECK(refused.as<cyclos::invalid_input>()->details().errors.empty());
    }

    TEST_CASE("hostile JSON: JSON nested up to the limit is read, and deeper JSON is rejected")
    {
        const auto nested = [](std::size_t depth) {
            return R"({"id":"1","unknown":)" + std::string(depth, '[') + std::string(depth, ']') +
                   "}";
        };
        CHECK(viewed(nested(30))->id == "1");
        CHECK(failure_of(viewed(nested(40))) == unexpected);
    }

    TEST_CASE("hostile JSON: text that is not valid UTF-8 is rejected")
    {
        for (const std::string_view text : {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                            "\xf4\x90\x80\x80", "\xc3", "\x01", "\n", "\\x41"}) {
            CAPTURE(text);
            CHECK(failure_of(viewed(R"({"name":")" + std::string{text} + "\"}")) == unexpected);
            CHECK(failure_of(viewed(R"({")" + std::string{text} + "\":1}")) == unexpected);
        }
        CHECK(failure_of(viewed("{\"name\":\"a\0b\"}"s)) == unexpected);
    }

    TEST_CASE("hostile JSON: numbers out of range make the member absent, and malformed numbers "
              "are rejected")
    {
        for (const std::string_view number :
             {"-1", "1e400", "-1e400", "1.5", "4294967296", "18446744073709551616",
              "1e999999999999", "-1E+00000000000000000999999"}) {
            CAPTURE(number);
            CHECK_FALSE(viewed(R"({"width":)" + std::string{number} + "}")->width);
        }
        CHECK_FALSE(viewed(R"({"width":)" + std::string(400, '1') + "}")->width);
        for (const std::string_view number : {"1e", "NaN", "Infinity", "0x10", "01", "+1"}) {
            CAPTURE(number);
            CHECK(failure_of(viewed(R"({"width":)" + std::string{number} + "}")) == unexpected);
        }
    }

    TEST_CASE("hostile JSON: 100,000 members are read, with equal and different names")
    {
        for (const bool same : {true, false}) {
            std::string body = R"({"id":"1")";
            for (int n = 0; n < 100'000; ++n) {
                body += ",\"x" + (same ? "" : std::to_string(n)) + "\":0";
            }
            CHECK(viewed(body + "}")->id == "1");
        }
    }
}

TEST_SUITE("unrequested encodings")
{
    TEST_CASE("unrequested encodings: compressed content is rejected before anything is written")
    {
        for (const std::string_view encoding : {"gzip", "x-gzip", "deflate", "br", "zstd", "GZIP",
                                                "identity, gzip", "aes128gcm", "unheard-of"}) {
            for (const auto framing :
                 {cyclos::sandbox::framing::content_length, cyclos::sandbox::framing::chunked}) {
                CAPTURE(encoding);
                const temporary_directory directory;
                sandbox_session session;
                session.server.misbehave({.times = 1,
                                          .headers = {{"Content-Encoding", std::string{encoding}}},
                                          .framing = framing});
                const auto save = [&]() -> asio::awaitable<void> {
                    auto content = co_await session.images.get_image_content(fixture::portrait);
                    co_await content.save_to(directory / "saved.png");
                };
                const auto outcome = session.attempt(save());
                CHECK(failure_of(outcome) == unexpected);
                CHECK(outcome.error().operation() == "get_image_content");
                CHECK(files_in(directory.path()) == 0);
                session.run(save());
                CHECK(session.server.statistics().accepted == 2);
            }
        }
    }

    TEST_CASE("unrequested encodings: contents are requested as identity, and Content-Encoding "
              "identity is accepted")
    {
        sandbox_session session;
        session.server.misbehave({.times = 2, .headers = {{"Content-Encoding", "identity"}}});
        auto content = session.run(session.images.get_image_content(fixture::portrait));
        CHECK(session.run(content.read_all(1U << 20U)).size() == content.content_length());
        CHECK(session.last_request().header("Accept-Encoding") == "identity");
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.last_request().header("Accept-Encoding") == "identity");
        CHECK(session.server.statistics().accepted == 1);
    }

    TEST_CASE("unrequested encodings: a compressed model or id is rejected")
    {
        const std::string gzip =
            "\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0\x43\xbf\xa6\xa3\x02\0\0\0"s; // of {}
        for (const unsigned status : {200U, 201U}) {
            sandbox_session session;
            session.server.misbehave(
                {.status = status, .body = gzip, .headers = {{"Content-Encoding", "gzip"}}});
            CHECK(failure_of(session.attempt(session.images.view_image("1"))) == unexpected);
            CHECK(failure_of(session.attempt(
                      session.images.upload_temp_image(memory_source{"x"s}))) == unexpected);
        }
    }

    TEST_CASE(
        "unrequested encodings: a partial or empty success is not taken for the whole content")
    {
        for (const unsigned status : {201U, 202U, 204U, 205U, 206U, 299U}) {
            CAPTURE(status);
            sandbox_session session;
            session.server.misbehave(
                {.times = 1, .status = status, .body = "xxx", .content_type = "image/png"});
            CHECK(failure_of(session.attempt(session.images.get_image_content("1"))) == unexpected);
            CHECK(session.stats().in_use == 0);
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        }
    }
}

TEST_SUITE("content replaced by a proxy")
{
    TEST_CASE("content replaced by a proxy: a page or JSON with status 200 is rejected before "
              "anything is written")
    {
        for (const std::string_view type :
             {"text/html", "Text/HTML; charset=utf-8", "text/plain", "application/json",
              "application/problem+json", "Application/Problem+XML; charset=utf-8",
              "application/xml", "application/xhtml+xml"}) {
            CAPTURE(type);
            const temporary_directory directory;
            sandbox_session session;
            session.server.misbehave({.times = 1,
                                      .status = 200,
                                      .body = "<p>Log in first</p>",
                                      .content_type = std::string{type}});
            const auto save = [&]() -> asio::awaitable<void> {
                auto content = co_await session.images.get_image_content(fixture::portrait);
                co_await content.save_to(directory / "saved.png");
            };
            const auto outcome = session.attempt(save());
            CHECK(failure_of(outcome) == unexpected);
            CHECK(std::string_view{outcome.error().what()}.find(type) != std::string_view::npos);
            CHECK(files_in(directory.path()) == 0);
            session.run(save());
        }
    }

    TEST_CASE("content replaced by a proxy: images, octet streams and contents without a type are "
              "accepted")
    {
        for (const std::string_view type :
             {"image/png", "image/svg+xml", "application/octet-stream", "-"}) {
            CAPTURE(type);
            sandbox_session session;
            session.server.misbehave(
                {.times = 1, .status = 200, .body = "xyz", .content_type = std::string{type}});
            auto content = session.run(session.images.get_image_content(fixture::portrait));
            CHECK(session.run(content.read_all(10)) == "xyz");
        }
    }
}

TEST_SUITE("false length")
{
    TEST_CASE("false length: memory is allocated only for bytes that arrive")
    {
        const std::uint64_t most = std::string{}.max_size() - 1000;
        for (const std::uint64_t length : {most, ~std::uint64_t{0}}) {
            CAPTURE(length);
            sandbox_session session;
            session.server.misbehave(
                {.raw = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: " +
                        std::to_string(length) + "\r\n\r\nabc",
                 .end = cyclos::sandbox::ending::notify});
            auto content = session.run(session.images.get_image_content("1"));
            CHECK(content.content_length() == length);
            CHECK(session.attempt(content.read_all(~std::uint64_t{0})).error().code() ==
                  (length == most ? errc::connection_lost : errc::body_limit));
        }
    }
}

TEST_SUITE("hostile locations and ids")
{
    TEST_CASE("hostile locations and ids: a redirect to itself is not followed, for any method")
    {
        for (const unsigned status : {300U, 301U, 302U, 303U, 307U, 308U}) {
            CAPTURE(status);
            sandbox_session session;
            session.server.misbehave(
                {.status = status, .headers = {{"Location", "/api/images/1"}}});
            const std::vector<std::string> ids{"1"};
            const auto failed = [&](const auto& outcome) {
                const auto* e = outcome.template as<cyclos::api_error>();
                return e != nullptr && e->status() == status;
            };
            CHECK(failed(session.attempt(session.images.view_image("1"))));
            CHECK(failed(session.attempt(session.images.get_image_content("1"))));
            CHECK(failed(
                session.attempt(session.images.upload_user_image("self", memory_source{"x"s}))));
            CHECK(failed(session.attempt(session.images.reorder_profile_images("self", ids))));
            CHECK(failed(session.attempt(session.images.delete_image("1"))));
            CHECK(session.server.statistics().requests == 5);
        }
    }

    TEST_CASE("hostile locations and ids: the location of an upload is returned unchanged, and not "
              "followed")
    {
        for (const std::string_view text :
             {"../../../etc/passwd", "file:///etc/passwd", "https://elsewhere.invalid/x",
              "%00%0d%0aX: y", "//", "\xff", "javascript:alert(1)"}) {
            CAPTURE(text);
            CHECK(stored_at(std::string{text})->location == text);
        }
        CHECK_FALSE(stored_at("")->location.has_value());
    }

    TEST_CASE(
        "hostile locations and ids: a location with control characters is a malformed response")
    {
        for (const auto& text :
             {"/a\0b"s, "/a\x01"s, "/a\x1b[31m"s, "/a\nX: y"s, "/a\rX: y"s, "/a\x7f"s}) {
            CHECK(failure_of(stored_at(text)) ==
                  failure{errc::malformed_response, phase::receiving, sent_state::complete});
        }
    }

    TEST_CASE(
        "hostile locations and ids: an id that looks like a path stays one segment, or is rejected")
    {
        sandbox_session session;
        session.server.misbehave(
            {.status = 200, .body = R"([{"id":"../../auth/session"},{"id":".."},{"id":"a\r\nX: y"},
            {"id":"a\u0000b"},{"id":"1?fields=x#y"}])"});
        const auto images = session.run(session.images.list_temp_images());
        session.server.clear_misbehaviours();
        REQUIRE(images.size() == 5);
        const auto asked = [&](std::size_t n) {
            CHECK(session.attempt(session.images.delete_image(*images[n].id))
                      .template as<cyclos::api_error>());
            return std::string{session.last_request().target()};
        };
        CHECK(asked(0) == "/api/images/..%2F..%2Fauth%2Fsession");
        CHECK(session.attempt(session.images.delete_image(*images[1].id)).error().code() ==
              errc::invalid_argument);
        CHECK(asked(2) == "/api/images/a%0D%0AX%3A%20y");
        CHECK(asked(3) == "/api/images/a%00b");
        CHECK(asked(4) == "/api/images/1%3Ffields%3Dx%23y");
    }

    TEST_CASE("hostile locations and ids: the id of an upload must be one word")
    {
        for (const auto& id :
             {"a\0b"s, "a\nb"s, "\x1b[31m1"s, "1 2"s, "\xff"s, std::string(300, '1')}) {
            sandbox_session session;
            session.server.misbehave({.status = 201, .body = id, .content_type = "text/plain"});
            CHECK(failure_of(session.attempt(
                      session.images.upload_temp_image(memory_source{"x"s}))) == unexpected);
        }
    }
}

TEST_SUITE("tool and names from servers")
{
    TEST_CASE("tool and names from servers: a download is named by its key, and not by the server")
    {
        cyclos::sandbox::server server;
        server.misbehave(
            {.headers = {{"Content-Disposition", "attachment; filename=\"../../evil.png\""},
                         {"Location", "../evil.png"},
                         {"Content-Location", "/tmp/evil.png"}}});
        const tool t{server};
        t.result({"get-image-content", "demo-portrait.png"});
        CHECK(t.files() == std::vector<std::string>{"demo-portrait.png"});
    }

    TEST_CASE("tool and names from servers: a key that looks like a path names a file in the "
              "current folder")
    {
        cyclos::sandbox::server server;
        const std::vector<std::pair<std::string, std::string>> keys{{"../../up.png", "up.png"},
                                                                    {"/etc/abs.png", "abs.png"},
                                                                    {"..\\back.png", "back.png"},
                                                                    {"x/..", "__"},
                                                                    {"x/.profile", "_profile"},
                                                                    {"-rf", "_rf"},
                                                                    {"x/", "image"},
                                                                    {"a\nb\x1b[31m", "a_b_[31m"},
                                                                    {"c:d", "c_d"},
                                                                    {"\xff\xfe", "__"}};
        for (const auto& [key, name] : keys) {
            CAPTURE(key);
            server.store().add_image(
                {.key = key, .content = cyclos::sandbox::content::synthetic(10)});
            const tool t{server};
            const auto done = t.run({"get-image-content", "--", key});
            CHECK(done.status == 0);
            CHECK(t.files() == std::vector<std::string>{name});
            CHECK(files_in(t.folder().path()) == 1);
        }
    }

    TEST_CASE("tool and names from servers: text from the server contains no control characters in "
              "the terminal or in JSON")
    {
        // JSON replaces invalid UTF-8 by a character.
        const auto tame = [](std::string text) {
            boost::algorithm::erase_all(text, "\xef\xbf\xbd");
            return std::ranges::all_of(text,
                                       [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
        };
        cyclos::sandbox::server server;
        // Bytes that are allowed in a field: some are an escape sequence for 8-bit terminals.
        server.misbehave({.method = "GET",
                          .headers = {{"Content-Type", "image/\x9b"
                                                       "31mpng"}},
                          .omit_headers = {"Content-Type"}});
        server.misbehave({.raw = "HTTP/1.1 201 Created\r\nLocation: /\x9b"
                                 "31m\r\nContent-Length: 1\r\n\r\n7"});
        const tool t{server};
        for (const bool json : {true, false}) {
            for (const arguments& line :
                 std::vector<arguments>{{"get-image-content", "demo-portrait.png", "--force"},
                                        {"upload-temp-image", "demo-portrait.png"}}) {
                auto full = line;
                full.emplace_back(json ? "--json" : "--quiet");
                const auto done = t.run(full);
                CAPTURE(line.front());
                CHECK(done.status == 0);
                CAPTURE(done.output);
                CHECK(tame(done.output));
                CHECK(tame(done.errors));
                if (json) {
                    CHECK_NOTHROW(cyclos::test::json::parse(done.output));
                }
            }
        }
    }
}
