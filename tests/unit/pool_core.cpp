//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The rules of the pool, one by one, at simulated times: grants and their order. Other rules are in
// pool_core_idle.cpp and pool_core_failures.cpp; all rules together are tested in
// pool_core_random.cpp.

#include "unit/support/pool_events.hpp"

#include <cyclos/detail/net/pool_core.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace cyclos::test;

TEST_SUITE("pool_core, connections and waiters")
{
    TEST_CASE("pool_core, connections and waiters: a new pool has no connections, actions or ticks")
    {
        pool p;
        CHECK_FALSE(p.core.has_actions());
        CHECK(p.now_holds() == "0 0 0 0");
        CHECK(p.core.next_tick() == never);
        CHECK_FALSE(p.try_acquire());
        CHECK(p.tick() == "");
    }

    TEST_CASE(
        "pool_core, connections and waiters: the first request opens a connection, and gets it")
    {
        pool p{limits(2)};
        CHECK(p.acquire(1) == "open 0");
        CHECK(p.now_holds() == "1 0 0 1");
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.now_holds() == "0 0 1 0");
        CHECK(p.core.stats().opened == 1);
        CHECK(p.core.stats().reused == 0);
    }

    TEST_CASE("pool_core, connections and waiters: each action is returned once")
    {
        pool p;
        p.core.acquire(p.waiter(1), never, p.now);
        CHECK(p.core.has_actions());
        std::vector<pool_core::action> list{{}, {}};
        p.core.take_actions(list);
        CHECK(list.size() == 1);
        CHECK_FALSE(p.core.has_actions());
        p.core.take_actions(list);
        CHECK(list.empty());
    }

    TEST_CASE(
        "pool_core, connections and waiters: there are never more connections than max_connections")
    {
        pool p{limits(2)};
        CHECK(p.acquire(1) == "open 0");
        CHECK(p.acquire(2) == "open 1");
        CHECK(p.acquire(3) == "");
        CHECK(p.now_holds() == "2 0 0 3");
        CHECK(p.connected(1) == "grant 1 to 1");
        CHECK(p.connected(0) == "grant 0 to 2");
        CHECK(p.acquire(4) == "");
        CHECK(p.now_holds() == "0 0 2 2");
    }

    TEST_CASE("pool_core, connections and waiters: waiters are served in first-in, first-out order")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.acquire(2);
        p.acquire(3);
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.released(0) == "grant 0 to 2");
        CHECK(p.acquire(4) == "");
        CHECK(p.released(0) == "grant 0 to 3");
        CHECK(p.released(0) == "grant 0 to 4");
        CHECK(p.released(0) == "");
        CHECK(p.core.stats().reused == 3);
    }

    TEST_CASE("pool_core, connections and waiters: a new request does not overtake waiters")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.acquire(2);
        CHECK_FALSE(p.try_acquire());
        CHECK(p.released(0) == "grant 0 to 2");
        CHECK_FALSE(p.try_acquire());
        CHECK(p.acquire(3) == "");
        CHECK(p.now_holds() == "0 0 1 1");
    }

    TEST_CASE("pool_core, connections and waiters: the most recently used idle connection is "
              "granted first")
    {
        pool p{limits(3)};
        p.fill(3);
        CHECK(p.now_holds() == "0 3 0 0");
        CHECK(p.acquire(1) == "grant 2 to 1");
        CHECK(p.acquire(2) == "grant 1 to 2");
        CHECK(p.released(2) == "");
        CHECK(p.acquire(3) == "grant 2 to 3");
        CHECK(p.try_acquire() == 0);
        CHECK_FALSE(p.try_acquire());
        CHECK(p.now_holds() == "0 0 3 0");
        CHECK(p.core.stats().reused == 4);
        CHECK(p.core.stats().opened == 3);
    }

    TEST_CASE("pool_core, connections and waiters: a released connection is granted to a waiter "
              "before the one that is being opened for it")
    {
        pool p{limits(2)};
        p.acquire(1);
        p.connected(0);
        CHECK(p.acquire(2) == "open 1");
        CHECK(p.released(0) == "grant 0 to 2");
        CHECK(p.now_holds() == "1 0 1 0");

        // The connection that is not needed is kept.
        CHECK(p.connected(1) == "");
        CHECK(p.now_holds() == "0 1 1 0");
        CHECK(p.acquire(3) == "grant 1 to 3");
        CHECK(p.core.stats().reused == 1); // it has not carried a request yet
    }

    TEST_CASE(
        "pool_core, connections and waiters: one connection is opened for each waiter, and no more")
    {
        pool p{limits(10)};
        CHECK(p.acquire(1) == "open 0");
        CHECK(p.acquire(2) == "open 1");
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.now_holds() == "1 0 1 1");
        CHECK(p.abandon(2) == "");
        // A connection is being opened already, which is enough.
        CHECK(p.acquire(3) == "");
        CHECK(p.connected(1) == "grant 1 to 3");
    }

    TEST_CASE("pool_core, connections and waiters: a connection that is not reusable is closed, "
              "and a new one is opened for a waiter")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.acquire(2);
        CHECK(p.released(0, false) == "close 0: broken, open 0");
        CHECK(p.now_holds() == "1 0 0 1");
        CHECK(p.connected(0) == "grant 0 to 2");
        CHECK(p.released(0, false) == "close 0: broken");
        CHECK(p.now_holds() == "0 0 0 0");
        CHECK(p.core.stats().evicted == 0);
        CHECK(p.core.stats().opened == 2);
    }

    TEST_CASE("pool_core, connections and waiters: more waiters than max_pending_acquires are "
              "rejected at once")
    {
        auto config = limits(1);
        config.max_pending_acquires = 2;
        pool p{config};
        CHECK(p.acquire(1) == "open 0");
        CHECK(p.acquire(2) == "");
        CHECK(p.acquire(3) == "");
        CHECK(p.acquire(4) == "fail 4: queue_full");
        CHECK(p.now_holds() == "1 0 0 3");
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.acquire(5) == "fail 5: queue_full");
        CHECK(p.released(0) == "grant 0 to 2");
        CHECK(p.acquire(6) == "");
        CHECK(p.acquire(7) == "fail 7: queue_full");
        CHECK(p.core.stats().acquire_timeouts == 0);
    }

    TEST_CASE("pool_core, connections and waiters: a request for which a connection is being "
              "opened does not count as a waiter")
    {
        auto config = limits(64);
        config.max_pending_acquires = 10;
        pool p{config};
        for (unsigned id = 1; id <= 64; ++id) {
            CHECK(p.acquire(id) == "open " + std::to_string(id - 1));
        }
        for (unsigned id = 65; id <= 74; ++id) {
            CHECK(p.acquire(id) == "");
        }
        CHECK(p.acquire(75) == "fail 75: queue_full");
    }

    TEST_CASE("pool_core, connections and waiters: with max_pending_acquires 0 a request gets an "
              "idle or new connection at once, or is rejected")
    {
        auto config = limits(2);
        config.max_pending_acquires = 0;
        pool p{config};
        CHECK(p.acquire(1) == "open 0");
        CHECK(p.acquire(2) == "open 1");
        CHECK(p.acquire(3) == "fail 3: queue_full");
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.connected(1) == "grant 1 to 2");
        CHECK(p.acquire(4) == "fail 4: queue_full");
        CHECK(p.released(0) == "");
        CHECK(p.acquire(5) == "grant 0 to 5");
    }
}

TEST_SUITE("pool_core, deadlines and abandoned waiters")
{
    TEST_CASE("pool_core, deadlines and abandoned waiters: a waiter fails at its deadline, and not "
              "before")
    {
        pool p{limits(1)};
        p.acquire(1, start + 5s);
        CHECK(p.core.next_tick() == start + 5s);
        p.acquire(2, start + 3s);
        CHECK(p.core.next_tick() == start + 3s);
        p.acquire(3);
        CHECK(p.core.next_tick() == start + 3s);

        CHECK(p.pass(3s - 1ns) == "");
        CHECK(p.pass(1ns) == "fail 2: timeout");
        CHECK(p.now_holds() == "1 0 0 2");
        CHECK(p.core.next_tick() == start + 5s);
        CHECK(p.pass(2s) == "fail 1: timeout");
        CHECK(p.core.next_tick() == never);
        CHECK(p.connected(0) == "grant 0 to 3");
        CHECK(p.core.stats().acquire_timeouts == 2);
    }

    TEST_CASE("pool_core, deadlines and abandoned waiters: an early tick changes nothing")
    {
        pool p{limits(1)};
        p.acquire(1, start + 5s);
        p.now += 1s;
        CHECK(p.tick() == "");
        CHECK(p.core.next_tick() == start + 5s);
    }

    TEST_CASE("pool_core, deadlines and abandoned waiters: an abandoned waiter is not served")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.acquire(2);
        p.acquire(3);
        CHECK(p.abandon(2) == "");
        CHECK(p.now_holds() == "1 0 0 2");
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.released(0) == "grant 0 to 3");
        CHECK(p.released(0) == "");
    }

    TEST_CASE(
        "pool_core, deadlines and abandoned waiters: the connection of an abandoned waiter is kept")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.abandon(1);
        CHECK(p.now_holds() == "1 0 0 0");
        CHECK(p.connected(0) == "");
        CHECK(p.now_holds() == "0 1 0 0");
        CHECK(p.acquire(2) == "grant 0 to 2");
    }

    TEST_CASE("pool_core, deadlines and abandoned waiters: abandoning a waiter that is unknown, "
              "served or rejected has no effect")
    {
        auto config = limits(1);
        config.max_pending_acquires = 1;
        pool p{config};
        CHECK(p.abandon(1) == "");
        CHECK(p.now_holds() == "0 0 0 0");

        p.acquire(1);
        p.connected(0);
        CHECK(p.abandon(1) == "");
        CHECK(p.now_holds() == "0 0 1 0");

        p.acquire(2, start + 1s);
        CHECK(p.acquire(3) == "fail 3: queue_full");
        CHECK(p.abandon(3) == "");
        CHECK(p.now_holds() == "0 0 1 1");
        CHECK(p.pass(1s) == "fail 2: timeout");
        CHECK(p.abandon(2) == "");
        CHECK(p.now_holds() == "0 0 1 0");
    }

    TEST_CASE("pool_core, deadlines and abandoned waiters: an abandoned waiter may wait again")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.abandon(1);
        CHECK(p.acquire(1) == "");
        CHECK(p.connected(0) == "grant 0 to 1");
    }
}
