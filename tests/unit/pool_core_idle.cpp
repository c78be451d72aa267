//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The rules of the pool for idle connections.

#include "unit/support/pool_events.hpp"

#include <cyclos/detail/net/pool_core.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace cyclos::test;

TEST_SUITE("pool_core, idle connections")
{
    TEST_CASE(
        "pool_core, idle connections: an idle connection is closed at idle_timeout, and not before")
    {
        pool p{limits(1)};
        p.fill(1);
        CHECK(p.core.next_tick() == start + 50s);
        CHECK(p.pass(50s - 1ns) == "");
        CHECK(p.pass(1ns) == "close 0: idle");
        CHECK(p.now_holds() == "0 0 0 0");
        CHECK(p.core.stats().evicted == 1);
        CHECK(p.core.next_tick() == never);
    }

    TEST_CASE("pool_core, idle connections: an expired connection is not granted, even if no tick "
              "has occurred")
    {
        pool p{limits(2)};
        p.fill(2);
        p.now += 50s;
        CHECK_FALSE(p.try_acquire());
        CHECK(p.actions() == "close 1: idle, close 0: idle");
        CHECK(p.now_holds() == "0 0 0 0");
        CHECK(p.core.stats().evicted == 2);
        CHECK(p.acquire(1) == "open 1");
    }

    TEST_CASE("pool_core, idle connections: close_idle() closes them, but none that is in use")
    {
        pool p{limits(3)};
        CHECK(p.close_idle() == "");
        p.fill(3);
        CHECK(p.acquire(1) == "grant 2 to 1");
        CHECK(p.close_idle() == "close 0: requested, close 1: requested");
        CHECK(p.now_holds() == "0 0 1 0");
        CHECK(p.core.stats().evicted == 2);
        CHECK(p.released(2) == "");
        CHECK(p.now_holds() == "0 1 0 0");
    }

    TEST_CASE("pool_core, idle connections: connections that are not needed expire")
    {
        pool p{limits(3)};
        p.fill(3);
        std::string closed;
        for (int i = 0; i < 60; ++i) {
            CHECK(p.acquire(1) == "grant 2 to 1");
            p.released(2);
            closed += p.pass(1s);
        }
        CHECK(closed == "close 0: idle, close 1: idle");
        CHECK(p.now_holds() == "0 1 0 0");
    }

    TEST_CASE("pool_core, idle connections: with idle_timeout 0 idle connections stay open")
    {
        auto config = limits(1);
        config.idle_timeout = 0s;
        pool p{config};
        p.fill(1);
        CHECK(p.pass(24h * 365) == "");
        CHECK(p.acquire(1) == "grant 0 to 1");
    }

    TEST_CASE(
        "pool_core, idle connections: the keep-alive timeout of the server applies, less a margin")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        CHECK(p.released(0, true, 5s) == "");
        CHECK(p.core.next_tick() == start + 4s);
        CHECK(p.pass(4s - 1ns) == "");
        CHECK(p.pass(1ns) == "close 0: idle");
    }

    TEST_CASE("pool_core, idle connections: a longer keep-alive timeout of the server does not "
              "extend idle_timeout")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.released(0, true, 1h);
        CHECK(p.core.next_tick() == start + 50s);
    }

    TEST_CASE(
        "pool_core, idle connections: a keep-alive timeout shorter than twice the margin is halved")
    {
        for (const auto kept : {1ms, 1000ms, 1999ms}) {
            pool p{limits(1)};
            p.acquire(1);
            p.connected(0);
            CHECK(p.released(0, true, kept) == "");
            CHECK(p.core.next_tick() == start + kept - kept / 2.0);
        }
    }

    TEST_CASE("pool_core, idle connections: a keep-alive timeout of 0 closes the connection")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.released(0, true, 0s);
        CHECK_FALSE(p.try_acquire());
        CHECK(p.actions() == "close 0: idle");
    }

    TEST_CASE("pool_core, idle connections: the keep-alive timeout applies to one response only")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.released(0, true, 5s);
        p.acquire(2);
        p.released(0);
        CHECK(p.pass(49s) == "");
        CHECK(p.now_holds() == "0 1 0 0");
    }

    TEST_CASE("pool_core, idle connections: the duration of a request is not idle time")
    {
        pool p{limits(1)};
        p.fill(1);
        p.acquire(1);
        CHECK(p.pass(10h) == "");
        CHECK(p.released(0) == "");
        CHECK(p.core.next_tick() == p.now + 50s);
    }

    TEST_CASE(
        "pool_core, idle connections: a connection older than max_age is closed when it is idle")
    {
        auto config = limits(2);
        config.max_age = 60s;
        pool p{config};
        p.acquire(1);
        p.connected(0);

        SUBCASE("it expires while it is idle")
        {
            p.now += 30s;
            p.released(0);
            CHECK(p.core.next_tick() == start + 60s);
            CHECK(p.pass(30s) == "close 0: age");
            CHECK(p.core.stats().evicted == 1);
        }
        SUBCASE("a request is made after it expired")
        {
            p.now += 30s;
            p.released(0);
            p.now += 30s;
            CHECK(p.acquire(2) == "close 0: age, open 0");
        }
        SUBCASE("it is released after it expired")
        {
            p.now += 60s;
            CHECK(p.released(0) == "close 0: age");
            CHECK(p.now_holds() == "0 0 0 0");
        }
        SUBCASE("it is released after it expired, and a request waits")
        {
            p.acquire(2);
            p.connected(1);
            p.acquire(3);
            p.now += 60s;
            CHECK(p.released(0) == "close 0: age, open 0");
            CHECK(p.connected(0) == "grant 0 to 3");
        }
    }

    TEST_CASE("pool_core, idle connections: a connection is closed after max_requests requests")
    {
        auto config = limits(1);
        config.max_requests = 2;
        pool p{config};
        p.acquire(1);
        p.connected(0);
        CHECK(p.released(0) == "");
        CHECK(p.acquire(2) == "grant 0 to 2");
        CHECK(p.released(0) == "close 0: requests");
        CHECK(p.acquire(3) == "open 0");
        CHECK(p.connected(0) == "grant 0 to 3");
        p.acquire(4);
        p.acquire(5);
        CHECK(p.released(0) == "grant 0 to 4");
        CHECK(p.released(0) == "close 0: requests, open 0");
        CHECK(p.connected(0) == "grant 0 to 5");
    }

    TEST_CASE("pool_core, idle connections: an idle connection that the peer closed is removed")
    {
        pool p{limits(3)};
        p.fill(3);
        CHECK(p.lost(1) == "close 1: peer");
        CHECK(p.now_holds() == "0 2 0 0");
        CHECK(p.core.stats().evicted == 1);
        CHECK(p.acquire(1) == "grant 2 to 1");
        CHECK(p.acquire(2) == "grant 0 to 2");
        CHECK(p.acquire(3) == "open 1");
    }

    TEST_CASE("pool_core, idle connections: the loss of a connection that is not idle is left to "
              "its user")
    {
        pool p{limits(2)};
        p.acquire(1);
        CHECK(p.lost(0) == "");
        p.connected(0);
        CHECK(p.lost(0) == "");
        CHECK(p.now_holds() == "0 0 1 0");
        CHECK(p.released(0, false) == "close 0: broken");
        CHECK(p.lost(0) == "");
        CHECK(p.now_holds() == "0 0 0 0");
    }

    TEST_CASE("pool_core, idle connections: a reused slot has no state of the previous connection")
    {
        auto config = limits(1);
        config.max_requests = 2;
        config.max_age = 60s;
        pool p{config};
        p.acquire(1);
        p.connected(0);
        p.released(0, false);
        p.now += 59s;
        CHECK(p.acquire(2) == "open 0");
        CHECK(p.connected(0) == "grant 0 to 2");
        p.now += 59s;
        CHECK(p.released(0) == "");
        CHECK(p.acquire(3) == "grant 0 to 3");
    }
}
