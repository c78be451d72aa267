//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_POOL_EVENTS_HPP
#define CYCLOS_TESTS_POOL_EVENTS_HPP

#include <cyclos/detail/net/pool_core.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cyclos::test {

using namespace std::chrono_literals;
using cyclos::close_reason;
using net::acquire_error;
using net::pool_core;
using action_kind = pool_core::action::kind;
using time_point = pool_core::time_point;

inline const time_point start{1000h};
inline const time_point never = time_point::max();

/// A waiter with a name.
struct named_waiter : pool_core::waiter
{
    explicit named_waiter(unsigned n)
        : name(n)
    {}

    unsigned name;
};

inline std::string describe(const pool_core::action& action)
{
    const auto slot = std::to_string(action.slot);
    const auto waiter = action.waiter != nullptr
                            ? std::to_string(static_cast<const named_waiter*>(action.waiter)->name)
                            : "";
    switch (action.type) {
    case action_kind::open: return "open " + slot;
    case action_kind::grant: return "grant " + slot + " to " + waiter;
    case action_kind::fail:
        switch (action.error) {
        case acquire_error::queue_full: return "fail " + waiter + ": queue_full";
        case acquire_error::busy: return "fail " + waiter + ": busy";
        case acquire_error::timeout: return "fail " + waiter + ": timeout";
        case acquire_error::connect: return "fail " + waiter + ": connect";
        case acquire_error::shutdown: return "fail " + waiter + ": shutdown";
        }
        break;
    case action_kind::close:
        switch (action.reason) {
        case close_reason::idle: return "close " + slot + ": idle";
        case close_reason::age: return "close " + slot + ": age";
        case close_reason::requests: return "close " + slot + ": requests";
        case close_reason::peer: return "close " + slot + ": peer";
        case close_reason::broken: return "close " + slot + ": broken";
        case close_reason::requested: return "close " + slot + ": requested";
        case close_reason::replaced: return "close " + slot + ": replaced";
        case close_reason::shutdown: return "close " + slot + ": shutdown";
        }
        break;
    }
    return "?";
}

/// A pool with a simulated clock. Each event returns its actions in one line.
class pool
{
public:
    explicit pool(const pool_config& limits = {},
                  std::shared_ptr<net::connection_quota> quota = nullptr)
        : core(limits, std::move(quota))
    {}

    std::string begin()
    {
        core.start(now);
        return actions();
    }

    std::string acquire(unsigned id, time_point deadline = never)
    {
        core.acquire(waiter(id), deadline, now);
        return actions();
    }

    std::string acquire_fresh(unsigned id, time_point deadline = never)
    {
        core.acquire_fresh(waiter(id), deadline, now);
        return actions();
    }

    std::string acquire_fresh(unsigned id, net::purpose intent)
    {
        core.acquire_fresh(waiter(id), never, now, intent);
        return actions();
    }

    std::string acquire(unsigned id, net::purpose intent)
    {
        core.acquire(waiter(id), never, now, intent);
        return actions();
    }

    /// A request that must not wait in the queue.
    std::string acquire_at_once(unsigned number, net::purpose intent = net::purpose::exchange)
    {
        core.acquire(waiter(number), never, now, intent, net::queueing::refused);
        return actions();
    }

    std::string acquire_fresh_at_once(unsigned number)
    {
        core.acquire_fresh(waiter(number), never, now, net::purpose::exchange,
                           net::queueing::refused);
        return actions();
    }

    std::string place_may_be_free()
    {
        core.place_may_be_free(now);
        return actions();
    }

    std::string release_place()
    {
        core.release_place(now);
        return actions();
    }

    std::string abandon(unsigned id)
    {
        core.abandon(waiter(id));
        return actions();
    }

    std::string connected(pool_core::slot slot)
    {
        core.connected(slot, now);
        return actions();
    }

    std::string connect_failed(pool_core::slot slot, double jitter = 1)
    {
        core.connect_failed(slot, now, jitter);
        return actions();
    }

    std::string server_failed(time_point begun, time_point pause_end)
    {
        core.server_failed(begun, pause_end, now);
        return actions();
    }

    std::string released(pool_core::slot slot, bool reusable = true,
                         std::optional<pool_core::duration> keep_alive = std::nullopt)
    {
        core.released(slot, reusable, keep_alive, now);
        return actions();
    }

    std::string lost(pool_core::slot slot, double jitter = 1)
    {
        core.lost(slot, now, jitter);
        return actions();
    }

    std::string tick()
    {
        core.tick(now);
        return actions();
    }

    /// Advances the clock, and calls the pool at its ticks.
    std::string pass(pool_core::duration time)
    {
        const auto until = now + time;
        std::string all;
        while (core.next_tick() <= until) {
            now = std::max(now, core.next_tick());
            const auto some = tick();
            all += all.empty() || some.empty() ? some : ", " + some;
        }
        now = until;
        return all;
    }

    std::string close_idle()
    {
        core.close_idle(now);
        return actions();
    }

    std::string shut_down()
    {
        core.shut_down();
        return actions();
    }

    std::optional<pool_core::slot> try_acquire() { return core.try_acquire(now); }

    std::string actions()
    {
        std::vector<pool_core::action> list;
        core.take_actions(list);
        std::string text;
        for (const auto& action : list) {
            text += text.empty() ? "" : ", ";
            text += describe(action);
        }
        return text;
    }

    /// "connecting idle in_use waiting"
    std::string now_holds() const
    {
        const auto& s = core.stats();
        return std::to_string(s.connecting) + ' ' + std::to_string(s.idle) + ' ' +
               std::to_string(s.in_use) + ' ' + std::to_string(s.waiting);
    }

    /// Makes this many connections idle; the last slot was used last.
    void fill(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(acquire(900 + static_cast<unsigned>(i)) == "open " + std::to_string(i));
            CHECK(connected(i) == "grant " + std::to_string(i) + " to " + std::to_string(900 + i));
        }
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(released(i) == "");
        }
    }

    named_waiter& waiter(unsigned name) { return waiters.try_emplace(name, name).first->second; }

    std::map<unsigned, named_waiter> waiters; // the core refers to those that wait
    pool_core core;
    time_point now = start;
};

/// A maximum number of connections, and an idle timeout of 50 s as the only other limit.
inline pool_config limits(std::size_t max_connections)
{
    pool_config config;
    config.max_connections = max_connections;
    config.idle_timeout = 50s;
    config.max_age = 0s;
    return config;
}

} // namespace cyclos::test

#endif // CYCLOS_TESTS_POOL_EVENTS_HPP
