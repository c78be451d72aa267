//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Configured retries.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/reserved_port.hpp"

#include <string>

namespace {

using namespace cyclos::test;

adjustment with_retries(unsigned count)
{
    return [=](cyclos::config& c) {
        c.retry.max_retries = count;
        c.retry.base_delay = 5ms;
    };
}

} // namespace

TEST_SUITE("retries")
{
    TEST_CASE("retries: there are none by default")
    {
        sandbox_session session;
        session.server.misbehave({.times = 1, .status = 503});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(outcome.error().attempts() == 1);
        CHECK(outcome.error().context().history.empty());
    }

    TEST_CASE("retries: a busy server is tried again over the same connection")
    {
        for (const unsigned status : {429U, 502U, 503U, 504U}) {
            sandbox_session session{{}, with_retries(3)};
            session.server.misbehave({.times = 2, .status = status, .body = "{}"});
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.server.statistics().requests == 3);
            CHECK(session.server.statistics().accepted ==
                  1); // the responses were read, and the connection reused
        }
    }

    TEST_CASE("retries: the error of a server that stays busy lists all attempts")
    {
        sandbox_session session{{}, with_retries(2)};
        session.server.misbehave({.status = 503});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.error().attempts() == 3);
        const auto& history = outcome.error().context().history;
        REQUIRE(history.size() == 2);
        for (const auto& past : history) {
            CHECK(past.code == cyclos::error_code{503, cyclos::http_status_category()});
            CHECK(past.sent == sent_state::complete);
            CHECK(past.delay <= 10ms);
        }
        CHECK(std::string{outcome.error().what()}.find("after 2 attempts that failed") !=
              std::string::npos);
    }

    TEST_CASE("retries: Retry-After determines the delay, up to max_retry_after")
    {
        sandbox_session session{{}, with_retries(2)};
        session.server.misbehave({.times = 1, .status = 503, .headers = {{"Retry-After", "1"}}});
        const auto before = std::chrono::steady_clock::now();
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(std::chrono::steady_clock::now() - before >= 1s);

        session.server.misbehave({.times = 1, .status = 503, .headers = {{"Retry-After", "3600"}}});
        CHECK(session.attempt(session.images.view_image(fixture::portrait)).error().attempts() ==
              1);
    }

    TEST_CASE("retries: a new connection that is lost is tried again")
    {
        sandbox_session session{{}, with_retries(1)};
        session.server.misbehave({.times = 1, .instead = ending::reset});
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        session.server.misbehave({.times = 1, .stop_after = 1, .stopped = ending::fin});
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("retries: a model whose body breaks off is requested again, a content is not")
    {
        for (const auto framed : {framing::content_length, framing::chunked}) {
            sandbox_session session{{}, with_retries(1)};
            session.server.misbehave({.times = 1,
                                      .status = 200,
                                      .body = std::string(5000, ' ') + "{}",
                                      .framing = framed,
                                      .stop_after = 3000,
                                      .stopped = ending::reset});
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.server.statistics().requests == 2);
        }
        // A content that the caller reads is not retried.
        sandbox_session session{{}, with_retries(1)};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(100'000)});
        session.server.misbehave(
            {.framing = framing::chunked, .stop_after = 50'000, .stopped = ending::reset});
        auto content = session.run(session.images.get_image_content("1"));
        CHECK(session.attempt(content.read_all(100'000)).error().code() == errc::connection_lost);
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE("retries: an upload with a rewindable source is sent again if retry_uploads is set")
    {
        for (const auto end : {ending::notify, ending::reset}) {
            sandbox_session session{{}, [](cyclos::config& c) {
                                        with_retries(1)(c);
                                        c.retry.retry_uploads = true;
                                    }};
            const std::string bytes = pattern(400'000);
            session.server.misbehave({.times = 1, .read_body = 200'000, .instead = end});
            const auto made = session.run(
                session.images.upload_temp_image(cyclos::memory_source{bytes, "x", "image/png"}));
            CHECK(session.server.store().find_image(made.id)->sha256 == sha256(bytes));
            CHECK(session.server.store().temp_images().size() == 1);

            session.server.misbehave({.times = 1, .status = 503, .body = "{}"});
            session.run(
                session.images.upload_temp_image(cyclos::memory_source{bytes, "x", "image/png"}));
            CHECK(session.server.store().temp_images().size() == 2);

            // The server has confirmed the upload: a later end of the connection does not matter.
            session.server.misbehave({.times = 1,
                                      .perform = true,
                                      .status = 201,
                                      .body = std::string(5000, ' '),
                                      .content_type = "text/plain",
                                      .stop_after = 3000,
                                      .stopped = end});
            CHECK(session
                      .attempt(session.images.upload_temp_image(
                          cyclos::memory_source{bytes, "x", "image/png"}))
                      .error()
                      .attempts() == 1);
            CHECK(session.server.store().temp_images().size() == 3);

            // This source is not rewindable.
            session.server.misbehave({.times = 1, .read_body = 200'000, .instead = end});
            const auto outcome =
                session.attempt(session.images.upload_temp_image(pattern_source{400'000}));
            CHECK(outcome.error().code() == errc::connection_lost);
            CHECK(outcome.error().attempts() == 1);
        }
    }

    TEST_CASE("retries: an unreachable server is tried again")
    {
        const reserved_port closed_port;
        cyclos::config settings{
            "https://127.0.0.1:" + std::to_string(closed_port.number()) + "/api", demo()};
        with_retries(2)(settings);
        client_session session{settings};
        const auto outcome = session.attempt(session.images.upload_temp_image(pattern_source{10}));
        CHECK(failure_of(outcome) ==
              failure{asio::error::connection_refused, phase::connecting, sent_state::none, 0});
        CHECK(outcome.error().context().history.size() == 2);
        CHECK(session.stats().connect_failures == 3);
    }

    TEST_CASE(
        "retries: an upload is sent again completely if nothing of it was sent, and not otherwise")
    {
        sandbox_session session{{}, with_retries(3)};
        session.server.misbehave_on_connect({.times = 2, .before_handshake = ending::reset});
        const auto stored =
            session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(1'000'000)) == pattern(1'000'000));

        session.server.misbehave(
            {.method = "POST", .times = 1, .perform = true, .instead = ending::reset});
        CHECK(failure_of(session.attempt(session.images.upload_temp_image(pattern_source{1000})))
                  .sent == sent_state::complete);
        session.server.misbehave({.method = "POST", .times = 1, .status = 503});
        CHECK(session.attempt(session.images.upload_temp_image(pattern_source{1000}))
                  .error()
                  .attempts() == 1);
        CHECK(session.server.store().temp_images().size() == 2);
    }

    TEST_CASE("retries: final errors are not retried")
    {
        sandbox_session session{{}, with_retries(3)};
        CHECK(session.attempt(session.images.view_image("7")).error().attempts() == 1);
        session.server.misbehave({.times = 1, .status = 500});
        CHECK(session.attempt(session.images.view_image(fixture::portrait)).error().attempts() ==
              1);
    }

    TEST_CASE("retries: no retry begins after the total deadline")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.retry.max_retries = 100;
                                    c.timeouts.total = 500ms;
                                }};
        session.server.misbehave({.status = 503, .headers = {{"Retry-After", "1"}}});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(outcome.as<cyclos::api_error>()->status() ==
              503); // at once: a retry would be too late
        CHECK(outcome.error().attempts() == 1);
    }

    TEST_CASE("retries: closing the client ends the delay")
    {
        sandbox_session session{{}, with_retries(3)};
        session.server.misbehave({.status = 503, .headers = {{"Retry-After", "60"}}});
        auto view = session.start(as_result(session.images.view_image(fixture::portrait)));
        session.until(
            [&] { return session.server.statistics().requests == 1 && session.stats().idle == 1; });
        session.run(session.client.close(10s));
        const auto outcome = session.get(std::move(view));
        CHECK(outcome.error().code() == errc::client_closed);
        CHECK(outcome.error().context().history.size() == 1);
    }

    TEST_CASE("retries: their number is limited by the budget")
    {
        sandbox_session session{{}, with_retries(5)};
        session.server.misbehave({.status = 503});
        for (int i = 0; i < 50; ++i) {
            CHECK_FALSE(session.attempt(session.images.view_image(fixture::portrait)).has_value());
        }
        CHECK(session.server.statistics().requests > 50);
        CHECK(session.server.statistics().requests <= 50 + 10 + 10);
    }
}
