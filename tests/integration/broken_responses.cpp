//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Responses that break off or are malformed.

#include "integration/support/integration_test.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::sandbox::misbehaviour;

const std::vector<ending> all_ends{ending::notify, ending::fin, ending::reset};

/// The result of a request with this response. The next one must succeed, on a new connection
/// unless `kept` is set.
cyclos::result<cyclos::image_view> viewed(misbehaviour script, bool kept = false,
                                          const adjustment& adjust = {}, bool tls = true)
{
    sandbox_session session{{.tls = tls}, adjust};
    script.times = 1;
    session.server.misbehave(std::move(script));
    auto outcome = session.attempt(session.images.view_image(fixture::portrait));
    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    CHECK(session.server.statistics().accepted == (kept ? 1 : 2));
    CHECK(session.server.statistics().requests == 2);
    return outcome;
}

/// The result of reading a content of 100,000 bytes.
cyclos::result<std::string> downloaded(misbehaviour script, bool tls = true)
{
    sandbox_session session{{.tls = tls}, [](cyclos::config& c) { c.downloads.max_resumes = 0; }};
    session.server.store().add_image(
        {.id = "1", .content = cyclos::sandbox::content::synthetic(100'000)});
    script.times = 1;
    session.server.misbehave(std::move(script));
    auto content = session.run(session.images.get_image_content("1"));
    auto outcome = session.attempt(content.read_all(1 << 20));
    CHECK(content.done() == outcome.has_value());
    CHECK(session.run(session.images.view_image("1")).length == 100'000);
    return outcome;
}

failure lost(phase failed_phase, sent_state sent = sent_state::complete)
{
    return {errc::connection_lost, failed_phase, sent};
}

failure malformed()
{
    return {errc::malformed_response, phase::receiving, sent_state::complete};
}

} // namespace

TEST_SUITE("cut connection")
{
    TEST_CASE("cut connection: before the response, the error is connection_lost while awaiting "
              "the response")
    {
        for (const bool tls : {true, false}) {
            for (const auto end : all_ends) {
                CHECK(failure_of(viewed({.instead = end}, false, {}, tls)) ==
                      lost(phase::awaiting_response));
            }
        }
    }

    TEST_CASE("cut connection: in the header section, the error is connection_lost")
    {
        for (const auto end : all_ends) {
            for (const std::uint64_t bytes : {1U, 12U, 40U}) {
                CHECK(failure_of(viewed({.stop_after = bytes, .stopped = end})) ==
                      lost(phase::receiving));
            }
        }
    }

    TEST_CASE("cut connection: in a body with Content-Length, the error is connection_lost")
    {
        for (const auto end : all_ends) {
            CHECK(failure_of(viewed({.status = 200,
                                     .body = std::string(5000, 'x'),
                                     .stop_after = 1000,
                                     .stopped = end})) == lost(phase::receiving));
            CHECK(failure_of(downloaded({.stop_after = 50'000, .stopped = end})) ==
                  lost(phase::receiving));
        }
    }

    TEST_CASE("cut connection: in a chunked body, the error is connection_lost")
    {
        for (const auto end : all_ends) {
            CHECK(failure_of(viewed({.status = 200,
                                     .body = std::string(5000, 'x'),
                                     .framing = framing::chunked,
                                     .stop_after = 1000,
                                     .stopped = end})) == lost(phase::receiving));
            CHECK(failure_of(downloaded(
                      {.framing = framing::chunked, .stop_after = 50'000, .stopped = end})) ==
                  lost(phase::receiving));
        }
    }

    TEST_CASE("cut connection: between the last chunk and the end of a chunked body, the error is "
              "connection_lost")
    {
        const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (const std::string_view rest :
             {"2\r\n{}", "2\r\n{}\r\n", "2\r\n{}\r\n0\r\n", "2\r\n{}\r\n0\r\n\r"}) {
            CAPTURE(rest);
            CHECK(failure_of(viewed({.raw = head + std::string{rest}, .end = ending::notify})) ==
                  lost(phase::receiving));
        }
    }

    TEST_CASE("cut connection: in a body that lasts until the end of the connection, only a "
              "close_notify is a valid end")
    {
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}";
        CHECK(viewed({.raw = head, .end = ending::notify}).has_value());
        CHECK(failure_of(viewed({.raw = head, .end = ending::fin})) == lost(phase::receiving));
        CHECK(failure_of(viewed({.raw = head, .end = ending::reset})) == lost(phase::receiving));

        // Without TLS the end of TCP is the only one.
        CHECK(viewed({.raw = head, .end = ending::fin}, false, {}, false).has_value());

        CHECK(downloaded({.framing = framing::until_close, .end = ending::notify}).value() ==
              pattern(100'000));
        CHECK(failure_of(downloaded({.framing = framing::until_close, .end = ending::fin})) ==
              lost(phase::receiving));
        CHECK(failure_of(downloaded({.framing = framing::until_close,
                                     .stop_after = 50'000,
                                     .stopped = ending::fin})) == lost(phase::receiving));
    }

    TEST_CASE("cut connection: after a complete response, the response is used")
    {
        for (const auto end : all_ends) {
            CHECK(viewed({.status = 200, .body = "{}", .end = end}).has_value());
        }
    }
}

TEST_SUITE("malformed response")
{
    TEST_CASE("malformed response: input that is not HTTP, or has conflicting lengths, is rejected")
    {
        for (const std::string_view raw :
             {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
              "<html></html>\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"}) {
            CAPTURE(raw);
            CHECK(failure_of(viewed({.raw = std::string{raw}})) == malformed());
        }
    }

    TEST_CASE("malformed response: a malformed chunk is rejected")
    {
        const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (const std::string_view rest :
             {"zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}X\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n"}) {
            CAPTURE(rest);
            CHECK(failure_of(viewed({.raw = head + std::string{rest}})) == malformed());
        }
    }

    TEST_CASE("malformed response: a header section larger than max_header_size is rejected")
    {
        const failure expected{errc::header_limit, phase::receiving, sent_state::complete};
        for (const std::size_t size : {1100U, 5000U, 100'000U}) {
            const auto outcome = viewed(
                {.status = 200, .body = "{}", .headers = {{"X-Long", std::string(size, 'x')}}},
                false, [](cyclos::config& c) { c.max_header_size = 1024; });
            CHECK(failure_of(outcome) == expected);
        }
        CHECK(failure_of(viewed({.status = 200,
                                 .body = "{}",
                                 .headers = {{"X-Long", std::string(16'384, 'x')}}})) == expected);
        CHECK(
            viewed({.status = 200, .body = "{}", .headers = {{"X-Long", std::string(15'000, 'x')}}},
                   true)
                .has_value());
    }

    TEST_CASE("malformed response: a response in small pieces is read")
    {
        CHECK(viewed({.piece = 1}, true)->width == 64);
        CHECK(viewed({.framing = framing::chunked, .piece = 1}, true)->width == 64);
        CHECK(viewed({.framing = framing::chunked, .piece = 7}, true)->width == 64);
    }

    TEST_CASE("malformed response: HTTP/1.0 responses are read")
    {
        CHECK(
            viewed({.raw = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", .end = ending::notify})
                .has_value());
        CHECK(viewed({.raw = "HTTP/1.0 200 OK\r\n\r\n{}", .end = ending::notify}).has_value());
        CHECK(
            viewed(
                {.raw = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"},
                true)
                .has_value());
    }

    TEST_CASE("malformed response: interim responses are skipped, up to a limit")
    {
        CHECK(viewed({.interim = {"HTTP/1.1 100 Continue\r\n\r\n"}}, true)->width == 64);
        CHECK(viewed({.interim = {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
                                  "HTTP/1.1 102 Processing\r\n\r\n"}},
                     true)
                  ->width == 64);
        const std::vector<std::string> flood(100, "HTTP/1.1 102 Processing\r\n\r\n");
        CHECK(failure_of(viewed({.interim = flood})) == malformed());
    }

    TEST_CASE("malformed response: 101 Switching Protocols is reported as an API error")
    {
        const auto outcome =
            viewed({.raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"});
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 101);
    }

    TEST_CASE(
        "malformed response: a second response after the first is never used for another request")
    {
        const std::string two = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"width\":1}"
                                "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"width\":2}";
        CHECK(viewed({.raw = two})->width == 1);
    }
}
