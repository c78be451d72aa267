//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_POOL_CORE_IPP
#define CYCLOS_DETAIL_NET_IMPL_POOL_CORE_IPP

#include <cyclos/detail/net/pool_core.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

// The server measures the keep-alive time from when it has sent the end of its response, the client
// from when it has read it. So the client stops using a connection this much earlier than the
// server closes it, but uses it for at least half of the time.
inline constexpr std::chrono::milliseconds keep_alive_margin{1000};

// The pause after a failure is random between half of and all of min(2^n * pause_base, pause_cap),
// where n is the number of consecutive failures before it. It is short, so that requests soon find
// a server that is back.
inline constexpr std::chrono::milliseconds pause_base{100};
inline constexpr std::chrono::milliseconds pause_cap{500};

// How long a request waits for a connection that is being opened, if the last one failed.
inline constexpr std::chrono::seconds failing_wait_limit{1};

// How much longer a request of another pool must have waited, before an open connection is closed
// for it although a request of this pool could use it at once. Opening another connection takes
// time.
inline constexpr std::chrono::milliseconds handover_margin{500};

// How often a pool below its minimum number of connections checks for a free place.
inline constexpr std::chrono::seconds place_check_interval{1};

// Back-off with full jitter for spare connections: random between zero and
// min(2^n * backoff_base, backoff_cap).
inline constexpr std::chrono::milliseconds backoff_base{100};
inline constexpr std::chrono::milliseconds backoff_cap{10'000};

inline std::chrono::milliseconds doubled(std::chrono::milliseconds base, unsigned failures,
                                         std::chrono::milliseconds cap) noexcept
{
    return (std::min)(cap, base * (1 << (std::min)(failures, 10U)));
}

} // namespace detail

CYCLOS_DECL pool_core::pool_core(const pool_config& limits, std::shared_ptr<connection_quota> quota)
    : limits_(limits)
    , quota_(quota ? std::move(quota) : std::make_shared<connection_quota>(limits.max_connections))
    , number_(quota_->join())
{}

CYCLOS_DECL std::optional<pool_core::slot> pool_core::try_acquire(time_point now, purpose intent)
{
    if (!waiting_.empty() || shut_down_) {
        return std::nullopt;
    }
    while (!idle_.empty()) {
        connection& c = idle_.back();
        if (const auto reason = expiry_reason(c, now)) {
            evict(c, *reason);
            // Waiters for a new connection may have been waiting while this one was open.
            fail_unreachable(now);
            continue;
        }
        leave_idle(c);
        begin_use(c, intent);
        return c.index;
    }
    return std::nullopt;
}

CYCLOS_DECL void pool_core::acquire(waiter& w, time_point deadline, time_point now, purpose intent,
                                    queueing queue)
{
    if (shut_down_) {
        return fail(w, acquire_error::shutdown);
    }
    if (const auto index = try_acquire(now, intent)) {
        actions_.push_back({.type = action::kind::grant, .slot = *index, .waiter = &w});
        return;
    }
    if (failing() && stats_.connecting == 0 && now < pause_end_) {
        return fail(w, acquire_error::connect);
    }
    const std::size_t connecting = stats_.connecting;
    enqueue(w, false, deadline, now, intent);
    open_more(now);
    w.is_probe_ = failing() && stats_.connecting > connecting;
    // If this pool has reported a waiter for which no connection is being opened, the last one,
    // `w`, is such a waiter.
    if (quota_->waiters() > limits_.max_pending_acquires && reported_waiters_ > 0) {
        dequeue(w);
        fail(w, failing() ? acquire_error::connect : acquire_error::queue_full);
    }
    else if (queue == queueing::refused && stats_.connecting == connecting &&
             reported_waiters_ > 0) { // no connection is being opened for w, the last in the queue
        dequeue(w);
        fail(w, failing() ? acquire_error::connect : acquire_error::busy);
    }
}

CYCLOS_DECL void pool_core::acquire_fresh(waiter& w, time_point deadline, time_point now,
                                          purpose intent, queueing queue)
{
    if (shut_down_) {
        return fail(w, acquire_error::shutdown);
    }
    if (failing() && stats_.connecting == 0 && now < pause_end_) {
        return fail(w, acquire_error::connect);
    }
    const std::size_t connecting = stats_.connecting;
    enqueue(w, true, deadline, now, intent);
    open_more(now);
    w.is_probe_ = failing() && stats_.connecting > connecting;
    if (queue == queueing::refused && stats_.connecting == connecting) {
        dequeue(w);
        fail(w, failing() ? acquire_error::connect : acquire_error::busy);
    }
}

/// Reports to the quota how many waiters there are for which no connection is being opened. Waiters
/// for a new connection do not count: they were admitted before.
CYCLOS_DECL void pool_core::report_waiters() noexcept
{
    // Connections that are being opened are granted to waiters for a new connection first.
    const std::size_t connecting = connecting_for_waiters();
    const std::size_t for_others = connecting - (std::min)(connecting, fresh_waiters_.size());
    const std::size_t waiters = waiting_.size() - (std::min)(waiting_.size(), for_others);
    if (waiters != reported_waiters_) {
        quota_->update_waiters(reported_waiters_, waiters);
        reported_waiters_ = waiters;
    }
}

CYCLOS_DECL void pool_core::abandon(waiter& w)
{
    if (w.is_linked()) {
        dequeue(w);
    }
}

CYCLOS_DECL void pool_core::connected(slot index, time_point now)
{
    connection& c = connections_[index];
    end_connecting(c);
    ++stats_.opened;
    ++stats_.in_use; // until it is granted or becomes idle below
    pause_end_ = (time_point::min)();
    c.state = state::in_use;
    c.opened = now;
    c.requests = 0;
    if (shut_down_) {
        return close(c, close_reason::shutdown);
    }
    if (c.companion) {
        if (!companions_waiting_.empty()) {
            waiter& w = companions_waiting_.front();
            dequeue(w);
            grant(c, w);
            return open_more(now);
        }
        if (!become_regular(c)) {
            close(c, close_reason::replaced);
            return open_more(now);
        }
    }
    if (fresh_waiters_.empty()) {
        assign(c, std::nullopt, now);
    }
    else {
        grant(c, take_first(fresh_waiters_));
    }
    open_more(now);
}

CYCLOS_DECL bool pool_core::connect_failed(slot index, time_point now, double jitter)
{
    connection& c = connections_[index];
    end_connecting(c);
    become_free(c);
    ++stats_.connect_failures;
    const bool is_requested = !c.spare;
    if (is_requested) {
        begin_pause(c.opened, now, jitter);
        if (stats_.connecting == 0) {
            // These waiters cannot use a connection that is open already.
            fail_all(fresh_waiters_, acquire_error::connect);
        }
        fail_unreachable(now);
    }
    else {
        back_off_spares(c.opened, now, jitter);
    }
    open_more(now);
    return is_requested;
}

CYCLOS_DECL bool pool_core::server_failed(time_point begun, time_point pause_end, time_point now)
{
    // All pools notice the same failure and notify each other. It counts once.
    if (shut_down_ || stats_.idle + stats_.in_use > 0 || begun < last_failure_at_) {
        return false;
    }
    // If several pools notice it one after the other, waiters here must not wait longer because of
    // that.
    failing_wait_start_ = failures_ == 0 ? now : failing_wait_start_;
    ++failures_;
    last_failure_at_ = now;
    pause_end_ = (std::max)(pause_end_, pause_end);
    fail_unreachable(now);
    open_more(now);
    return true;
}

CYCLOS_DECL void pool_core::begin_pause(time_point begun, time_point now, double jitter)
{
    // If a server goes down, all connections that are being opened fail for the same reason. They
    // count as one failure.
    if (begun < last_failure_at_) {
        return;
    }
    last_failure_at_ = failing_wait_start_ = now;
    const duration max_delay = detail::doubled(detail::pause_base, failures_, detail::pause_cap);
    pause_end_ = now + std::chrono::duration_cast<duration>(max_delay * (0.5 + 0.5 * jitter));
    ++failures_;
}

CYCLOS_DECL void pool_core::back_off_spares(time_point begun, time_point now, double jitter)
{
    if (begun < last_spare_failure_at_) {
        return;
    }
    last_spare_failure_at_ = now;
    const duration max_delay =
        detail::doubled(detail::backoff_base, spare_failures_, detail::backoff_cap);
    spare_backoff_end_ = now + std::chrono::duration_cast<duration>(max_delay * jitter);
    ++spare_failures_;
}

CYCLOS_DECL void pool_core::fail_all(waiter_list& queue, acquire_error reason)
{
    while (!queue.empty()) {
        fail(take_first(queue), reason);
    }
}

/// Rejects the waiters that have nothing to wait for, if the server is unreachable.
CYCLOS_DECL void pool_core::fail_unreachable(time_point now)
{
    if (!failing()) {
        return;
    }
    for (waiter_list* const queue : {&fresh_waiters_, &waiting_}) {
        if (stats_.connecting > 0) {
            // A connection that is being opened may still be granted to them.
            fail_overdue(*queue, now);
        }
        else if (now < pause_end_) {
            fail_all(*queue, acquire_error::connect);
        }
    }
}

/// Rejects the waiters that have reached the limit for waiting for a connection that is being
/// opened.
CYCLOS_DECL void pool_core::fail_overdue(waiter_list& queue, time_point now)
{
    // The probe comes first, and the limit does not apply to it. The others are in the order of
    // their arrival.
    auto it = queue.begin();
    if (it != queue.end() && it->is_probe_) {
        ++it;
    }
    while (it != queue.end()) {
        const time_point end =
            (std::max)(it->waiting_since_, failing_wait_start_) + detail::failing_wait_limit;
        if (end > now) {
            return schedule_tick(end);
        }
        waiter& overdue = *it++;
        dequeue(overdue);
        fail(overdue, acquire_error::connect);
    }
}

CYCLOS_DECL void pool_core::released(slot index, bool reusable, std::optional<duration> keep_alive,
                                     time_point now)
{
    connection& c = connections_[index];
    end_use(c);
    std::optional<close_reason> reason;
    if (shut_down_) {
        reason = close_reason::shutdown;
    }
    else if (!reusable) {
        reason = close_reason::broken;
    }
    else {
        reason = expiry_reason(c, now);
        if (!reason && c.companion && !become_regular(c)) {
            if (!companions_waiting_.empty() && !companions_waiting_.front().fresh_ &&
                quota_->can_keep_companion()) {
                waiter& w = companions_waiting_.front();
                dequeue(w);
                grant(c, w);
                return open_more(now);
            }
            reason = close_reason::replaced;
        }
        if (!reason && (fresh_waiter_needs_place(now) || is_needed_by_other_pool())) {
            reason = close_reason::replaced;
        }
    }
    if (reason) {
        close(c, *reason);
        fail_unreachable(now);
        return open_more(now);
    }
    assign(c, keep_alive, now);
    // If the connection was granted to a content, an upload may now use a companion place.
    open_more(now);
}

CYCLOS_DECL void pool_core::release_place(time_point now)
{
    if (can_release_place() && is_needed_by_other_pool()) {
        evict(idle_.front(), close_reason::replaced);
        // This schedules opening another connection if there are fewer than the minimum now.
        open_more(now);
    }
}

CYCLOS_DECL void pool_core::lost(slot index, time_point now, double jitter)
{
    connection& c = connections_[index];
    if (c.state != state::idle) {
        return;
    }
    if (c.requests == 0) {
        // A server that accepts connections only to close them must not be overloaded by attempts
        // to keep the minimum number open.
        back_off_spares(c.opened, now, jitter);
    }
    evict(c, close_reason::peer);
    fail_unreachable(now);
    open_more(now);
}

CYCLOS_DECL void pool_core::tick(time_point now)
{
    next_tick_ = (time_point::max)();
    while (deadlines_.next() <= now) {
        waiter& w = deadlines_.front();
        dequeue(w);
        ++stats_.acquire_timeouts;
        fail(w, acquire_error::timeout);
    }
    while (idle_deadlines_.next() <= now) {
        connection& c = idle_deadlines_.front();
        evict(c, expiry_reason(c, now).value_or(close_reason::idle));
    }
    schedule_tick(deadlines_.next());
    schedule_tick(idle_deadlines_.next());
    fail_unreachable(now);
    open_more(now);
}

CYCLOS_DECL void pool_core::close_idle(time_point now)
{
    while (!idle_.empty()) {
        evict(idle_.front(), close_reason::requested);
    }
    fail_unreachable(now);
    open_more(now);
}

CYCLOS_DECL void pool_core::shut_down()
{
    shut_down_ = true;
    fail_all(fresh_waiters_, acquire_error::shutdown);
    fail_all(waiting_, acquire_error::shutdown);
    while (!idle_.empty()) {
        connection& c = idle_.back();
        leave_idle(c);
        close(c, close_reason::shutdown);
    }
    next_tick_ = (time_point::max)();
}

CYCLOS_DECL void pool_core::assign(connection& c, std::optional<duration> keep_alive,
                                   time_point now)
{
    if (waiting_.empty()) {
        return become_idle(c, keep_alive, now);
    }
    grant(c, take_first(waiting_));
}

CYCLOS_DECL void pool_core::enqueue(waiter& w, bool fresh, time_point deadline, time_point now,
                                    purpose intent)
{
    // May throw, so it comes first.
    deadlines_.insert(w, deadline);
    w.fresh_ = fresh;
    w.is_probe_ = false;
    w.waiting_since_ = now;
    w.purpose_ = intent;
    if (may_use_companion(intent)) {
        companions_waiting_.push_back(w);
    }
    (fresh ? fresh_waiters_ : waiting_).push_back(w);
    ++stats_.waiting;
    schedule_tick(deadline);
    if (failing()) {
        schedule_tick((std::max)(now, failing_wait_start_) + detail::failing_wait_limit);
    }
}

CYCLOS_DECL void pool_core::dequeue(waiter& w) noexcept
{
    deadlines_.erase(w);
    waiter_list& queue = w.fresh_ ? fresh_waiters_ : waiting_;
    queue.erase(queue.iterator_to(w));
    if (w.companion_hook_.is_linked()) {
        companions_waiting_.erase(companions_waiting_.iterator_to(w));
    }
    --stats_.waiting;
    report_waiters();
}

CYCLOS_DECL pool_core::waiter& pool_core::take_first(waiter_list& queue) noexcept
{
    waiter& w = queue.front();
    dequeue(w);
    return w;
}

CYCLOS_DECL void pool_core::begin_use(connection& c, purpose intent)
{
    c.purpose = intent;
    ++in_use_by_purpose_[static_cast<std::size_t>(intent)];
    if (holds_content(intent)) {
        c.counted_as_content = true;
        quota_->add_content();
    }
    stats_.reused += c.requests > 0 ? 1 : 0;
    ++c.requests;
    // The server accepted a connection and kept it open until it was needed.
    failures_ = spare_failures_ = 0;
    spare_backoff_end_ = (time_point::min)();
}

/// A request has released the connection.
CYCLOS_DECL void pool_core::end_use(connection& c) noexcept
{
    --in_use_by_purpose_[static_cast<std::size_t>(c.purpose)];
    if (std::exchange(c.counted_as_content, false)) {
        quota_->remove_content();
    }
}

/// Moves a connection from its companion place to a regular one, if one is free.
CYCLOS_DECL bool pool_core::become_regular(connection& c)
{
    if (!has_room() || !quota_->try_take()) {
        return false;
    }
    quota_->release_companion();
    c.companion = false;
    return true;
}

CYCLOS_DECL void pool_core::grant(connection& c, waiter& w)
{
    begin_use(c, w.purpose_);
    actions_.push_back({.type = action::kind::grant, .slot = c.index, .waiter = &w});
}

CYCLOS_DECL void pool_core::become_idle(connection& c, std::optional<duration> keep_alive,
                                        time_point now)
{
    duration idle_for =
        limits_.idle_timeout.count() > 0 ? duration{limits_.idle_timeout} : (duration::max)() / 4;
    if (keep_alive) {
        idle_for =
            (std::min)(idle_for, *keep_alive - (std::min)(duration{detail::keep_alive_margin},
                                                          *keep_alive / 2));
    }
    time_point until = now + idle_for;
    if (limits_.max_age.count() > 0) {
        until = (std::min)(until, c.opened + duration{limits_.max_age});
    }
    // May throw, so it comes first.
    idle_deadlines_.insert(c, until);
    idle_.push_back(c);
    --stats_.in_use;
    ++stats_.idle;
    c.state = state::idle;
    schedule_tick(until);
}

CYCLOS_DECL void pool_core::leave_idle(connection& c) noexcept
{
    idle_deadlines_.erase(c);
    idle_.erase(idle_.iterator_to(c));
    --stats_.idle;
    ++stats_.in_use; // a request takes it, or close() undoes this
    c.state = state::in_use;
}

CYCLOS_DECL void pool_core::open_more(time_point now)
{
    if (!shut_down_) {
        open_needed(now);
    }
    report_waiters();
}

CYCLOS_DECL void pool_core::open_needed(time_point now)
{
    no_free_place_ = false;
    // After a failure, one connection at a time probes the server. Otherwise the quota is the
    // limit.
    const std::size_t max_connecting =
        failures_ > 0 ? 1 : (std::numeric_limits<std::size_t>::max)();
    while (connecting_for_waiters() < max_connecting) {
        const bool spare = connecting_for_waiters() >= stats_.waiting;
        if (spare && open_or_opening() >= limits_.min_connections) {
            return;
        }
        if (spare && quota_->pools_blocked_before(number_, connection_quota::never) > 0) {
            // Another pool needs the place for a request.
            return schedule_tick(now + detail::place_check_interval);
        }
        const time_point earliest = spare ? (std::max)(pause_end_, spare_backoff_end_) : pause_end_;
        if (now < earliest) {
            return schedule_tick(earliest);
        }
        const std::optional<bool> companion = acquire_place(spare, now);
        if (!companion) {
            no_free_place_ = true;
            return spare ? schedule_tick(now + detail::place_check_interval) : void();
        }
        connection& c = allocate_connection(*companion);
        c.state = state::connecting;
        companions_connecting_ += c.companion ? 1 : 0;
        spares_connecting_ += spare ? 1 : 0;
        c.spare = spare;
        c.opened = now;
        ++stats_.connecting;
        if (failures_ > 0) {
            failing_wait_start_ = now;
            schedule_tick(now + detail::failing_wait_limit);
        }
        actions_.push_back({.type = action::kind::open, .slot = c.index});
    }
}

CYCLOS_DECL void pool_core::end_connecting(connection& c) noexcept
{
    --stats_.connecting;
    companions_connecting_ -= c.companion ? 1 : 0;
    spares_connecting_ -= c.spare ? 1 : 0;
}

/// Acquires a place for a new connection. @return Nothing if none is free; true if it is a
/// companion place.
CYCLOS_DECL std::optional<bool> pool_core::acquire_place(bool spare, time_point now)
{
    if (has_room() && quota_->try_take()) {
        return false;
    }
    if (!spare && needs_companion() && quota_->try_take_companion()) {
        return true;
    }
    if (!idle_.empty() && fresh_waiter_needs_place(now)) {
        evict(idle_.front(), close_reason::replaced);
        if (quota_->try_take()) {
            // No other pool was faster.
            return false;
        }
    }
    return std::nullopt;
}

CYCLOS_DECL pool_core::time_point pool_core::blocked_since() const noexcept
{
    std::size_t served = connecting_for_waiters();
    for (const waiter_list* const queue : {&fresh_waiters_, &waiting_}) {
        if (queue->size() > served) {
            return std::next(queue->begin(), static_cast<std::ptrdiff_t>(served))->waiting_since_;
        }
        served -= queue->size();
    }
    return connection_quota::never;
}

/// Whether a regular place is free, beyond those reserved for pools that have waited for longer.
CYCLOS_DECL bool pool_core::has_room() const noexcept
{
    return quota_->has_free_place(number_, quota_->has_blocked_pools() ? blocked_since()
                                                                       : connection_quota::never);
}

/// Whether a connection should be closed, because another pool needs its place more.
CYCLOS_DECL bool pool_core::is_needed_by_other_pool() const noexcept
{
    if (quota_->has_free_place() || !quota_->has_blocked_pools()) {
        return false;
    }
    if (failures_ > 0 && stats_.waiting > 0) {
        // The waiters here would be rejected without it: no other connection can be opened now.
        return false;
    }
    time_point first = connection_quota::never;
    for (const waiter_list* const queue : {&fresh_waiters_, &waiting_}) {
        if (!queue->empty()) {
            first = (std::min)(first, queue->front().waiting_since_ - detail::handover_margin);
        }
    }
    return quota_->pools_blocked_before(number_, first) > 0;
}

CYCLOS_DECL bool pool_core::fresh_waiter_needs_place(time_point now) const noexcept
{
    return stats_.connecting < fresh_waiters_.size() && !has_room() && now >= pause_end_;
}

CYCLOS_DECL void pool_core::close(connection& c, close_reason reason)
{
    --stats_.in_use;
    become_free(c);
    actions_.push_back({.type = action::kind::close, .slot = c.index, .reason = reason});
}

CYCLOS_DECL void pool_core::evict(connection& c, close_reason reason)
{
    ++stats_.evicted;
    leave_idle(c);
    close(c, reason);
}

CYCLOS_DECL void pool_core::fail(waiter& w, acquire_error reason)
{
    actions_.push_back({.type = action::kind::fail, .waiter = &w, .error = reason});
}

CYCLOS_DECL std::optional<close_reason> pool_core::expiry_reason(const connection& c,
                                                                 time_point now) const
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
    if (std::exchange(c.companion, false)) {
        quota_->release_companion();
    }
    else {
        quota_->release();
    }
    c.state = state::free;
    free_.push_back(c);
}

/// Returns an unused slot for a place that was acquired.
CYCLOS_DECL pool_core::connection& pool_core::allocate_connection(bool companion)
{
    if (free_.empty()) {
        try {
            connections_.emplace_back(connections_.size()).companion = companion;
        }
        catch (...) {
            companion ? quota_->release_companion() : quota_->release();
            throw;
        }
        return connections_.back();
    }
    connection& c = free_.front();
    free_.pop_front();
    c.companion = companion;
    return c;
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_POOL_CORE_IPP
