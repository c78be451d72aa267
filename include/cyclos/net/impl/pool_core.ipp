//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_POOL_CORE_IPP
#define CYCLOS_NET_IMPL_POOL_CORE_IPP

#include <cyclos/net/pool_core.hpp>

#include <algorithm>

namespace cyclos::inline CYCLOS_ABI::net {

namespace detail {

// Server and client count from different moments: the server from when it sent the end of its response, the
// client from when it has read it. A connection is given up so much before the server does it.
inline constexpr std::chrono::milliseconds keep_alive_margin{1000};

// Full jitter: the wait after the n-th failure in a row is random between nothing and 2^n times the first of
// these, at most the second.
inline constexpr std::chrono::milliseconds backoff_base{100};
inline constexpr std::chrono::milliseconds backoff_cap{10'000};

} // namespace detail

CYCLOS_DECL pool_stats& pool_stats::operator+=(const pool_stats& other) noexcept
{
    connecting += other.connecting;
    idle += other.idle;
    in_use += other.in_use;
    waiting += other.waiting;
    opened += other.opened;
    resumed += other.resumed;
    failed += other.failed;
    reused += other.reused;
    evicted += other.evicted;
    timeouts += other.timeouts;
    timers += other.timers;
    return *this;
}

CYCLOS_DECL pool_core::pool_core(const pool_config& limits)
    : limits_(limits)
{}

CYCLOS_DECL std::optional<pool_core::slot> pool_core::try_acquire(time_point now)
{
    if (!waiting_.empty() || shut_down_) {
        return std::nullopt;
    }
    while (!idle_.empty()) {
        const slot where = idle_.back();
        idle_.pop_back();
        if (const auto reason = unfit(connections_[where], now)) {
            ++stats_.evicted;
            close(where, *reason);
            continue;
        }
        --stats_.idle;
        ++stats_.in_use;
        connections_[where].state = state::in_use;
        use(where);
        return where;
    }
    return std::nullopt;
}

CYCLOS_DECL void pool_core::acquire(waiter who, time_point deadline, time_point now)
{
    if (shut_down_) {
        return refuse(who, refusal::shutdown);
    }
    if (const auto where = try_acquire(now)) {
        actions_.push_back({.what = action::kind::lend, .slot = *where, .waiter = who});
        return;
    }
    if (waiting_.size() >= limits_.max_waiters) {
        return refuse(who, refusal::crowded);
    }
    waiting_.push_back({who, deadline});
    ++stats_.waiting;
    due(deadline);
    open_more(now);
}

CYCLOS_DECL void pool_core::renew(waiter who, time_point deadline, time_point now)
{
    if (shut_down_) {
        return refuse(who, refusal::shutdown);
    }
    renewing_.push_back({who, deadline});
    ++stats_.waiting;
    due(deadline);
    open_more(now);
}

CYCLOS_DECL void pool_core::abandon(waiter who)
{
    for (auto* const queue : {&renewing_, &waiting_}) {
        stats_.waiting -= std::erase_if(*queue, [&](const waiting& w) { return w.who == who; });
    }
}

CYCLOS_DECL void pool_core::connected(slot where, time_point now)
{
    connection& c = connections_[where];
    --stats_.connecting;
    ++stats_.opened;
    ++stats_.in_use; // until it is served or laid aside below
    retry_at_ = (time_point::min)();
    c.state = state::in_use;
    c.opened = now;
    c.requests = 0;
    if (shut_down_) {
        return close(where, close_reason::shutdown);
    }
    if (renewing_.empty()) {
        serve(where, std::nullopt, now);
    }
    else {
        lend(where, take_first(renewing_));
    }
    open_more(now);
}

CYCLOS_DECL void pool_core::connect_failed(slot where, time_point now, double jitter)
{
    connections_[where].state = state::free;
    --stats_.connecting;
    ++stats_.failed;

    back_off(connections_[where].opened, now, jitter);

    // While another connection is open or being opened, that one may still serve the waiters; those who want a new
    // one, only while it is being opened. Where there is none, waiting for the deadline would only hide the reason.
    if (stats_.connecting == 0 && !renewing_.empty()) {
        refuse(take_first(renewing_), refusal::connect);
    }
    else if (open_or_opening() == 0 && !waiting_.empty()) {
        refuse(take_first(waiting_), refusal::connect);
    }
    open_more(now);
}

CYCLOS_DECL void pool_core::back_off(time_point begun, time_point now, double jitter)
{
    // A server that goes takes along all connections that are being opened. They fail for one reason, and count as one.
    if (begun < failed_at_) {
        return;
    }
    failed_at_ = now;
    const auto ceiling = (std::min)(detail::backoff_cap, detail::backoff_base * (1 << (std::min)(failures_, 10U)));
    ++failures_;
    retry_at_ = now + std::chrono::duration_cast<duration>(ceiling * jitter);
}

CYCLOS_DECL void pool_core::released(slot where, bool reusable, std::optional<duration> keep_alive, time_point now)
{
    connection& c = connections_[where];
    std::optional<close_reason> reason;
    if (shut_down_) {
        reason = close_reason::shutdown;
    }
    else if (!reusable) {
        reason = close_reason::broken;
    }
    else {
        c.idle_until = (time_point::max)();
        reason = unfit(c, now);
        if (!reason && room_is_wanted(now)) {
            reason = close_reason::replaced;
        }
    }
    if (reason) {
        close(where, *reason);
        return open_more(now);
    }
    serve(where, keep_alive, now);
}

CYCLOS_DECL void pool_core::lost(slot where, time_point now, double jitter)
{
    if (connections_[where].state != state::idle) {
        return;
    }
    idle_.erase(std::find(idle_.begin(), idle_.end(), where));
    ++stats_.evicted;
    if (connections_[where].requests == 0) {
        // A server that takes connections only to end them is not to be hammered either.
        back_off(connections_[where].opened, now, jitter);
    }
    close(where, close_reason::peer);
    open_more(now);
}

CYCLOS_DECL void pool_core::tick(time_point now)
{
    next_tick_ = (time_point::max)();

    for (auto* const queue : {&renewing_, &waiting_}) {
        std::erase_if(*queue, [&](const waiting& w) {
            if (w.deadline > now) {
                due(w.deadline);
                return false;
            }
            --stats_.waiting;
            ++stats_.timeouts;
            refuse(w.who, refusal::timeout);
            return true;
        });
    }

    std::erase_if(idle_, [&](slot where) {
        const connection& c = connections_[where];
        if (const auto reason = unfit(c, now)) {
            ++stats_.evicted;
            close(where, *reason);
            return true;
        }
        due(c.idle_until);
        return false;
    });

    open_more(now);
}

CYCLOS_DECL void pool_core::shut_down()
{
    shut_down_ = true;
    for (auto* const queue : {&renewing_, &waiting_}) {
        while (!queue->empty()) {
            refuse(take_first(*queue), refusal::shutdown);
        }
    }
    while (!idle_.empty()) {
        const slot where = idle_.back();
        idle_.pop_back();
        close(where, close_reason::shutdown);
    }
    next_tick_ = (time_point::max)();
}

CYCLOS_DECL void pool_core::serve(slot where, std::optional<duration> keep_alive, time_point now)
{
    if (waiting_.empty()) {
        return become_idle(where, keep_alive, now);
    }
    lend(where, take_first(waiting_));
}

CYCLOS_DECL pool_core::waiter pool_core::take_first(std::deque<waiting>& queue)
{
    const waiter who = queue.front().who;
    queue.pop_front();
    --stats_.waiting;
    return who;
}

CYCLOS_DECL void pool_core::use(slot where)
{
    connection& c = connections_[where];
    stats_.reused += c.requests > 0 ? 1 : 0;
    ++c.requests;
    failures_ = 0; // the server has taken a connection, and kept it until it was needed
}

CYCLOS_DECL void pool_core::lend(slot where, waiter who)
{
    use(where);
    actions_.push_back({.what = action::kind::lend, .slot = where, .waiter = who});
}

CYCLOS_DECL void pool_core::become_idle(slot where, std::optional<duration> keep_alive, time_point now)
{
    connection& c = connections_[where];
    --stats_.in_use;
    ++stats_.idle;
    c.state = state::idle;
    duration idle_for = limits_.idle_timeout.count() > 0 ? duration{limits_.idle_timeout} : (duration::max)() / 4;
    if (keep_alive) {
        idle_for = (std::min)(idle_for, *keep_alive - duration{detail::keep_alive_margin});
    }
    c.idle_until = now + idle_for;
    if (limits_.max_age.count() > 0) {
        c.idle_until = (std::min)(c.idle_until, c.opened + duration{limits_.max_age});
    }
    due(c.idle_until);
    idle_.push_back(where);
}

CYCLOS_DECL void pool_core::open_more(time_point now)
{
    if (shut_down_) {
        return;
    }
    // After a failure the server is probed by one connection at a time.
    const std::size_t at_once = failures_ > 0 ? 1 : limits_.max_connections;
    const auto wanted = [&] {
        return stats_.connecting < stats_.waiting || open_or_opening() < limits_.min_connections;
    };
    while (wanted() && stats_.connecting < at_once) {
        if (now < retry_at_) {
            return due(retry_at_);
        }
        if (open_or_opening() >= limits_.max_connections) {
            if (idle_.empty() || !room_is_wanted(now)) {
                return;
            }
            const slot least_used = idle_.front();
            idle_.erase(idle_.begin());
            ++stats_.evicted;
            close(least_used, close_reason::replaced);
        }
        const slot where = free_slot();
        connections_[where].state = state::connecting;
        connections_[where].opened = now;
        ++stats_.connecting;
        actions_.push_back({.what = action::kind::open, .slot = where});
    }
}

CYCLOS_DECL bool pool_core::room_is_wanted(time_point now) const noexcept
{
    return stats_.connecting < renewing_.size() && open_or_opening() >= limits_.max_connections && now >= retry_at_;
}

CYCLOS_DECL void pool_core::close(slot where, close_reason reason)
{
    connection& c = connections_[where];
    if (c.state == state::idle) {
        --stats_.idle;
    }
    else {
        --stats_.in_use;
    }
    c.state = state::free;
    actions_.push_back({.what = action::kind::close, .slot = where, .reason = reason});
}

CYCLOS_DECL void pool_core::refuse(waiter who, refusal why)
{
    actions_.push_back({.what = action::kind::refuse, .waiter = who, .refusal = why});
}

CYCLOS_DECL std::optional<close_reason> pool_core::unfit(const connection& c, time_point now) const
{
    if (limits_.max_requests > 0 && c.requests >= limits_.max_requests) {
        return close_reason::requests;
    }
    if (limits_.max_age.count() > 0 && now - c.opened >= limits_.max_age) {
        return close_reason::age;
    }
    if (now >= c.idle_until) {
        return close_reason::idle;
    }
    return std::nullopt;
}

CYCLOS_DECL pool_core::slot pool_core::free_slot()
{
    const auto found = std::find_if(connections_.begin(), connections_.end(),
                                    [](const connection& c) { return c.state == state::free; });
    if (found != connections_.end()) {
        return static_cast<slot>(found - connections_.begin());
    }
    connections_.emplace_back();
    return connections_.size() - 1;
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_POOL_CORE_IPP
