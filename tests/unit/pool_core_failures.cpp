//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The rules of the pool for connections that cannot be opened, and for its end.

#include "unit/support/pool_events.hpp"

#include <cyclos/net/pool_core.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace cyclos::test;

TEST_SUITE("pool_core: connections that cannot be opened")
{
    TEST_CASE("the one who waits longest is told, where there is nothing else to wait for")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.acquire(2);
        CHECK(p.connect_failed(0, 0.5) == "refuse 1: connect");
        CHECK(p.now_holds() == "0 0 0 1");
        CHECK(p.core.stats().failed == 1);
        // 0.5 of 100 ms later the next one is tried, for the other.
        CHECK(p.core.next_tick() == start + 50ms);
        CHECK(p.pass(50ms - 1ns) == "");
        CHECK(p.pass(1ns) == "open 0");
        CHECK(p.connect_failed(0) == "refuse 2: connect");
    }

    TEST_CASE("nobody is told while another connection may still serve them")
    {
        SUBCASE("because it is in use")
        {
            pool p{limits(2)};
            p.acquire(1);
            p.connected(0);
            p.acquire(2);
            CHECK(p.connect_failed(1) == "");
            CHECK(p.released(0) == "lend 0 to 2");
        }
        SUBCASE("because it is being opened")
        {
            pool p{limits(2)};
            p.acquire(1);
            p.acquire(2);
            CHECK(p.connect_failed(0) == "");
            CHECK(p.connected(1) == "lend 1 to 1, open 0");
            CHECK(p.connected(0) == "lend 0 to 2");
        }
    }

    TEST_CASE("each failure makes the wait longer, up to a limit")
    {
        pool p{limits(1)};
        std::vector<pool_core::duration> waits;
        p.acquire(1);
        for (int failure = 0; failure < 12; ++failure) {
            p.acquire(100 + static_cast<unsigned>(failure));
            p.connect_failed(0, 1);
            waits.push_back(p.core.next_tick() - p.now);
            CHECK(p.pass(waits.back()) == "open 0");
        }
        const std::vector<pool_core::duration> expected{100ms,  200ms, 400ms, 800ms, 1600ms, 3200ms,
                                                        6400ms, 10s,   10s,   10s,   10s,    10s};
        CHECK(waits == expected);
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
        CHECK(p.core.next_tick() == start + 101ms); // 100 ms after the first of them
        // One is tried then; its failure is another one.
        p.now = p.core.next_tick();
        CHECK(p.tick() == "open 0");
        p.now += 1ms;
        p.connect_failed(0, 1);
        CHECK(p.core.next_tick() == p.now + 200ms);
    }

    TEST_CASE("chance may shorten the wait to nothing")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.acquire(2);
        CHECK(p.connect_failed(0, 0) == "refuse 1: connect, open 0");
    }

    TEST_CASE("a newcomer does not open a connection before it is time")
    {
        pool p{limits(4)};
        p.acquire(1);
        CHECK(p.connect_failed(0, 1) == "refuse 1: connect");
        p.now += 99ms;
        CHECK(p.acquire(2) == "");
        CHECK(p.core.next_tick() == start + 100ms);
        CHECK(p.pass(1ms) == "open 0");
    }

    TEST_CASE("after a failure one connection at a time is tried, and after a success as many as are needed")
    {
        pool p{limits(4)};
        p.acquire(1);
        CHECK(p.connect_failed(0, 0) == "refuse 1: connect");
        CHECK(p.acquire(2) == "open 0");
        CHECK(p.acquire(3) == "");
        CHECK(p.acquire(4) == "");
        CHECK(p.now_holds() == "1 0 0 3");
        CHECK(p.connected(0) == "lend 0 to 2, open 1, open 2");
        CHECK(p.connected(1) == "lend 1 to 3");

        // The failures are forgotten: the next one counts as the first.
        p.abandon(4);
        p.acquire(5);
        CHECK(p.connect_failed(2, 1) == "");
        CHECK(p.core.next_tick() == p.now + 100ms);
    }

    TEST_CASE("a server that takes connections only to end them is not hammered to keep the least number")
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

    TEST_CASE("a deadline counts also while nothing is tried")
    {
        pool p{limits(1)};
        p.acquire(1);
        p.connect_failed(0, 1);
        p.acquire(2, start + 10ms);
        CHECK(p.pass(1s) == "refuse 2: timeout");
        CHECK(p.now_holds() == "0 0 0 0");
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
        CHECK(p.acquire(2) == "refuse 2: shutdown");
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
        CHECK(p.shut_down() == "refuse 1: shutdown, refuse 2: shutdown, refuse 3: shutdown");
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
