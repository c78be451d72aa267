//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// An unreachable server: requests fail fast with the reason, and succeed soon after it is back.

#include "integration/support/await.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/reserved_port.hpp"

#include <boost/asio/thread_pool.hpp>

#include <optional>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;
using clock = std::chrono::steady_clock;

const failure refused{asio::error::connection_refused, phase::connecting, sent_state::none, 0};

/// A client of a server that does not run yet.
class early_session : public client_session
{
public:
    explicit early_session(const reserved_port& port, const adjustment& adjust = {})
        : client_session(settings_for(port, adjust))
        , port_(port.number())
    {}

    void start_server() { server.emplace(cyclos::sandbox::options{.port = port_, .tls = false}); }

    void pass(clock::duration time)
    {
        const auto end = clock::now() + time;
        until([&] { return clock::now() >= end; });
    }

    std::optional<cyclos::sandbox::server> server;

private:
    static cyclos::config settings_for(const reserved_port& port, const adjustment& adjust)
    {
        cyclos::config settings{"http://127.0.0.1:" + std::to_string(port.number()) + "/api",
                                demo()};
        if (adjust) {
            adjust(settings);
        }
        return settings;
    }

    std::uint16_t port_;
};

} // namespace

TEST_SUITE("unreachable server")
{
    TEST_CASE("unreachable server: a hundred requests fail at once, and one succeeds a second "
              "after it is back")
    {
        const reserved_port port;
        early_session session{port};
        for (int round = 0; round < 3; ++round) {
            const auto begin = clock::now();
            std::vector<std::future<cyclos::result<cyclos::image_view>>> views;
            for (int i = 0; i < 100; ++i) {
                views.push_back(
                    session.start(as_result(session.images.view_image(fixture::portrait))));
            }
            for (auto& each : views) {
                CHECK(failure_of(session.get(std::move(each))) == refused);
            }
            CHECK(clock::now() - begin < 5s); // and not after the 30 s of timeouts.acquire
        }
        CHECK(session.stats().waiting == 0);
        CHECK(session.stats().acquire_timeouts == 0);
        session.start_server();
        session.pass(1s);
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("unreachable server: new requests in the pause fail at once, without another attempt")
    {
        const reserved_port port;
        early_session session{port};
        const auto outcome = session.attempt(session.images.view_image("1"));
        CHECK(failure_of(outcome) == refused);
        const auto failed = session.stats().connect_failures;
        // Far less than the shortest pause of 50 ms, unless the machine is suspended.
        const auto begin = clock::now();
        const auto next = session.attempt(session.images.view_image("1"));
        const auto tried = session.stats().connect_failures;
        if (clock::now() - begin < 20ms) {
            CHECK(tried == failed);
        }
        CHECK(failure_of(next) == refused);
    }

    TEST_CASE(
        "unreachable server: a configured retry waits for the end of the pause, and uses no budget")
    {
        const reserved_port port;
        early_session session{port, [](cyclos::config& c) {
                                  c.retry.max_retries = 40;
                                  c.retry.base_delay = 1ms;
                                  c.retry.max_delay = 1ms;
                                  c.retry_budget = 0.0;
                              }};
        std::vector<std::future<cyclos::image_view>> views;
        for (int i = 0; i < 20; ++i) {
            views.push_back(session.start(session.images.view_image(fixture::portrait)));
        }
        session.until([&] {
            return session.stats().connect_failures >= 20;
        }); // the first ones, and some probes
        session.start_server();
        for (auto& each : views) {
            CHECK(session.get(std::move(each)).width == 64);
        }
    }

    TEST_CASE("unreachable server: requests fail at once on every shard")
    {
        const reserved_port port;
        asio::thread_pool threads{4};
        cyclos::config settings{"http://127.0.0.1:" + std::to_string(port.number()) + "/api",
                                demo()};
        settings.shards = 4;
        cyclos::client client{threads, settings};
        const cyclos::images_api images{client};
        const auto begin = clock::now();
        std::vector<std::future<cyclos::result<cyclos::image_view>>> views;
        for (int i = 0; i < 100; ++i) {
            views.push_back(
                asio::co_spawn(threads, as_result(images.view_image("1")), asio::use_future));
        }
        for (auto& each : views) {
            CHECK(failure_of(each.get()) == refused);
        }
        CHECK(clock::now() - begin < 5s);
    }

    TEST_CASE("unreachable server: while a connection is open, requests wait for it, and an "
              "acquire timeout contains the last failure")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.pool.max_connections = 2;
                                    c.timeouts.acquire =
                                        3s; // the failure occurs earlier, also on a busy machine
                                }};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(10'000'000)});
        auto content = session.run(session.images.get_image_content("1")); // holds its connection
        session.server.misbehave_on_connect({.before_handshake = ending::reset});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) ==
              failure{errc::acquire_timeout, phase::acquiring, sent_state::none, 0});
        CHECK(outcome.error().context().detail.starts_with("the last connection failed while "));
    }
}
