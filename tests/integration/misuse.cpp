//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Wrong use of clients.

#include "integration/support/integration_test.hpp"
#include "integration/support/sanitized.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/assert.hpp>

#include <csignal>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>
#include <variant>

#include <sys/wait.h>
#include <unistd.h>

using namespace cyclos::test;

TEST_SUITE("misuse")
{
    TEST_CASE("misuse: a moved-from client can be closed, and rejects operations")
    {
        sandbox_session session;
        const auto settings =
            config_for(session.server, cyclos::credentials::basic("demo", "demo"));
        cyclos::client left{session.context(), settings};
        const cyclos::images_api images{left};
        cyclos::client moved{std::move(left)};
        CHECK_FALSE(left.get_executor()); // NOLINT(bugprone-use-after-move): that is what is tested
        CHECK_FALSE(left.shard_executor(3));
        CHECK_NOTHROW(session.run(left.close(1h)));
        CHECK(session.run(left.stats()).opened == 0);
        try {
            const cyclos::images_api none{left};
            FAIL("it has operations");
        }
        catch (const cyclos::error& error) {
            CHECK(error.code() == errc::invalid_argument);
            CHECK(error.context().detail == "the client was moved from");
        }

        CHECK(session.run(images.view_image(fixture::portrait)).width ==
              64); // operations move with the client
        left = std::move(moved);
        cyclos::images_api again{left};
        const cyclos::images_api copy{std::move(again)};
        CHECK(session.run(copy.view_image(fixture::portrait)).width == 64);
        CHECK(session.run(again.view_image(fixture::portrait)).width ==
              64); // NOLINT(bugprone-use-after-move): a copy
    }

    TEST_CASE("misuse: an event hook that throws has no effect")
    {
        unsigned events = 0;
        sandbox_session session{{}, [&](cyclos::config& c) {
                                    c.pool.min_connections = 1;
                                    c.on_event = [&](const cyclos::client_event&) {
                                        ++events;
                                        throw std::runtime_error("of the hook");
                                    };
                                }};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        session.server.misbehave({.times = 1, .announce_close = true});
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        session.run(session.client.close(1s));
        CHECK(events > 8);
    }

#if defined(CYCLOS_TESTS_CAN_FORK) && !defined(CYCLOS_TESTS_SANITIZED) &&                          \
    !defined(BOOST_ASSERT_IS_VOID)
    /// Runs a client in two threads at the same time: one does not return from the hook, and the
    /// other makes a request.
    void meet_in_a_client(cyclos::config settings)
    {
        std::promise<void> inside;
        settings.serial_executor = true;
        settings.pool.max_requests = 1; // so that the connection leaves the pool
        settings.on_event = [&](const cyclos::client_event& e) {
            if (std::holds_alternative<cyclos::events::closed>(e)) {
                inside.set_value();
                std::this_thread::sleep_for(1h);
            }
        };
        asio::io_context context;
        cyclos::client client{context, settings};
        const cyclos::images_api images{client};
        const auto view = [&]() -> asio::awaitable<void> {
            co_await images.view_image(fixture::portrait);
        };
        asio::co_spawn(context, view, asio::detached);
        const std::jthread first{[&] { context.run(); }};
        inside.get_future().wait();
        asio::co_spawn(context, view, asio::detached);
        context.run();
    }

    TEST_CASE("misuse: two threads in a client with serial_executor fail an assertion")
    {
        const cyclos::sandbox::server server;
        const auto settings = config_for(server, demo());
        const ::pid_t child = ::fork();
        if (child == 0) {
            std::signal(SIGABRT, SIG_DFL);
            static_cast<void>(::close(STDERR_FILENO));
            ::alarm(30);
            meet_in_a_client(settings);
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == SIGABRT);
    }
#endif
}
