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
        connection& c = idle_.back();
        if (const auto reason = unfit(c, now)) {
            evict(c, *reason);
            continue;
        }
        leave_idle(c);
        use(c);
        return c.where;
    }
    return std::nullopt;
}

CYCLOS_DECL void pool_core::acquire(waiter& who, time_point deadline, time_point now)
{
    if (shut_down_) {
        return refuse(who, refusal::shutdown);
    }
    if (const auto where = try_acquire(now)) {
        actions_.push_back({.what = action::kind::lend, .slot = *where, .waiter = &who});
        return;
    }
    if (waiting_.size() >= limits_.max_waiters) {
        return refuse(who, refusal::crowded);
    }
    enqueue(who, false, deadline);
    open_more(now);
}

CYCLOS_DECL void pool_core::renew(waiter& who, time_point deadline, time_point now)
{
    if (shut_down_) {
        return refuse(who, refusal::shutdown);
    }
    enqueue(who, true, deadline);
    open_more(now);
}

CYCLOS_DECL void pool_core::abandon(waiter& who)
{
    if (who.is_linked()) {
        dequeue(who);
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
        return close(c, close_reason::shutdown);
    }
    if (renewing_.empty()) {
        serve(c, std::nullopt, now);
    }
    else {
        lend(c, take_first(renewing_));
    }
    open_more(now);
}

CYCLOS_DECL void pool_core::connect_failed(slot where, time_point now, double jitter)
{
    connection& c = connections_[where];
    become_free(c);
    --stats_.connecting;
    ++stats_.failed;

    back_off(c.opened, now, jitter);

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
        reason = unfit(c, now);
        if (!reason && room_is_wanted(now)) {
            reason = close_reason::replaced;
        }
    }
    if (reason) {
        close(c, *reason);
        return open_more(now);
    }
    serve(c, keep_alive, now);
}

CYCLOS_DECL void pool_core::lost(slot where, time_point now, double jitter)
{
    connection& c = connections_[where];
    if (c.state != state::idle) {
        return;
    }
    if (c.requests == 0) {
        // A server that takes connections only to end them is not to be hammered either.
        back_off(c.opened, now, jitter);
    }
    evict(c, close_reason::peer);
    open_more(now);
}

CYCLOS_DECL void pool_core::tick(time_point now)
{
    next_tick_ = time_point::max();
    while (deadlines_.next() <= now) {
        waiter& who = deadlines_.front();
        dequeue(who);
        ++stats_.timeouts;
        refuse(who, refusal::timeout);
    }
    while (idle_deadlines_.next() <= now) {
        connection& c = idle_deadlines_.front();
        evict(c, unfit(c, now).value_or(close_reason::idle));
    }
    due(deadlines_.next());
    due(idle_deadlines_.next());
    open_more(now);
}

CYCLOS_DECL void pool_core::shut_down()
{
    shut_down_ = true;
    for (waiter_list* const queue : {&renewing_, &waiting_}) {
        while (!queue->empty()) {
            refuse(take_first(*queue), refusal::shutdown);
        }
    }
    while (!idle_.empty()) {
        connection& c = idle_.back();
        leave_idle(c);
        close(c, close_reason::shutdown);
    }
    next_tick_ = (time_point::max)();
}

CYCLOS_DECL void pool_core::serve(connection& c, std::optional<duration> keep_alive, time_point now)
{
    if (waiting_.empty()) {
        return become_idle(c, keep_alive, now);
    }
    lend(c, take_first(waiting_));
}

CYCLOS_DECL void pool_core::enqueue(waiter& who, bool fresh, time_point deadline)
{
    deadlines_.insert(who, deadline); // which may fail
    who.fresh_ = fresh;
    (fresh ? renewing_ : waiting_).push_back(who);
    ++stats_.waiting;
    due(deadline);
}

CYCLOS_DECL void pool_core::dequeue(waiter& who) noexcept
{
    deadlines_.erase(who);
    waiter_list& queue = who.fresh_ ? renewing_ : waiting_;
    queue.erase(queue.iterator_to(who));
    --stats_.waiting;
}

CYCLOS_DECL pool_core::waiter& pool_core::take_first(waiter_list& queue) noexcept
{
    waiter& who = queue.front();
    dequeue(who);
    return who;
}

CYCLOS_DECL void pool_core::use(connection& c)
{
    stats_.reused += c.requests > 0 ? 1 : 0;
    ++c.requests;
    failures_ = 0; // the server has taken a connection, and kept it until it was needed
}

CYCLOS_DECL void pool_core::lend(connection& c, waiter& who)
{
    use(c);
    actions_.push_back({.what = action::kind::lend, .slot = c.where, .waiter = &who});
}

CYCLOS_DECL void pool_core::become_idle(connection& c, std::optional<duration> keep_alive, time_point now)
{
    duration idle_for = limits_.idle_timeout.count() > 0 ? duration{limits_.idle_timeout} : duration::max() / 4;
    if (keep_alive) {
        idle_for = (std::min)(idle_for, *keep_alive - duration{detail::keep_alive_margin});
    }
    time_point until = now + idle_for;
    if (limits_.max_age.count() > 0) {
        until = std::min(until, c.opened + duration{limits_.max_age});
    }
    idle_deadlines_.insert(c, until); // which may fail
    idle_.push_back(c);
    --stats_.in_use;
    ++stats_.idle;
    c.state = state::idle;
    due(until);
}

CYCLOS_DECL void pool_core::leave_idle(connection& c) noexcept
{
    idle_deadlines_.erase(c);
    idle_.erase(idle_.iterator_to(c));
    --stats_.idle;
    ++stats_.in_use; // or it is closed
    c.state = state::in_use;
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
            evict(idle_.front(), close_reason::replaced);
        }
        connection& c = free_connection();
        c.state = state::connecting;
        c.opened = now;
        ++stats_.connecting;
        actions_.push_back({.what = action::kind::open, .slot = c.where});
    }
}

CYCLOS_DECL bool pool_core::room_is_wanted(time_point now) const noexcept
{
    return stats_.connecting < renewing_.size() && open_or_opening() >= limits_.max_connections && now >= retry_at_;
}

CYCLOS_DECL void pool_core::close(connection& c, close_reason reason)
{
    --stats_.in_use;
    become_free(c);
    actions_.push_back({.what = action::kind::close, .slot = c.where, .reason = reason});
}

CYCLOS_DECL void pool_core::evict(connection& c, close_reason reason)
{
    ++stats_.evicted;
    leave_idle(c);
    close(c, reason);
}

CYCLOS_DECL void pool_core::refuse(waiter& who, refusal why)
{
    actions_.push_back({.what = action::kind::refuse, .waiter = &who, .refusal = why});
}

CYCLOS_DECL std::optional<close_reason> pool_core::unfit(const connection& c, time_point now) const
{
    if (limits_.max_requests > 0 && c.requests >= limits_.max_requests) {
        return close_reason::requests;
    }
    if (limits_.max_age.count() > 0 && now - c.opened >= limits_.max_age) {
        return close_reason::age;
    }
    if (now >= c.deadline()) {
        return close_reason::idle;
    }
    return std::nullopt;
}

CYCLOS_DECL void pool_core::become_free(connection& c) noexcept
{
    c.state = state::free;
    free_.push_back(c);
}

CYCLOS_DECL pool_core::connection& pool_core::free_connection()
{
    if (free_.empty()) {
        return connections_.emplace_back(connections_.size());
    }
    connection& c = free_.front();
    free_.pop_front();
    return c;
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_POOL_CORE_IPP
