//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The rules of the pool for failed connections and shutdown.

#include "unit/support/pool_events.hpp"

#include <cyclos/detail/net/pool_core.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace cyclos::test;

TEST_SUITE("pool_core, failed connections")
{
    TEST_CASE("pool_core, failed connections: all waiters fail at once if no other connection is "
              "open or being opened")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.acquire(2);
        p.acquire(3);
        CHECK(p.connect_failed(0) == "fail 1: connect, fail 2: connect, fail 3: connect");
        CHECK(p.now_holds() == "0 0 0 0");
        CHECK(p.core.stats().connect_failures == 1);
        CHECK(p.core.failing());
    }

    TEST_CASE("pool_core, failed connections: in the pause after a failure new requests fail at "
              "once, and the first one after it opens a probe")
    {
        pool p{limits(4)};
        p.acquire(1);
        CHECK(p.connect_failed(0) == "fail 1: connect");
        CHECK(p.core.pause_end() == start + 100ms);
        CHECK(p.pass(99ms) == "");
        CHECK(p.acquire(2) == "fail 2: connect");
        CHECK(p.acquire_fresh(3) == "fail 3: connect");
        CHECK(p.pass(1ms) == ""); // there is no waiter
        CHECK(p.acquire(4) == "open 0");
        CHECK(p.acquire(5) == ""); // one connection at a time
        CHECK(p.connected(0) == "grant 0 to 4, open 1");
        CHECK(p.connected(1) == "grant 1 to 5");
        CHECK_FALSE(p.core.failing());
    }

    TEST_CASE("pool_core, failed connections: a request that arrives during a probe waits for it "
              "for one second at most, its owner without limit")
    {
        pool p{limits(4)};
        p.acquire(1);
        p.connect_failed(0);
        p.pass(100ms);
        CHECK(p.acquire(2) == "open 0");
        CHECK(p.pass(400ms) == "");
        CHECK(p.acquire(3) == "");
        CHECK(p.pass(400ms) == "");
        CHECK(p.acquire(4) == "");
        CHECK(p.pass(600ms - 1ns) == "");
        CHECK(p.pass(1ns) == "fail 3: connect");
        CHECK(p.pass(400ms) == "fail 4: connect");
        CHECK(p.pass(1h) == "");
        SUBCASE("the probe succeeds")
        {
            CHECK(p.connected(0) == "grant 0 to 2");
        }
        SUBCASE("the probe fails")
        {
            CHECK(p.acquire(5) == "");
            CHECK(p.connect_failed(0) == "fail 2: connect, fail 5: connect");
        }
    }

    TEST_CASE("pool_core, failed connections: a request waits for an open connection until its own "
              "deadline")
    {
        pool p{limits(2)};
        p.acquire(1);
        p.connected(0);
        p.acquire(2);
        CHECK(p.connect_failed(1) == "");
        CHECK(p.acquire(3, start + 10s) == "");
        SUBCASE("the connection is released")
        {
            CHECK(p.released(0) == "grant 0 to 2");
        }
        SUBCASE("the connection is closed during the pause, so the waiters fail")
        {
            CHECK(p.released(0, false) == "close 0: broken, fail 2: connect, fail 3: connect");
        }
        SUBCASE("other connections are tried meanwhile, one at a time")
        {
            CHECK(p.pass(100ms) == "open 1");
            CHECK(p.pass(5s) == "");
            CHECK(p.connect_failed(1) == "");
            CHECK(p.pass(200ms) == "open 1");
            CHECK(p.pass(10s) == "fail 3: timeout");
        }
    }

    TEST_CASE("pool_core, failed connections: waiters wait for other connections that are being "
              "opened, for one second at most")
    {
        pool p{limits(2)};
        p.acquire(1);
        p.acquire(2);
        p.acquire(3);
        CHECK(p.connect_failed(0) == "");
        SUBCASE("another connection opens in time")
        {
            CHECK(p.connected(1) == "grant 1 to 1, open 0");
            CHECK(p.connected(0) == "grant 0 to 2");
        }
        SUBCASE("the other connections fail")
        {
            CHECK(p.connect_failed(1) == "fail 1: connect, fail 2: connect, fail 3: connect");
        }
        SUBCASE("the other connections take too long")
        {
            CHECK(p.pass(1s - 1ns) == "");
            CHECK(p.pass(1ns) == "fail 1: connect, fail 2: connect, fail 3: connect");
        }
    }

    TEST_CASE("pool_core, failed connections: each failure doubles the pause up to 500 ms, and "
              "jitter takes off half of it at most")
    {
        for (const double jitter : {1.0, 0.0}) {
            CAPTURE(jitter);
            pool p{limits(1)};
            std::vector<pool_core::duration> pauses;
            for (unsigned failure = 0; failure < 6; ++failure) {
                CHECK(p.acquire(failure) == "open 0");
                p.connect_failed(0, jitter);
                pauses.push_back(p.core.pause_end() - p.now);
                p.pass(pauses.back());
            }
            const std::vector<pool_core::duration> longest{100ms, 200ms, 400ms,
                                                           500ms, 500ms, 500ms};
            const std::vector<pool_core::duration> shortest{50ms,  100ms, 200ms,
                                                            250ms, 250ms, 250ms};
            CHECK(pauses == (jitter == 1.0 ? longest : shortest));
        }
    }

    TEST_CASE("pool_core, failed connections: connections that were opened together and fail count "
              "as one failure")
    {
        pool p{limits(10)};
        for (unsigned id = 1; id <= 10; ++id) {
            p.acquire(id);
        }
        for (std::size_t slot = 0; slot < 10; ++slot) {
            p.now += 1ms;
            p.connect_failed(slot, 1);
        }
        CHECK(p.core.pause_end() == start + 101ms); // 100 ms after the first failure
        // One connection is opened; its failure counts separately.
        p.now = p.core.pause_end();
        CHECK(p.acquire(11) == "open 0");
        p.now += 1ms;
        p.connect_failed(0, 1);
        CHECK(p.core.pause_end() == p.now + 200ms);
    }

    TEST_CASE("pool_core, failed connections: after a failure one connection at a time is opened, "
              "and after a success as many as needed")
    {
        pool p{limits(4)};
        p.acquire(1);
        CHECK(p.connect_failed(0, 0) == "fail 1: connect");
        p.now += 50ms;
        CHECK(p.acquire(2) == "open 0");
        CHECK(p.acquire(3) == "");
        CHECK(p.acquire(4) == "");
        CHECK(p.now_holds() == "1 0 0 3");
        CHECK(p.connected(0) == "grant 0 to 2, open 1, open 2");
        CHECK(p.connected(1) == "grant 1 to 3");

        // The failures are reset: the next one counts as the first.
        CHECK(p.connect_failed(2, 1) == "");
        CHECK(p.core.pause_end() == p.now + 100ms);
    }

    TEST_CASE("pool_core, failed connections: a request that finds the queue full fails with the "
              "connect error")
    {
        auto none = limits(1);
        none.max_pending_acquires = 0;
        pool p{none};
        p.acquire(1);
        p.connect_failed(0);
        p.pass(100ms);
        CHECK(p.acquire(2) == "open 0");
        CHECK(p.acquire(3) == "fail 3: connect");
    }

    TEST_CASE("pool_core, failed connections: a failed connection of min_connections rejects no "
              "request and delays none")
    {
        auto few = limits(4);
        few.min_connections = 1;
        pool p{few};
        CHECK(p.begin() == "open 0");
        SUBCASE("no request is waiting")
        {
            CHECK(p.connect_failed(0) == "");
            CHECK_FALSE(p.core.failing());
            CHECK(p.acquire(1) == "open 0");
        }
        SUBCASE("a request that waited for it gets its own attempt")
        {
            CHECK(p.acquire(1) == "");
            CHECK(p.connect_failed(0) == "open 0");
            CHECK(p.connect_failed(0) == "fail 1: connect");
        }
        SUBCASE("it hangs after a failure, and requests open their own connection")
        {
            CHECK(p.acquire(1) == "");
            CHECK(p.connect_failed(0) == "open 0");
            CHECK(p.connect_failed(0) == "fail 1: connect");
            CHECK(p.pass(500ms) == "open 0");
            CHECK(p.acquire(2) == "open 1");
            CHECK(p.acquire(3) == ""); // one at a time
            CHECK(p.connected(1) == "grant 1 to 2");
        }
        SUBCASE("it is tried again with growing pauses")
        {
            CHECK(p.connect_failed(0) == "");
            CHECK(p.pass(100ms - 1ns) == "");
            CHECK(p.pass(1ns) == "open 0");
            CHECK(p.connect_failed(0) == "");
            CHECK(p.pass(200ms) == "open 0");
        }
    }

    TEST_CASE("pool_core, failed connections: min_connections does not reconnect in a loop to a "
              "server that closes each connection")
    {
        auto few = limits(4);
        few.min_connections = 2;
        pool p{few};
        CHECK(p.begin() == "open 0, open 1");
        p.connected(0);
        p.connected(1);
        CHECK(p.lost(0) == "close 0: peer");
        CHECK(p.core.next_tick() == p.now + 100ms);
        CHECK(p.pass(100ms) == "open 0");
        p.connected(0);
        CHECK(p.lost(0) == "close 0: peer");
        CHECK(p.pass(199ms) == "");
        CHECK(p.pass(1ms) == "open 0");

        // A connection that was used is replaced at once, and the failures are reset.
        p.connected(0);
        CHECK(p.try_acquire());
        CHECK(p.released(0) == "");
        CHECK(p.lost(0) == "close 0: peer, open 0");
    }

    TEST_CASE("pool_core, failed connections: a failure that another pool of the same server "
              "reports applies to this one")
    {
        pool p{limits(2)};
        SUBCASE("waiters fail once no connection is being opened")
        {
            p.acquire(1);
            p.acquire(2);
            CHECK(p.server_failed(start, start + 300ms) == "");
            CHECK(p.connect_failed(0) == "");
            CHECK(p.connect_failed(1) == "fail 1: connect, fail 2: connect");
        }
        SUBCASE(
            "waiters of a connection that hangs fail after one second, however many reports arrive")
        {
            p.acquire(1);
            for (int others = 0; others < 4; ++others) {
                CHECK(p.server_failed(p.now, p.now + 300ms) == "");
                CHECK(p.pass(240ms) == "");
            }
            CHECK(p.server_failed(p.now, p.now + 300ms) == "");
            CHECK(p.pass(40ms) == "fail 1: connect");
        }
        SUBCASE("new requests fail during the same pause")
        {
            CHECK(p.server_failed(start, start + 300ms) == "");
            CHECK(p.acquire(1) == "fail 1: connect");
            p.pass(300ms);
            CHECK(p.acquire(2) == "open 0");
        }
        SUBCASE("the same failure found by this pool counts once")
        {
            p.acquire(1);
            p.now += 10ms;
            CHECK(p.connect_failed(0) == "fail 1: connect");
            for (int others = 0; others < 3; ++others) {
                CHECK(p.server_failed(start, start + 110ms) == "");
            }
            CHECK(p.core.pause_end() == start + 110ms);
            p.pass(100ms);
            CHECK(p.acquire(2) == "open 0");
            CHECK(p.connect_failed(0) == "fail 2: connect");
            CHECK(p.core.pause_end() == p.now + 200ms);
        }
        SUBCASE("the same failure found by several pools counts once")
        {
            CHECK(p.server_failed(start - 1ms, start + 100ms) == "");
            CHECK(p.server_failed(start - 1ms, start + 100ms) == "");
            p.pass(100ms);
            CHECK(p.acquire(1) == "open 0");
            CHECK(p.connect_failed(0) == "fail 1: connect");
            CHECK(p.core.pause_end() == p.now + 200ms);
        }
        SUBCASE("a connection that is being opened here may still succeed")
        {
            p.acquire(1);
            CHECK(p.server_failed(start, start + 300ms) == "");
            CHECK(p.connected(0) == "grant 0 to 1");
            CHECK_FALSE(p.core.failing());
        }
        SUBCASE("the report is ignored while a connection is open here")
        {
            p.fill(1);
            CHECK(p.server_failed(start, start + 300ms) == "");
            CHECK_FALSE(p.core.failing());
        }
    }

    TEST_CASE("pool_core, failed connections: no connection is tried if there are no waiters")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.abandon(1);
        CHECK(p.connect_failed(0, 0) == "");
        CHECK(p.pass(1h) == "");
        CHECK(p.now_holds() == "0 0 0 0");
    }
}

TEST_SUITE("pool_core, shutdown")
{
    TEST_CASE("pool_core, shutdown: waiters fail, idle connections are closed, and new requests "
              "are rejected")
    {
        pool p{limits(2)};
        p.fill(2);
        p.acquire(1);
        CHECK(p.shut_down() == "close 0: shutdown");
        CHECK(p.now_holds() == "0 0 1 0");
        CHECK(p.acquire(2) == "fail 2: shutdown");
        CHECK_FALSE(p.try_acquire());
        CHECK(p.released(1) == "close 1: shutdown");
        CHECK(p.now_holds() == "0 0 0 0");
        CHECK(p.core.next_tick() == never);
    }

    TEST_CASE("pool_core, shutdown: waiters fail in their order")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.acquire(2, start + 1s);
        p.acquire(3);
        CHECK(p.shut_down() == "fail 1: shutdown, fail 2: shutdown, fail 3: shutdown");
        CHECK(p.now_holds() == "1 0 0 0");
        CHECK(p.pass(1h) == "");
    }

    TEST_CASE("pool_core, shutdown: a connection that opens after the shutdown is closed")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.shut_down();
        CHECK(p.connected(0) == "close 0: shutdown");
        CHECK(p.now_holds() == "0 0 0 0");
    }

    TEST_CASE("pool_core, shutdown: a connection that fails after the shutdown is not tried again")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.shut_down();
        CHECK(p.connect_failed(0, 0) == "");
        CHECK(p.pass(1h) == "");
        CHECK(p.now_holds() == "0 0 0 0");
    }

    TEST_CASE("pool_core, shutdown: a second shutdown has no effect")
    {
        pool p{limits(1)};
        p.fill(1);
        p.shut_down();
        CHECK(p.shut_down() == "");
        CHECK(p.tick() == "");
    }
}
