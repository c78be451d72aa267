//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Clients that are used wrongly.

#include "integration/support/sandbox_session.hpp"

#include <cyclos/images.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <utility>

namespace {

using namespace cyclos::test;
using cyclos::errc;

} // namespace

TEST_SUITE("clients that are used wrongly")
{
    TEST_CASE("one that was moved from has nothing to close, and no operations")
    {
        sandbox_session session;
        const auto settings = config_for(session.server, cyclos::credentials::basic("demo", "demo"));
        cyclos::client left{session.context(), settings};
        const cyclos::images_api images{left};
        cyclos::client moved{std::move(left)};
        CHECK_FALSE(left.get_executor()); // NOLINT(bugprone-use-after-move): that is what is tested
        CHECK_FALSE(left.get_executor(3));
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

        CHECK(session.run(images.view_image(fixture::portrait)).width == 64); // they go with the client
        left = std::move(moved);
        cyclos::images_api again{left};
        const cyclos::images_api copy{std::move(again)};
        CHECK(session.run(copy.view_image(fixture::portrait)).width == 64);
        CHECK(session.run(again.view_image(fixture::portrait)).width == 64); // NOLINT(bugprone-use-after-move): a copy
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
}
