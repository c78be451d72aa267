//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Each timeout ends an operation with its own code, in its own phase.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/silent_listener.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;

constexpr auto brief = 100ms;

/// The error of a request to such a listener.
cyclos::result<void> requested(const std::string& url, const adjustment& adjust)
{
    cyclos::config settings{url, demo()};
    adjust(settings);
    client_session session{settings};
    auto outcome = session.attempt(session.images.delete_image("1"));
    const auto stats = session.stats();
    CHECK(stats.idle + stats.in_use + stats.waiting == 0);
    return outcome;
}

template <class T>
void check_timeout(const cyclos::result<T>& outcome, failure expected)
{
    CHECK(failure_of(outcome) == expected);
    CHECK(outcome.error().is_timeout());
    CHECK(outcome.error().kind() == "timeout");
    CHECK(outcome.error().code() == boost::system::errc::timed_out);
    CHECK_FALSE(outcome.error().is_rejected_locally());
}

} // namespace

TEST_SUITE("timeouts while connecting")
{
    TEST_CASE("timeouts while connecting: waiting for a connection ends with acquire_timeout")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.pool.max_connections = 1;
                                    c.timeouts.acquire = brief;
                                }};
        session.server.misbehave({.times = 1, .instead = ending::hang});
        auto first = session.start(as_result(session.images.view_image("1")));
        session.until([&] { return session.server.statistics().requests == 1; });
        const auto second = session.attempt(session.images.upload_temp_image(pattern_source{10}));
        check_timeout(second, {errc::acquire_timeout, phase::acquiring, sent_state::none, 0});
        CHECK(session.stats().acquire_timeouts == 1);
        CHECK(session.stats().waiting == 0);
        session.server.close_all();
        CHECK(session.get(std::move(first)).error().code() == errc::connection_lost);
    }

    TEST_CASE("timeouts while connecting: connecting ends with connect_timeout")
    {
        silent_listener listener;
        const auto url = listener.url();
        listener.fill();
        check_timeout(requested(url, [](cyclos::config& c) { c.timeouts.connect = brief; }),
                      {errc::connect_timeout, phase::connecting, sent_state::none, 0});
    }

    TEST_CASE("timeouts while connecting: the TLS handshake ends with handshake_timeout")
    {
        const silent_listener listener;
        check_timeout(
            requested(listener.url(), [](cyclos::config& c) { c.timeouts.handshake = brief; }),
            {errc::handshake_timeout, phase::handshaking, sent_state::none, 0});
    }

    TEST_CASE("timeouts while connecting: the tunnel of a proxy ends with connect_timeout")
    {
        const silent_listener listener;
        const auto port = listener.url().substr(18, listener.url().find("/api") - 18);
        check_timeout(requested("https://cyclos.invalid/api",
                                [&](cyclos::config& c) {
                                    c.proxy.host = "127.0.0.1";
                                    c.proxy.port = port;
                                    c.timeouts.connect = brief;
                                }),
                      {errc::connect_timeout, phase::connecting, sent_state::none, 0});
    }

    TEST_CASE("timeouts while connecting: the largest durations are no limit")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    constexpr auto endless = std::chrono::milliseconds::max();
                                    c.timeouts = {endless, endless, endless, endless, endless,
                                                  endless, endless, endless, endless};
                                    c.pool.idle_timeout = c.pool.max_age = endless;
                                    c.uploads.expect_continue_threshold = 0;
                                    c.uploads.continue_timeout = endless;
                                    c.retry.max_retry_after = endless;
                                    c.retry.max_retries = 1;
                                    c.retry.base_delay = 1ms;
                                    c.retry.max_delay = endless;
                                }};
        session.server.misbehave({.times = 1, .status = 503});
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.run(session.images.upload_temp_image(pattern_source{100'000})).id != "");
        CHECK(session.stats().opened == 1);
        CHECK(session.stats().idle == 1);
        session.run(session.client.close(std::chrono::steady_clock::duration::max()));
    }

    TEST_CASE("timeouts while connecting: the total timeout includes the wait for a connection")
    {
        const silent_listener listener;
        check_timeout(
            requested(listener.url(), [](cyclos::config& c) { c.timeouts.total = brief; }),
            {errc::total_timeout, phase::acquiring, sent_state::none, 0});
    }

    TEST_CASE("timeouts while connecting: a refused connection is not a timeout")
    {
        silent_listener listener;
        const auto url = listener.url();
        listener.close();
        const auto outcome = requested(url, [](cyclos::config&) {});
        CHECK(failure_of(outcome) ==
              failure{asio::error::connection_refused, phase::connecting, sent_state::none, 0});
        CHECK(outcome.error().kind() == "transport");
    }

    TEST_CASE("timeouts while connecting: a failed TLS handshake is not a timeout")
    {
        sandbox_session session;
        session.server.misbehave_on_connect(
            {.times = 1, .instead_of_handshake = "SSH-2.0-OpenSSH_9.2\r\n"});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(outcome.error().phase() == phase::handshaking);
        CHECK(outcome.error().sent() == sent_state::none);
        CHECK(outcome.error().kind() == "transport");
        // In the pause after the failure, requests fail at once with the same error.
        session.until([&] {
            return session.attempt(session.images.view_image(fixture::portrait)).has_value();
        });
    }
}

TEST_SUITE("timeouts of the exchange")
{
    TEST_CASE("timeouts of the exchange: a response that does not begin ends with "
              "response_header_timeout")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.response_header = brief; }};
        session.server.misbehave({.times = 1, .instead = ending::hang});
        check_timeout(
            session.attempt(session.images.view_image(fixture::portrait)),
            {errc::response_header_timeout, phase::awaiting_response, sent_state::complete});
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.server.statistics().accepted == 2);
    }

    TEST_CASE("timeouts of the exchange: an upload without a response ends with "
              "response_header_timeout, and reports that it was sent")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.response_header = brief; }};
        session.server.misbehave({.perform = true, .instead = ending::hang});
        check_timeout(
            session.attempt(session.images.upload_user_image("self", pattern_source{1000})),
            {errc::response_header_timeout, phase::awaiting_response, sent_state::complete});
        CHECK(session.server.store().user_images(fixture::demo_id).size() == 2);
    }

    TEST_CASE(
        "timeouts of the exchange: a header section that breaks off ends with inactivity_timeout")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.inactivity = brief; }};
        session.server.misbehave({.stop_after = 20, .stopped = ending::hang});
        check_timeout(session.attempt(session.images.view_image(fixture::portrait)),
                      {errc::inactivity_timeout, phase::receiving, sent_state::complete});
    }

    TEST_CASE("timeouts of the exchange: a body that breaks off ends with inactivity_timeout")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.timeouts.inactivity = brief;
                                    c.downloads.max_resumes = 0;
                                }};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(100'000)});
        session.server.misbehave({.stop_after = 50'000, .stopped = ending::hang});
        auto content = session.run(session.images.get_image_content("1"));
        check_timeout(session.attempt(content.read_all(1 << 20)),
                      {errc::inactivity_timeout, phase::receiving, sent_state::complete});
        CHECK_FALSE(content.done());
    }

    TEST_CASE("timeouts of the exchange: an upload that the server stops reading ends with "
              "inactivity_timeout")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.inactivity = brief; }};
        session.server.misbehave({.read_body = 0, .instead = ending::freeze});
        check_timeout(
            session.attempt(session.images.upload_user_image("self", pattern_source{64U << 20U})),
            {errc::inactivity_timeout, phase::sending, sent_state::partial});
        CHECK(session.server.store().user_images(fixture::demo_id).size() == 1);
    }

    TEST_CASE("timeouts of the exchange: a slow transfer that progresses does not time out")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.timeouts.inactivity = 250ms;
                                    c.timeouts.response_header = 250ms;
                                }};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(20'000)});
        session.server.misbehave({.method = "GET", .piece = 1000, .piece_delay = 25ms});
        auto content = session.run(session.images.get_image_content("1"));
        const auto before = std::chrono::steady_clock::now();
        CHECK(session.run(content.read_all(1 << 20)).size() == 20'000);
        CHECK(std::chrono::steady_clock::now() - before > 250ms);
    }

    TEST_CASE("timeouts of the exchange: a content that is not read does not time out")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.inactivity = 20ms; }};
        auto content = session.run(session.images.get_image_content(fixture::portrait));
        const auto until = std::chrono::steady_clock::now() + 100ms;
        session.until([&] { return std::chrono::steady_clock::now() > until; });
        CHECK(session.run(content.read_all(1 << 20)).size() == content.content_length());
    }

    TEST_CASE("timeouts of the exchange: a slow transfer ends with total_timeout")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.total = 250ms; }};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(1'000'000)});
        session.server.misbehave({.target = "content", .piece = 1000, .piece_delay = 10ms});
        auto content = session.run(session.images.get_image_content("1"));
        check_timeout(session.attempt(content.read_all(1 << 20)),
                      {errc::total_timeout, phase::receiving, sent_state::complete});
        // Each operation has its own total timeout.
        CHECK(session.run(session.images.view_image("1")).length == 1'000'000);
    }

    TEST_CASE("timeouts of the exchange: waiting for a response ends with total_timeout")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.total = brief; }};
        session.server.misbehave({.times = 1, .instead = ending::hang});
        check_timeout(session.attempt(session.images.view_image("1")),
                      {errc::total_timeout, phase::awaiting_response, sent_state::complete});
    }

    TEST_CASE("timeouts of the exchange: the deadline of a request does not apply to the next one "
              "on the same connection")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.timeouts.total = 300ms;
                                    c.timeouts.response_header = 150ms;
                                }};
        session.server.misbehave({.answer_delay = 50ms});
        const auto until = std::chrono::steady_clock::now() + 500ms;
        while (std::chrono::steady_clock::now() < until) {
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        }
        CHECK(session.server.statistics().accepted == 1);
    }
}
