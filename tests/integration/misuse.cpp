//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Clients that are used wrongly.

#include "integration/support/sandbox_session.hpp"
#include "integration/support/sanitized.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/thread_pool.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <future>
#include <stdexcept>
#include <utility>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace {

using namespace cyclos::test;
using cyclos::errc;

} // namespace

TEST_SUITE("clients that are used wrongly")
{
    TEST_CASE("one that was moved from has nothing to close, and no operations")
    {
        sandbox_session session;
        cyclos::client moved{std::move(session.client)};
        CHECK_FALSE(session.client.get_executor());
        CHECK_FALSE(session.client.get_executor(3));
        asio::io_context context;
        auto closed = asio::co_spawn(context, session.client.close(1h), asio::use_future);
        auto stats = asio::co_spawn(context, session.client.stats(), asio::use_future);
        context.run();
        CHECK_NOTHROW(closed.get());
        CHECK(stats.get().opened == 0);
        try {
            const cyclos::images_api images{session.client};
            FAIL("it has operations");
        }
        catch (const cyclos::error& error) {
            CHECK(error.code() == errc::invalid_argument);
            CHECK(error.context().detail == "the client was moved from");
        }

        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64); // they go with the client
        session.client = std::move(moved);
        CHECK(session.run(cyclos::images_api{session.client}.view_image(fixture::portrait)).width == 64);
        cyclos::images_api images{session.client};
        const cyclos::images_api copy{std::move(images)};                     // moving copies
        CHECK(session.run(images.view_image(fixture::portrait)).width == 64); // NOLINT(bugprone-use-after-move)
    }

    TEST_CASE("a hook for events that throws changes nothing")
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
        session.server.misbehave({.times = 1, .say_close = true});
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        session.run(session.client.close(1s));
        CHECK(events > 8);
    }

#if !defined(_WIN32) && !defined(NDEBUG) && !defined(CYCLOS_TESTS_SANITIZED) // which do not fork with threads
    TEST_CASE("an executor that is not serial, though the configuration says so, fails an assertion")
    {
        cyclos::sandbox::server server;
        server.misbehave({.say_close = true});
        const ::pid_t child = ::fork();
        if (child == 0) {
            std::signal(SIGABRT, SIG_DFL);
            static_cast<void>(::close(STDERR_FILENO));
            asio::thread_pool threads{2};
            auto settings = config_for(server, cyclos::credentials::basic("demo", "demo"));
            settings.serial_executor = true;
            std::promise<void> inside;
            settings.on_event = [&](const cyclos::client_event& event) {
                if (std::holds_alternative<cyclos::events::closed>(event)) {
                    inside.set_value();
                    std::promise<void>{}.get_future().wait(); // this thread stays in the pool
                }
            };
            cyclos::client client{threads, std::move(settings)};
            const cyclos::images_api images{client};
            asio::co_spawn(threads, images.view_image(fixture::portrait),
                           [](std::exception_ptr, cyclos::image_view) {});
            inside.get_future().wait();
            asio::co_spawn(threads, images.view_image(fixture::portrait), asio::use_future).wait();
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == SIGABRT);
    }
#endif
}
