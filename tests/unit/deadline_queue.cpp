//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The deadline queue, compared with a sorted list.

#include <cyclos/detail/base/deadline_queue.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <set>
#include <vector>

namespace {

using cyclos::detail::deadline_entry;
using queue = cyclos::detail::deadline_queue<deadline_entry>;
using time_point = queue::time_point;

constexpr time_point never = time_point::max();

time_point at(int n)
{
    return time_point{} + std::chrono::seconds{n};
}

} // namespace

TEST_SUITE("deadline_queue")
{
    TEST_CASE("deadline_queue: an empty queue never expires")
    {
        const queue none;
        CHECK(none.empty());
        CHECK((none.next() == never));
    }

    TEST_CASE("deadline_queue: an entry that never expires is not inserted, and erasing an absent "
              "entry has no effect")
    {
        queue q;
        deadline_entry e;
        q.insert(e, never);
        CHECK(q.empty());
        q.erase(e);
        q.insert(e, at(1));
        CHECK((e.deadline() == at(1)));
        q.erase(e);
        q.erase(e);
        CHECK(q.empty());
        CHECK((e.deadline() == never));
    }

    TEST_CASE(
        "deadline_queue: the earliest entry is first after any sequence of insertions and erasures")
    {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            std::mt19937 random{seed};
            std::vector<deadline_entry> entries(200);
            std::multiset<time_point> expected;
            queue q;
            for (int step = 0; step < 5000; ++step) {
                deadline_entry& e = entries[random() % entries.size()];
                if (e.deadline() != never) {
                    expected.erase(expected.find(e.deadline()));
                    q.erase(e);
                }
                else if (random() % 4 > 0) {
                    const time_point deadline = at(static_cast<int>(random() % 50));
                    expected.insert(deadline);
                    q.insert(e, deadline);
                }
                REQUIRE(q.empty() == expected.empty());
                REQUIRE((q.next() == (expected.empty() ? never : *expected.begin())));
            }
            while (!q.empty()) {
                REQUIRE((q.front().deadline() == *expected.begin()));
                expected.erase(expected.begin());
                q.erase(q.front());
            }
            CHECK(expected.empty());
        }
    }
}
