//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Hostile servers: endless responses, and responses that readers may interpret differently. Merely
// broken responses are in broken_responses.cpp, and hostile contents in hostile_contents.cpp.

#include "integration/support/endless_server.hpp"
#include "integration/support/integration_test.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using namespace std::string_literals;
using cyclos::sandbox::misbehaviour;

const failure malformed{errc::malformed_response, phase::receiving, sent_state::complete};
const failure header_limit{errc::header_limit, phase::receiving, sent_state::complete};
const failure body_limit{errc::body_limit, phase::receiving, sent_state::complete};
const failure unexpected{errc::unexpected_response, phase::decoding, sent_state::complete};

const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";

/// The result of a response. Its connection is never reused, and the next request works.
cyclos::result<cyclos::image_view> answered(misbehaviour script)
{
    sandbox_session session;
    script.times = 1;
    session.server.misbehave(std::move(script));
    auto outcome = session.attempt(session.images.view_image(fixture::portrait));
    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    CHECK(session.server.statistics().accepted == 2);
    return outcome;
}

/// The maximum that a client reads, including the buffers of the system: the limit of a body here,
/// with its framing.
constexpr std::uint64_t most = 4U << 20U;

/// The error of an operation with an endless response. The client reads little of it, and closes
/// the connection.
template <class Operation>
failure endless(endless_server& server, Operation operation)
{
    cyclos::config settings{server.url(), demo()};
    settings.max_json_size = 1U << 20U;
    settings.timeouts.inactivity = settings.timeouts.response_header = 60s;
    client_session session{settings};
    const auto outcome = session.attempt(operation(session.images));
    session.until([&] { return session.stats().in_use == 0; });
    session.until([&] { return server.ended(); });
    CHECK(server.sent() < most);
    return failure_of(outcome);
}

asio::awaitable<std::string> viewed(cyclos::images_api images)
{
    co_return (co_await images.view_image("1")).name.value_or("");
}

asio::awaitable<std::string> read(cyclos::images_api images)
{
    auto content = co_await images.get_image_content("1");
    co_return co_await content.read_all(1U << 20U);
}

} // namespace

TEST_SUITE("endless response")
{
    TEST_CASE("endless response: fields, in one line or many, end with header_limit")
    {
        for (const std::string_view more :
             {"x", "a:b\r\n", "X-Field: value\r\n", "a:\r\n", " folded\r\n"}) {
            CAPTURE(more);
            endless_server server{ok + "X-First: 1\r\n", std::string{more}};
            CHECK(endless(server, viewed) == header_limit);
        }
    }

    TEST_CASE("endless response: a reason phrase ends with header_limit")
    {
        endless_server server{"HTTP/1.1 200 ", "very "};
        CHECK(endless(server, viewed) == header_limit);
    }

    TEST_CASE("endless response: interim responses end with malformed_response")
    {
        for (const std::string_view more :
             {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"}) {
            endless_server server{"", std::string{more}};
            CHECK(endless(server, viewed) == malformed);
        }
    }

    TEST_CASE(
        "endless response: chunk extensions, or many nearly empty chunks, end with header_limit")
    {
        const auto many = "1;" + std::string(200, 'x') + "\r\n \r\n";
        for (const auto& [begin, more] : std::vector<std::pair<std::string, std::string>>{
                 {chunked + "1;", "x"}, {chunked + "1;a=\"", "\\\""}, {chunked, many}}) {
            CAPTURE(more);
            for (const auto operation : {viewed, read}) {
                endless_server server{begin, more};
                CHECK(endless(server, operation) == header_limit);
            }
        }
    }

    TEST_CASE("endless response: trailers end with header_limit")
    {
        for (const std::string_view more : {"x", "a: b\r\n"}) {
            for (const auto operation : {viewed, read}) {
                endless_server server{chunked + "2\r\n{}\r\n0\r\n", std::string{more}};
                CHECK(endless(server, operation) == header_limit);
            }
        }
    }

    TEST_CASE("endless response: bodies end with body_limit")
    {
        for (const auto& [begin, more] : std::vector<std::pair<std::string, std::string>>{
                 {ok + "\r\n", " "},
                 {chunked, "4\r\n    \r\n"},
                 {chunked + "ffffffffffffffff\r\n", " "}}) {
            for (const auto operation : {viewed, read}) {
                endless_server server{begin, more};
                CHECK(endless(server, operation) == body_limit);
            }
        }
    }

    TEST_CASE("endless response: an error body is truncated, and the status is reported")
    {
        for (const std::string_view head :
             {"HTTP/1.1 500 No\r\n\r\n", "HTTP/1.1 302 Found\r\n\r\n"}) {
            endless_server server{std::string{head}, "x"};
            const auto outcome = endless(server, viewed);
            CHECK(outcome.code.category() == cyclos::http_status_category());
        }
    }

    TEST_CASE("endless response: input that is not HTTP is rejected at its first bytes")
    {
        for (const std::string& more :
             {"SSH-2.0-OpenSSH_9.2\r\n"s, "\0\0\0\0"s, "HTTP/2.0"s, "\r\n"s}) {
            endless_server server{"", more};
            CHECK(endless(server, viewed) == malformed);
        }
    }

    TEST_CASE("endless response: an upload ends with header_limit")
    {
        endless_server server{ok + "X-First: 1\r\n", "x"};
        CHECK(endless(server, [](cyclos::images_api images) {
                  return images.upload_user_image("self", memory_source{"x"s});
              }) == header_limit);
    }
}

TEST_SUITE("ambiguous response")
{
    TEST_CASE("ambiguous response: conflicting or invalid framing fields are rejected")
    {
        for (const std::string_view fields :
             {"Content-Length: 2\r\nTransfer-Encoding: chunked",
              "Transfer-Encoding: chunked\r\nContent-Length: 2",
              "Transfer-Encoding: gzip\r\nContent-Length: 2",
              "Content-Length: 2\r\nTransfer-Encoding: identity",
              "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
              "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, gzip",
              "Transfer-Encoding: chunked, chunked",
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
              "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: xchunked",
              "Transfer-Encoding: \"chunked\"", "Transfer-Encoding:", "Transfer-Encoding : chunked",
              "Transfer-Encoding:\x0b"
              "chunked",
              "Transfer-Encoding\r\n : chunked"}) {
            CAPTURE(fields);
            CHECK(failure_of(answered({.raw = ok + std::string{fields} +
                                              "\r\n\r\n2\r\n{}\r\n0\r\n\r\n"})) == malformed);
        }
    }

    TEST_CASE("ambiguous response: multiple, missing, negative or too large lengths are rejected")
    {
        for (const std::string_view value :
             {"2\r\nContent-Length: 3", "2, 3", "2,", ",", "", "-1", "-0", "+2", "0x2", "2.0",
              "2 2", "two", "1e1", "18446744073709551616", "99999999999999999999999999",
              "18446744073709551615\r\nContent-Length: -1"}) {
            CAPTURE(value);
            CHECK(failure_of(answered({.raw = ok + "Content-Length: " + std::string{value} +
                                              "\r\n\r\n{}"})) == malformed);
        }
        CHECK(failure_of(answered(
                  {.raw = ok + "Content-Length: 18446744073709551615\r\n\r\n{}"})) == body_limit);
    }

    TEST_CASE(
        "ambiguous response: a length within the limit that exceeds a string ends with body_limit")
    {
        constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();
        for (const std::uint64_t length : {std::uint64_t{std::string{}.max_size()}, no_limit}) {
            const misbehaviour script{.raw = ok + "Content-Length: " + std::to_string(length) +
                                             "\r\n\r\n{}"};
            sandbox_session session{{}, [](cyclos::config& c) { c.max_json_size = no_limit; }};
            session.server.misbehave(script);
            CHECK(failure_of(session.attempt(session.images.view_image("1"))) == body_limit);
            auto content = session.run(session.images.get_image_content("1"));
            CHECK(failure_of(session.attempt(content.read_all(no_limit))) == body_limit);
        }
    }

    TEST_CASE("ambiguous response: chunk sizes that overflow or are malformed are rejected")
    {
        for (const std::string_view size : {"10000000000000000", "fffffffffffffffffff", "0x2", "+2",
                                            "-2", " 2", "2 2", "", "g", "2 x"}) {
            CAPTURE(size);
            CHECK(failure_of(answered(
                      {.raw = chunked + std::string{size} + "\r\n{}\r\n0\r\n\r\n"})) == malformed);
        }
        CHECK(failure_of(answered({.raw = chunked + "ffffffffffffffff\r\n{}",
                                   .end = cyclos::sandbox::ending::notify})) ==
              failure{errc::connection_lost, phase::receiving, sent_state::complete});
    }

    TEST_CASE("ambiguous response: lines that end with a bare LF or CR are rejected, in pieces of "
              "any size")
    {
        for (const std::string_view raw :
             {"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
              "HTTP/1.1 200 OK\r\nContent-Length: 2\n\n{}",
              "HTTP/1.1 200 OK\r\nContent-Length: 2\nX: y\r\n\r\n{}",
              "HTTP/1.1 200 OK\nX: y\r\n\r\n{}",
              "HTTP/1.1 200 OK\r\nX: y\rContent-Length: 2\r\n\r\n{}",
              "HTTP/1.1 200 OK\r\n\nContent-Length: 2\r\n\r\n{}",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n"}) {
            for (const std::uint64_t piece : {0U, 1U, 20U}) {
                CAPTURE(raw);
                CAPTURE(piece);
                CHECK(failure_of(answered({.raw = std::string{raw}, .piece = piece})) == malformed);
            }
        }
    }

    TEST_CASE("ambiguous response: a bare LF in a chunk line is rejected at once, although nothing "
              "follows")
    {
        for (const std::string_view body : {"2\n", "2;x\n", "2\r\n{}\n", "2\r\n{}\r\n0\n",
                                            "2\r\n{}\r\n0\r\n\n", "2\r\n{}\r\n0\r\nX: y\n"}) {
            CAPTURE(body);
            const auto begin = std::chrono::steady_clock::now();
            CHECK(failure_of(answered({.raw = chunked + std::string{body},
                                       .end = cyclos::sandbox::ending::hang})) == malformed);
            CHECK(std::chrono::steady_clock::now() - begin <
                  10s); // and not after the 30 s of timeouts.inactivity
        }
    }

    TEST_CASE("ambiguous response: padded chunk sizes and status lines without the last space are "
              "accepted")
    {
        for (const std::string_view raw :
             {"HTTP/1.1 200\r\nContent-Length: 11\r\n\r\n{\"width\":1}",
              "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\nb   \r\n{\"width\":1}\r\n0   "
              "\r\n\r\n",
              "HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\nContent-Length: 11\r\n\r\n{\"width\":1}"}) {
            for (const std::uint64_t piece : {0U, 1U, 13U}) {
                CAPTURE(raw);
                CAPTURE(piece);
                sandbox_session session;
                session.server.misbehave({.times = 1, .raw = std::string{raw}, .piece = piece});
                CHECK(session.run(session.images.view_image("1")).width == 1);
                CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
                CHECK(session.server.statistics().accepted == 1);
            }
        }
    }

    TEST_CASE(
        "ambiguous response: a header section above the limit is rejected, in pieces of any size")
    {
        for (const std::uint64_t piece : {0U, 1000U, 8191U}) {
            for (const std::size_t size : {16384U, 16385U, 30000U}) {
                CAPTURE(piece);
                CAPTURE(size);
                std::string raw = ok + "Content-Length: 2\r\nX: \r\n\r\n";
                raw.insert(raw.size() - 4, size - raw.size(), 'x');
                sandbox_session session;
                session.server.misbehave({.times = 1, .raw = raw + "{}", .piece = piece});
                const auto outcome = session.attempt(session.images.view_image("1"));
                CHECK(outcome.has_value() == (size == 16384));
                if (!outcome.has_value()) {
                    CHECK(failure_of(outcome) == header_limit);
                }
            }
        }
    }

    TEST_CASE("ambiguous response: a 304 may have a Content-Length, and the connection is reused")
    {
        sandbox_session session;
        session.server.misbehave(
            {.times = 1,
             .raw = "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 1000\r\n\r\n"});
        CHECK(session.run(session.images.get_image_content("1", {.if_none_match = "\"a\""}))
                  .not_modified());
        CHECK(session.stats().idle == 1);
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.server.statistics().accepted == 1);
    }

    TEST_CASE("ambiguous response: malformed status lines are rejected")
    {
        for (const std::string_view line :
             {"HTTP/1.1 000 Nothing", "HTTP/1.1 099 Less", "HTTP/1.1 -20 OK", "HTTP/1.1 20 OK",
              "HTTP/1.1  200 OK", "HTTP/1.2 200 OK", "HTTP/0.9 200 OK", "http/1.1 200 OK",
              "HTTP/1.1\t200 OK", " HTTP/1.1 200 OK", "\r\nHTTP/1.1 200 OK"}) {
            CAPTURE(line);
            CHECK(failure_of(answered({.raw = std::string{line} +
                                              "\r\nContent-Length: 2\r\n\r\n{}"})) == malformed);
        }
    }

    TEST_CASE("ambiguous response: malformed fields are rejected")
    {
        for (const std::string& field :
             {": value"s, "na me: value"s, "name : value"s, "na\0me: value"s, "name: va\0lue"s,
              "name: va\x01lue"s, "name: va\x7flue"s, "n\xc3\xa4me: value"s, "\x80: value"s}) {
            CAPTURE(field);
            CHECK(failure_of(answered({.raw = ok + field + "\r\nContent-Length: 2\r\n\r\n{}"})) ==
                  malformed);
        }
    }

    TEST_CASE("ambiguous response: a 204 or 304 has no body, and bytes after it are never read as "
              "a response")
    {
        const std::string other = R"({"width":1})";
        for (const std::string_view framing :
             {"Content-Length: 11\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nb\r\n"}) {
            for (const std::string_view status : {"204 No Content", "304 Not Modified"}) {
                const auto raw = "HTTP/1.1 " + std::string{status} + "\r\n" + std::string{framing};
                // All of it at once; and only the header section, so that the body may arrive at
                // any time.
                for (const auto& text : {raw + other, raw.substr(0, raw.find("\r\n\r\n") + 4)}) {
                    CAPTURE(text);
                    sandbox_session session;
                    session.server.misbehave({.times = 1, .raw = text});
                    const auto outcome = session.attempt(session.images.delete_image("1"));
                    CHECK(outcome.has_value() == status.starts_with("204"));
                    const bool is_legal =
                        status.starts_with("304") && text.ends_with("Content-Length: 11\r\n\r\n");
                    CHECK(session.stats().idle == (is_legal ? 1 : 0));
                    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
                }
            }
        }
    }

    TEST_CASE("ambiguous response: chunks in HTTP/1.0 are read, and the connection is not reused")
    {
        const auto outcome =
            answered({.raw = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
                             "Transfer-Encoding: chunked\r\n\r\nb\r\n{\"width\":1}\r\n0\r\n\r\n"});
        CHECK(outcome->width == 1);
    }

    TEST_CASE("ambiguous response: an empty chunked body is read, in pieces of any size")
    {
        for (const std::uint64_t piece : {1U, 2U, 3U, 4U}) {
            sandbox_session session;
            // With pauses, as pieces that arrive together are read together.
            session.server.misbehave(
                {.raw = chunked + "0\r\n\r\n", .piece = piece, .piece_delay = 3ms});
            CHECK_NOTHROW(session.run(session.images.delete_image("1")));
            CHECK(failure_of(session.attempt(session.images.view_image("1"))) == unexpected);
            CHECK(session.server.statistics().accepted == 1);
        }
    }
}
