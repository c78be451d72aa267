//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Requests that were on a stale connection, and need a new one.

#include "unit/support/pool_events.hpp"

#include <cyclos/detail/net/pool_core.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace cyclos::test;

TEST_SUITE("pool_core, acquire_fresh")
{
    TEST_CASE("pool_core, acquire_fresh: a new connection is opened and granted, and no idle one")
    {
        pool p{limits(3)};
        p.fill(2);
        CHECK(p.acquire_fresh(1) == "open 2");
        CHECK(p.now_holds() == "1 2 0 1");
        CHECK(p.connected(2) == "grant 2 to 1");
        CHECK(p.now_holds() == "0 2 1 0");
        CHECK(p.core.stats().reused == 0);
    }

    TEST_CASE(
        "pool_core, acquire_fresh: requests for a new connection are served before other waiters")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.acquire(2);
        CHECK(p.released(0, false) == "close 0: broken, open 0");
        CHECK(p.acquire_fresh(1) == "");
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.released(0) == "grant 0 to 2");
    }

    TEST_CASE("pool_core, acquire_fresh: requests for a new connection are served in their order")
    {
        pool p{limits(2)};
        CHECK(p.acquire_fresh(1) == "open 0");
        CHECK(p.acquire_fresh(2) == "open 1");
        CHECK(p.connected(1) == "grant 1 to 1");
        CHECK(p.connected(0) == "grant 0 to 2");
    }

    TEST_CASE("pool_core, acquire_fresh: at the connection limit the least recently used idle "
              "connection is closed")
    {
        pool p{limits(2)};
        p.fill(2);
        CHECK(p.acquire_fresh(1) == "close 0: replaced, open 0");
        CHECK(p.core.stats().evicted == 1);
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.now_holds() == "0 1 1 0");
    }

    TEST_CASE("pool_core, acquire_fresh: at the connection limit the next released connection is "
              "closed, even if others wait for it")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.acquire(2);
        CHECK(p.acquire_fresh(3) == "");
        CHECK(p.released(0) == "close 0: replaced, open 0");
        CHECK(p.connected(0) == "grant 0 to 3");
        CHECK(p.released(0) == "grant 0 to 2");
    }

    TEST_CASE("pool_core, acquire_fresh: no more connections are closed than needed")
    {
        pool p{limits(3)};
        p.acquire(1);
        p.acquire(2);
        p.acquire(3);
        p.connected(0);
        p.connected(1);
        p.connected(2);
        CHECK(p.acquire_fresh(4) == "");
        CHECK(p.released(0) == "close 0: replaced, open 0");
        CHECK(p.released(1) == "");
        CHECK(p.now_holds() == "1 1 1 1");
    }

    TEST_CASE("pool_core, acquire_fresh: requests for a new connection do not count against "
              "max_pending_acquires")
    {
        auto small = limits(1);
        small.max_pending_acquires = 0;
        pool p{small};
        CHECK(p.acquire_fresh(1) == "open 0");
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.acquire(2) == "fail 2: queue_full");
    }

    TEST_CASE("pool_core, acquire_fresh: the request fails if no new connection can be opened, "
              "although others are open")
    {
        pool p{limits(2)};
        p.fill(1);
        CHECK(p.acquire_fresh(1) == "open 1");
        CHECK(p.connect_failed(1) == "fail 1: connect");
        CHECK(p.now_holds() == "0 1 0 0");
        // The next one waits for its turn, as after any failure; no working connection is closed
        // before.
        CHECK(p.acquire_fresh(2) == "");
        CHECK(p.acquire_fresh(3) == "");
        CHECK(p.now_holds() == "0 1 0 2");
        CHECK(p.pass(100ms) == "open 1");
        CHECK(p.connected(1) == "grant 1 to 2, close 0: replaced, open 0");
    }

    TEST_CASE("pool_core, acquire_fresh: the request fails at its deadline")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        CHECK(p.acquire_fresh(2, start + 5s) == "");
        CHECK(p.pass(5s) == "fail 2: timeout");
        CHECK(p.released(0) == "");
        CHECK(p.now_holds() == "0 1 0 0");
    }

    TEST_CASE("pool_core, acquire_fresh: the request can be abandoned")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.acquire_fresh(2);
        CHECK(p.abandon(2) == "");
        CHECK(p.now_holds() == "0 0 1 0");
        CHECK(p.released(0) == "");
    }

    TEST_CASE("pool_core, acquire_fresh: a pool that is shut down rejects the request")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connected(0);
        p.acquire(2);
        p.acquire_fresh(3);
        CHECK(p.shut_down() == "fail 3: shutdown, fail 2: shutdown");
        CHECK(p.acquire_fresh(4) == "fail 4: shutdown");
    }
}
