//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Random events, and invariants that must always hold.

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

/** Models the environment of the pool: requests, connections and the clock. It does not use the
    pool's own statistics: it derives the state of each connection and waiter from the actions.
*/
class pool_model
{
public:
    pool_model(unsigned seed, const cyclos::pool_config& limits)
        : limits_(limits)
        , core_(limits)
        , random_(seed)
    {}

    void step()
    {
        switch (draw(0, 9)) {
        case 0:
        case 1: request(); break;
        case 2: draw(0, 2) == 0 ? request_fresh() : request(); break;
        case 3: abandon(); break;
        case 4:
        case 5: end_connecting(draw(0, 3) > 0); break;
        case 6:
        case 7: release(); break;
        case 8: close_idle(); break;
        case 9: pass(std::chrono::milliseconds{draw(0, 2000)}); break;
        }
        check();
    }

    /// No more requests are made: everything must end.
    void drain()
    {
        while (!connecting_.empty() || !in_use_.empty() || !waiting_.empty() ||
               !fresh_waiters_.empty()) {
            while (!connecting_.empty()) {
                end_connecting(draw(0, 3) > 0);
            }
            while (!in_use_.empty()) {
                release();
            }
            pass(std::chrono::milliseconds{200});
            check();
        }
        pass(limits_.idle_timeout);
        check();
        CHECK(idle_.empty());
        // A tick may still be due for an abandoned waiter: the longest pause after failures.
        pass(std::chrono::seconds{10});
        CHECK(core_.next_tick() == pool_core::time_point::max());
    }

    void shut_down()
    {
        core_.shut_down();
        apply_actions();
        CHECK(waiting_.empty());
        CHECK(fresh_waiters_.empty());
        CHECK(idle_.empty());
        while (!connecting_.empty()) {
            end_connecting(true);
        }
        while (!in_use_.empty()) {
            release();
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

    void request()
    {
        if (draw(0, 1) == 0) {
            const bool has_waiters = !waiting_.empty();
            if (const auto slot = core_.try_acquire(now_)) {
                CHECK_FALSE(has_waiters);
                CHECK(idle_.erase(*slot) == 1);
                in_use_.insert(*slot);
                ++served_;
            }
            return apply_actions();
        }
        const auto id = next_waiter_++;
        const auto deadline = now_ + std::chrono::milliseconds{draw(1, 3000)};
        waiting_.emplace(id, deadline);
        core_.acquire(waiter(id), deadline, now_);
        apply_actions();
        // Only requests for which no connection is being opened count as waiters; failures may have
        // made them more than the limit.
        if (waiting_.contains(id)) {
            const auto for_them =
                std::max(connecting_.size(), fresh_waiters_.size()) - fresh_waiters_.size();
            CHECK(waiting_.size() <= for_them + limits_.max_pending_acquires);
        }
    }

    /// A request that was on a stale connection.
    void request_fresh()
    {
        const auto id = next_waiter_++;
        const auto deadline = now_ + std::chrono::milliseconds{draw(1, 3000)};
        fresh_waiters_.emplace(id, deadline);
        core_.acquire_fresh(waiter(id), deadline, now_);
        apply_actions();
    }

    void abandon()
    {
        auto& queue = draw(0, 1) == 0 ? waiting_ : fresh_waiters_;
        if (queue.empty()) {
            return core_.abandon(waiter(next_waiter_)); // unknown waiter
        }
        const auto position = pick(queue);
        core_.abandon(waiter(position->first));
        queue.erase(position);
        apply_actions();
    }

    void end_connecting(bool well)
    {
        if (connecting_.empty()) {
            return;
        }
        const auto position = pick(connecting_);
        const auto slot = *position;
        connecting_.erase(position);
        if (well) {
            idle_.insert(slot); // unless it is granted at once
            fresh_.insert(slot);
            core_.connected(slot, now_);
        }
        else {
            core_.connect_failed(slot, now_, std::uniform_real_distribution<double>{}(random_));
        }
        apply_actions();
        fresh_.clear();
    }

    void release()
    {
        if (in_use_.empty()) {
            return;
        }
        const auto position = pick(in_use_);
        const auto slot = *position;
        in_use_.erase(position);
        idle_.insert(slot); // unless it is granted or closed at once
        std::optional<pool_core::duration> keep_alive;
        if (draw(0, 3) == 0) {
            keep_alive = std::chrono::seconds{draw(0, 5)};
        }
        core_.released(slot, draw(0, 4) > 0, keep_alive, now_);
        apply_actions();
    }

    void close_idle()
    {
        if (!idle_.empty()) {
            core_.lost(*pick(idle_), now_, std::uniform_real_distribution<double>{}(random_));
            apply_actions();
        }
    }

    void pass(pool_core::duration time)
    {
        const auto until = now_ + time;
        while (core_.next_tick() <= until) {
            now_ = std::max(now_, core_.next_tick());
            core_.tick(now_);
            apply_actions();
            REQUIRE(core_.next_tick() > now_); // otherwise the timer would spin
        }
        now_ = until;
        for (const auto* const queue : {&waiting_, &fresh_waiters_}) {
            for (const auto& [id, deadline] : *queue) {
                CHECK(deadline > now_);
            }
        }
    }

    void apply_actions()
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

    /// A new connection is granted to fresh waiters first, any other to the others: first in, first
    /// out.
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
        // No request waits while a connection is idle.
        CHECK((waiting_.empty() || idle_.empty()));
        // No request waits in the pause after a failure if no connection is open or being opened.
        if (core_.failing() && connecting_.empty() && now_ < core_.pause_end()) {
            CHECK((waiting_.empty() && fresh_waiters_.empty()));
        }
        // Each waiter waits for a connection or for the clock.
        CHECK(((waiting_.empty() && fresh_waiters_.empty()) ||
               core_.next_tick() < pool_core::time_point::max()));
    }

    named_waiter& waiter(unsigned name) { return waiters_.try_emplace(name, name).first->second; }

    cyclos::pool_config limits_;
    std::map<unsigned, named_waiter> waiters_; // the core refers to those that wait
    pool_core core_;
    std::mt19937 random_;
    pool_core::time_point now_{1000h};
    unsigned next_waiter_ = 1;
    std::map<unsigned, pool_core::time_point> waiting_; // in the order of arrival
    std::map<unsigned, pool_core::time_point> fresh_waiters_;
    std::set<pool_core::slot> fresh_; // opened by the current event
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
            pool_model w{seed, small_limits(seed)};
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
                CHECK(w.served() > 50); // otherwise the events test nothing
            }
        }
    }
}
