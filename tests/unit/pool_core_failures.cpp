//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The rules of the pool for connections that cannot be opened, and for its end.

#include "unit/support/pool_events.hpp"

#include <cyclos/detail/net/pool_core.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace cyclos::test;

TEST_SUITE("pool_core: connections that cannot be opened")
{
    TEST_CASE("all who wait are told at once, where there is nothing else to wait for")
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

    TEST_CASE("in the pause after it newcomers are told at once, and the first one after it probes")
    {
        pool p{limits(4)};
        p.acquire(1);
        CHECK(p.connect_failed(0) == "fail 1: connect");
        CHECK(p.core.pause_end() == start + 100ms);
        CHECK(p.pass(99ms) == "");
        CHECK(p.acquire(2) == "fail 2: connect");
        CHECK(p.acquire_fresh(3) == "fail 3: connect");
        CHECK(p.pass(1ms) == ""); // nobody wants a connection
        CHECK(p.acquire(4) == "open 0");
        CHECK(p.acquire(5) == ""); // one is tried at a time
        CHECK(p.connected(0) == "grant 0 to 4, open 1");
        CHECK(p.connected(1) == "grant 1 to 5");
        CHECK_FALSE(p.core.failing());
    }

    TEST_CASE("who comes while a probe runs waits for it, for a second at most, and who probes for "
              "its end")
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
        SUBCASE("until it is open")
        {
            CHECK(p.connected(0) == "grant 0 to 2");
        }
        SUBCASE("or has failed")
        {
            CHECK(p.acquire(5) == "");
            CHECK(p.connect_failed(0) == "fail 2: connect, fail 5: connect");
        }
    }

    TEST_CASE("a request waits for a connection that is open, and for as long as it may")
    {
        pool p{limits(2)};
        p.acquire(1);
        p.connected(0);
        p.acquire(2);
        CHECK(p.connect_failed(1) == "");
        CHECK(p.acquire(3, start + 10s) == "");
        SUBCASE("until it comes back")
        {
            CHECK(p.released(0) == "grant 0 to 2");
        }
        SUBCASE("or until it is gone in the pause: then there is nothing to wait for")
        {
            CHECK(p.released(0, false) == "close 0: broken, fail 2: connect, fail 3: connect");
        }
        SUBCASE("while others are tried, one at a time")
        {
            CHECK(p.pass(100ms) == "open 1");
            CHECK(p.pass(5s) == "");
            CHECK(p.connect_failed(1) == "");
            CHECK(p.pass(200ms) == "open 1");
            CHECK(p.pass(10s) == "fail 3: timeout");
        }
    }

    TEST_CASE("others that are being opened are waited for, for a second at most")
    {
        pool p{limits(2)};
        p.acquire(1);
        p.acquire(2);
        p.acquire(3);
        CHECK(p.connect_failed(0) == "");
        SUBCASE("one of them is open in time")
        {
            CHECK(p.connected(1) == "grant 1 to 1, open 0");
            CHECK(p.connected(0) == "grant 0 to 2");
        }
        SUBCASE("they fail")
        {
            CHECK(p.connect_failed(1) == "fail 1: connect, fail 2: connect, fail 3: connect");
        }
        SUBCASE("they take too long")
        {
            CHECK(p.pass(1s - 1ns) == "");
            CHECK(p.pass(1ns) == "fail 1: connect, fail 2: connect, fail 3: connect");
        }
    }

    TEST_CASE("each failure makes the pause longer, up to half a second, of which chance takes a "
              "half at most")
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

    TEST_CASE("connections that were being opened together and fail count as one failure")
    {
        pool p{limits(10)};
        for (unsigned who = 1; who <= 10; ++who) {
            p.acquire(who);
        }
        for (std::size_t slot = 0; slot < 10; ++slot) {
            p.now += 1ms;
            p.connect_failed(slot, 1);
        }
        CHECK(p.core.pause_end() == start + 101ms); // 100 ms after the first of them
        // One is tried then; its failure is another one.
        p.now = p.core.pause_end();
        CHECK(p.acquire(11) == "open 0");
        p.now += 1ms;
        p.connect_failed(0, 1);
        CHECK(p.core.pause_end() == p.now + 200ms);
    }

    TEST_CASE("after a failure one connection at a time is tried, and after a success as many as "
              "are needed")
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

        // The failures are forgotten: the next one counts as the first.
        CHECK(p.connect_failed(2, 1) == "");
        CHECK(p.core.pause_end() == p.now + 100ms);
    }

    TEST_CASE("who finds no room among those that may wait is told the reason, too")
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

    TEST_CASE("a connection of the least number that cannot be opened refuses nobody and delays no "
              "request")
    {
        auto few = limits(4);
        few.min_connections = 1;
        pool p{few};
        CHECK(p.begin() == "open 0");
        SUBCASE("nobody wants one yet")
        {
            CHECK(p.connect_failed(0) == "");
            CHECK_FALSE(p.core.failing());
            CHECK(p.acquire(1) == "open 0");
        }
        SUBCASE("somebody has relied on it, and gets a try of its own")
        {
            CHECK(p.acquire(1) == "");
            CHECK(p.connect_failed(0) == "open 0");
            CHECK(p.connect_failed(0) == "fail 1: connect");
        }
        SUBCASE("it hangs, while a failure is known: requests have one of their own")
        {
            CHECK(p.acquire(1) == "");
            CHECK(p.connect_failed(0) == "open 0");
            CHECK(p.connect_failed(0) == "fail 1: connect");
            CHECK(p.pass(500ms) == "open 0");
            CHECK(p.acquire(2) == "open 1");
            CHECK(p.acquire(3) == ""); // which is one at a time
            CHECK(p.connected(1) == "grant 1 to 2");
        }
        SUBCASE("it is tried again, with growing pauses")
        {
            CHECK(p.connect_failed(0) == "");
            CHECK(p.pass(100ms - 1ns) == "");
            CHECK(p.pass(1ns) == "open 0");
            CHECK(p.connect_failed(0) == "");
            CHECK(p.pass(200ms) == "open 0");
        }
    }

    TEST_CASE(
        "a server that takes connections only to end them is not hammered to keep the least number")
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

        // One that was of use is missed at once, and the failures are forgotten.
        p.connected(0);
        CHECK(p.try_acquire());
        CHECK(p.released(0) == "");
        CHECK(p.lost(0) == "close 0: peer, open 0");
    }

    TEST_CASE("another pool of the same server has found that it cannot be reached")
    {
        pool p{limits(2)};
        SUBCASE("who waits here is told, too, as soon as nothing is being opened")
        {
            p.acquire(1);
            p.acquire(2);
            CHECK(p.server_failed(start, start + 300ms) == "");
            CHECK(p.connect_failed(0) == "");
            CHECK(p.connect_failed(1) == "fail 1: connect, fail 2: connect");
        }
        SUBCASE("who waits for one that hangs is told after a second, however many others find it "
                "out meanwhile")
        {
            p.acquire(1);
            for (int others = 0; others < 4; ++others) {
                CHECK(p.server_failed(p.now, p.now + 300ms) == "");
                CHECK(p.pass(240ms) == "");
            }
            CHECK(p.server_failed(p.now, p.now + 300ms) == "");
            CHECK(p.pass(40ms) == "fail 1: connect");
        }
        SUBCASE("newcomers are told in the same pause")
        {
            CHECK(p.server_failed(start, start + 300ms) == "");
            CHECK(p.acquire(1) == "fail 1: connect");
            p.pass(300ms);
            CHECK(p.acquire(2) == "open 0");
        }
        SUBCASE("which this one has found out, too: that is one failure")
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
        SUBCASE("several others have found it out: that is one failure")
        {
            CHECK(p.server_failed(start - 1ms, start + 100ms) == "");
            CHECK(p.server_failed(start - 1ms, start + 100ms) == "");
            p.pass(100ms);
            CHECK(p.acquire(1) == "open 0");
            CHECK(p.connect_failed(0) == "fail 1: connect");
            CHECK(p.core.pause_end() == p.now + 200ms);
        }
        SUBCASE("one that is being opened here may still succeed")
        {
            p.acquire(1);
            CHECK(p.server_failed(start, start + 300ms) == "");
            CHECK(p.connected(0) == "grant 0 to 1");
            CHECK_FALSE(p.core.failing());
        }
        SUBCASE("as long as one is open here, it is of no account")
        {
            p.fill(1);
            CHECK(p.server_failed(start, start + 300ms) == "");
            CHECK_FALSE(p.core.failing());
        }
    }

    TEST_CASE("nothing is tried where nobody waits any more")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.abandon(1);
        CHECK(p.connect_failed(0, 0) == "");
        CHECK(p.pass(1h) == "");
        CHECK(p.now_holds() == "0 0 0 0");
    }
}

TEST_SUITE("pool_core: shutting down")
{
    TEST_CASE("waiters are refused, idle connections closed, and nobody is taken in any more")
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

    TEST_CASE("those who wait are told in their order")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.acquire(2, start + 1s);
        p.acquire(3);
        CHECK(p.shut_down() == "fail 1: shutdown, fail 2: shutdown, fail 3: shutdown");
        CHECK(p.now_holds() == "1 0 0 0");
        CHECK(p.pass(1h) == "");
    }

    TEST_CASE("a connection that is opened too late is closed")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.shut_down();
        CHECK(p.connected(0) == "close 0: shutdown");
        CHECK(p.now_holds() == "0 0 0 0");
    }

    TEST_CASE("a connection that cannot be opened is not tried again")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.shut_down();
        CHECK(p.connect_failed(0, 0) == "");
        CHECK(p.pass(1h) == "");
        CHECK(p.now_holds() == "0 0 0 0");
    }

    TEST_CASE("once is enough")
    {
        pool p{limits(1)};
        p.fill(1);
        p.shut_down();
        CHECK(p.shut_down() == "");
        CHECK(p.tick() == "");
    }
}
