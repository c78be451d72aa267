//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The rules of the pool for requests that must not wait in its queue.

#include "unit/support/pool_events.hpp"

#include <doctest/doctest.h>

using namespace cyclos::test;

TEST_SUITE("pool_core: requests that must not wait")
{
    TEST_CASE("pool: a request that must not wait takes an idle connection, or one that is opened "
              "for it")
    {
        pool p{limits(2)};
        CHECK(p.acquire_at_once(1) == "open 0");
        CHECK(p.connected(0) == "grant 0 to 1");
        CHECK(p.released(0) == "");
        CHECK(p.acquire_at_once(2) == "grant 0 to 2");
        CHECK(p.acquire_at_once(3) == "open 1");
        CHECK(p.now_holds() == "1 0 1 1");
    }

    TEST_CASE("pool: a request that must not wait is rejected if all connections are in use or "
              "opened for others")
    {
        pool p{limits(1)};
        p.acquire(1);
        CHECK(p.acquire_at_once(2) == "fail 2: busy");
        p.connected(0);
        CHECK(p.acquire_at_once(3) == "fail 3: busy");
        p.acquire(4);
        CHECK(p.acquire_at_once(5) == "fail 5: busy");
        CHECK(p.now_holds() == "0 0 1 1"); // those that may wait do
        CHECK(p.released(0) == "grant 0 to 4");
    }

    TEST_CASE("pool: a request that must not wait and needs a new connection is rejected if none "
              "may be opened")
    {
        pool p{limits(2)};
        p.fill(1);
        CHECK(p.acquire_fresh_at_once(1) == "open 1");
        CHECK(p.connected(1) == "grant 1 to 1");
        p.acquire(2);
        CHECK(p.acquire_fresh_at_once(3) == "fail 3: busy");
    }

    TEST_CASE(
        "pool: an upload that must not wait gets a companion connection, although others wait")
    {
        pool p{limits(1)};
        p.acquire(1, cyclos::net::purpose::content);
        p.connected(0);
        p.acquire(2); // waits: a content holds the only regular connection
        CHECK(p.acquire_at_once(3, cyclos::net::purpose::upload) == "open 1");
        CHECK(p.connected(1) == "grant 1 to 3");
        CHECK(p.acquire_at_once(4, cyclos::net::purpose::exchange) == "fail 4: busy");
    }

    TEST_CASE("pool: a request that must not wait does not count on a companion connection that it "
              "may not use")
    {
        pool p{limits(1)};
        p.acquire(1, cyclos::net::purpose::content);
        p.connected(0);
        CHECK(p.acquire(2, cyclos::net::purpose::upload) == "open 1");
        CHECK(p.acquire_fresh_at_once(3) == "fail 3: busy");
    }

    TEST_CASE("pool: a request that must not wait is rejected with the reason while a probe runs")
    {
        pool p{limits(2)};
        p.acquire(1);
        p.connect_failed(0);
        p.now += 1s;
        CHECK(p.acquire(2) == "open 0");
        CHECK(p.acquire_at_once(3) == "fail 3: connect");
    }
}
