//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Random events, and what has to hold whatever they are.

#include "unit/support/pool_events.hpp"

#include <cyclos/detail/net/pool_core.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cyclos::net::pool_core;
using cyclos::test::named_waiter;
using kind = pool_core::action::kind;

/** Plays the part of everybody around the pool: requests, connections and the clock.

    It believes nothing that the pool says of itself: it knows from the actions which connection is
    where and which waiter is still owed an answer.
*/
class world
{
public:
    world(unsigned seed, const cyclos::pool_config& limits)
        : limits_(limits)
        , core_(limits)
        , random_(seed)
    {}

    void step()
    {
        switch (draw(0, 9)) {
        case 0:
        case 1: arrive(); break;
        case 2: draw(0, 2) == 0 ? come_back() : arrive(); break;
        case 3: go_away(); break;
        case 4:
        case 5: end_connecting(draw(0, 3) > 0); break;
        case 6:
        case 7: give_back(); break;
        case 8: lose(); break;
        case 9: pass(std::chrono::milliseconds{draw(0, 2000)}); break;
        }
        check();
    }

    /// No more requests come: everything has to come to its end.
    void drain()
    {
        while (!connecting_.empty() || !in_use_.empty() || !waiting_.empty() ||
               !fresh_waiters_.empty()) {
            while (!connecting_.empty()) {
                end_connecting(draw(0, 3) > 0);
            }
            while (!in_use_.empty()) {
                give_back();
            }
            pass(std::chrono::milliseconds{200});
            check();
        }
        pass(limits_.idle_timeout);
        check();
        CHECK(idle_.empty());
        // What was due for somebody who is gone may still be: the longest wait after failures.
        pass(std::chrono::seconds{10});
        CHECK(core_.next_tick() == pool_core::time_point::max());
    }

    void shut_down()
    {
        core_.shut_down();
        carry_out();
        CHECK(waiting_.empty());
        CHECK(fresh_waiters_.empty());
        CHECK(idle_.empty());
        while (!connecting_.empty()) {
            end_connecting(true);
        }
        while (!in_use_.empty()) {
            give_back();
        }
        check();
        CHECK(all_connections() == 0);
    }

    std::size_t served() const { return served_; }

private:
    int draw(int least, int most) { return std::uniform_int_distribution{least, most}(random_); }

    template <class Set>
    auto pick(const Set& set)
    {
        return std::next(set.begin(), draw(0, static_cast<int>(set.size()) - 1));
    }

    std::size_t all_connections() const
    {
        return connecting_.size() + idle_.size() + in_use_.size();
    }

    void arrive()
    {
        if (draw(0, 1) == 0) {
            const bool somebody_waits = !waiting_.empty();
            if (const auto where = core_.try_acquire(now_)) {
                CHECK_FALSE(somebody_waits);
                CHECK(idle_.erase(*where) == 1);
                in_use_.insert(*where);
                ++served_;
            }
            return carry_out();
        }
        const auto who = next_waiter_++;
        const auto deadline = now_ + std::chrono::milliseconds{draw(1, 3000)};
        waiting_.emplace(who, deadline);
        core_.acquire(waiter(who), deadline, now_);
        carry_out();
        // Those for whom none is being opened are the ones that wait; failures may have made them
        // more than may come.
        if (waiting_.contains(who)) {
            const auto for_them =
                std::max(connecting_.size(), fresh_waiters_.size()) - fresh_waiters_.size();
            CHECK(waiting_.size() <= for_them + limits_.max_pending_acquires);
        }
    }

    /// A request that has met a connection which had ended.
    void come_back()
    {
        const auto who = next_waiter_++;
        const auto deadline = now_ + std::chrono::milliseconds{draw(1, 3000)};
        fresh_waiters_.emplace(who, deadline);
        core_.acquire_fresh(waiter(who), deadline, now_);
        carry_out();
    }

    void go_away()
    {
        auto& queue = draw(0, 1) == 0 ? waiting_ : fresh_waiters_;
        if (queue.empty()) {
            return core_.abandon(waiter(next_waiter_)); // somebody who never came
        }
        const auto who = pick(queue);
        core_.abandon(waiter(who->first));
        queue.erase(who);
        carry_out();
    }

    void end_connecting(bool well)
    {
        if (connecting_.empty()) {
            return;
        }
        const auto which = pick(connecting_);
        const auto where = *which;
        connecting_.erase(which);
        if (well) {
            idle_.insert(where); // unless it is granted at once
            fresh_.insert(where);
            core_.connected(where, now_);
        }
        else {
            core_.connect_failed(where, now_, std::uniform_real_distribution<double>{}(random_));
        }
        carry_out();
        fresh_.clear();
    }

    void give_back()
    {
        if (in_use_.empty()) {
            return;
        }
        const auto which = pick(in_use_);
        const auto where = *which;
        in_use_.erase(which);
        idle_.insert(where); // unless it is granted or closed at once
        std::optional<pool_core::duration> keep_alive;
        if (draw(0, 3) == 0) {
            keep_alive = std::chrono::seconds{draw(0, 5)};
        }
        core_.released(where, draw(0, 4) > 0, keep_alive, now_);
        carry_out();
    }

    void lose()
    {
        if (!idle_.empty()) {
            core_.lost(*pick(idle_), now_, std::uniform_real_distribution<double>{}(random_));
            carry_out();
        }
    }

    void pass(pool_core::duration time)
    {
        const auto until = now_ + time;
        while (core_.next_tick() <= until) {
            now_ = std::max(now_, core_.next_tick());
            core_.tick(now_);
            carry_out();
            REQUIRE(core_.next_tick() > now_); // or the timer would spin
        }
        now_ = until;
        for (const auto* const queue : {&waiting_, &fresh_waiters_}) {
            for (const auto& [who, deadline] : *queue) {
                CHECK(deadline > now_);
            }
        }
    }

    void carry_out()
    {
        std::vector<pool_core::action> actions;
        core_.take_actions(actions);
        for (const auto& action : actions) {
            switch (action.type) {
            case kind::open:
                CHECK(!connecting_.contains(action.slot));
                CHECK(!idle_.contains(action.slot));
                CHECK(!in_use_.contains(action.slot));
                connecting_.insert(action.slot);
                break;
            case kind::grant:
                grant(action);
                CHECK(idle_.erase(action.slot) == 1);
                CHECK(in_use_.insert(action.slot).second);
                ++served_;
                break;
            case kind::fail: {
                const auto name = static_cast<const named_waiter*>(action.waiter)->name;
                CHECK(waiting_.erase(name) + fresh_waiters_.erase(name) == 1);
                break;
            }
            case kind::close: CHECK(idle_.erase(action.slot) == 1); break;
            }
        }
    }

    /// A new connection goes to those who want one, any other to those who take any: first come,
    /// first served.
    void grant(const pool_core::action& action)
    {
        auto& queue =
            !fresh_waiters_.empty() && fresh_.contains(action.slot) ? fresh_waiters_ : waiting_;
        REQUIRE(!queue.empty());
        CHECK(queue.begin()->first == static_cast<const named_waiter*>(action.waiter)->name);
        queue.erase(queue.begin());
    }

    void check()
    {
        CHECK(all_connections() <= limits_.max_connections);
        const auto& stats = core_.stats();
        CHECK(stats.connecting == connecting_.size());
        CHECK(stats.idle == idle_.size());
        CHECK(stats.in_use == in_use_.size());
        CHECK(stats.waiting == waiting_.size() + fresh_waiters_.size());
        // Nobody waits while there is a connection that nobody uses.
        CHECK((waiting_.empty() || idle_.empty()));
        // Nobody waits in the pause after a failure, where nothing is open or being opened.
        if (core_.failing() && connecting_.empty() && now_ < core_.pause_end()) {
            CHECK((waiting_.empty() && fresh_waiters_.empty()));
        }
        // And nobody waits for something that never comes: a connection, or else the clock.
        CHECK(((waiting_.empty() && fresh_waiters_.empty()) ||
               core_.next_tick() < pool_core::time_point::max()));
    }

    named_waiter& waiter(unsigned name) { return waiters_.try_emplace(name, name).first->second; }

    cyclos::pool_config limits_;
    std::map<unsigned, named_waiter> waiters_; // of which the core refers to those that wait
    pool_core core_;
    std::mt19937 random_;
    pool_core::time_point now_{1000h};
    unsigned next_waiter_ = 1;
    std::map<unsigned, pool_core::time_point> waiting_; // in the order of their coming
    std::map<unsigned, pool_core::time_point> fresh_waiters_;
    std::set<pool_core::slot> fresh_; // opened by the present event
    std::set<pool_core::slot> connecting_;
    std::set<pool_core::slot> idle_;
    std::set<pool_core::slot> in_use_;
    std::size_t served_ = 0;
};

cyclos::pool_config small_limits(unsigned seed)
{
    cyclos::pool_config limits;
    limits.max_connections = 1 + seed % 5;
    limits.max_pending_acquires = seed % 7;
    limits.idle_timeout = std::chrono::seconds{1 + seed % 4};
    limits.max_age = std::chrono::seconds{seed % 3 * 10};
    limits.max_requests = seed % 2 * 8;
    return limits;
}

} // namespace

TEST_SUITE("pool_core, random events")
{
    TEST_CASE("pool_core, random events: no waiter is lost, served twice or overtaken, and every "
              "pool drains")
    {
        for (unsigned seed = 1; seed <= 50; ++seed) {
            CAPTURE(seed);
            world w{seed, small_limits(seed)};
            for (int step = 0; step < 2000; ++step) {
                w.step();
            }
            if (seed % 2 == 0) {
                w.drain();
            }
            else {
                w.shut_down();
            }
            if (small_limits(seed).max_pending_acquires > 0) {
                CHECK(w.served() > 50); // or the events are not such as to test anything
            }
        }
    }
}
