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
#include <iterator>
#include <limits>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::net {

namespace detail {

// Server and client count from different moments: the server from when it sent the end of its response, the
// client from when it has read it. A connection is given up so much before the server does it, but used for half of the
// time at least.
inline constexpr std::chrono::milliseconds keep_alive_margin{1000};

// The pause after the n-th failure in a row: from half to all of 2^n times the first of these, at most the second. It
// is short, so that requests find a server that is back.
inline constexpr std::chrono::milliseconds pause_base{100};
inline constexpr std::chrono::milliseconds pause_cap{500};

// So long a request waits for a connection that is being opened, while the last one has failed.
inline constexpr std::chrono::seconds patience{1};

// So much longer a request of another pool has to have waited before an open connection is closed for it that a request
// of this pool could use at once: to open another one costs time.
inline constexpr std::chrono::milliseconds passing_margin{500};

// So often a pool with less than its least number looks whether there is a place for one more.
inline constexpr std::chrono::seconds starvation_check{1};

// Full jitter, for connections that nobody waits for: the wait is random between nothing and 2^n times the first.
inline constexpr std::chrono::milliseconds backoff_base{100};
inline constexpr std::chrono::milliseconds backoff_cap{10'000};

inline std::chrono::milliseconds doubled(std::chrono::milliseconds base, unsigned failures,
                                         std::chrono::milliseconds cap) noexcept
{
    return (std::min)(cap, base * (1 << (std::min)(failures, 10U)));
}

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
        if (const auto reason = unfit(c, now)) {
            evict(c, *reason);
            refuse_hopeless(now); // those who want a new connection may have waited beside it
            continue;
        }
        leave_idle(c);
        use(c, intent);
        return c.where;
    }
    return std::nullopt;
}

CYCLOS_DECL void pool_core::acquire(waiter& who, time_point deadline, time_point now, purpose intent)
{
    if (shut_down_) {
        return refuse(who, refusal::shutdown);
    }
    if (const auto where = try_acquire(now, intent)) {
        actions_.push_back({.what = action::kind::lend, .slot = *where, .waiter = &who});
        return;
    }
    if (failing() && stats_.connecting == 0 && now < retry_at_) {
        return refuse(who, refusal::connect);
    }
    const std::size_t connecting = stats_.connecting;
    enqueue(who, false, deadline, now, intent);
    open_more(now);
    who.probes_ = failing() && stats_.connecting > connecting;
    if (quota_->waiters() > limits_.max_waiters && counted_waiters_ > 0) {
        dequeue(who);
        refuse(who, failing() ? refusal::connect : refusal::crowded);
    }
}

CYCLOS_DECL void pool_core::renew(waiter& who, time_point deadline, time_point now, purpose intent)
{
    if (shut_down_) {
        return refuse(who, refusal::shutdown);
    }
    if (failing() && stats_.connecting == 0 && now < retry_at_) {
        return refuse(who, refusal::connect);
    }
    const std::size_t connecting = stats_.connecting;
    enqueue(who, true, deadline, now, intent);
    open_more(now);
    who.probes_ = failing() && stats_.connecting > connecting;
}

/// Lets the quota know how many waiters there are for whom no connection is being opened.
CYCLOS_DECL void pool_core::count_waiters() noexcept
{
    // The connections that are being opened go to those who want a new one first.
    const std::size_t connecting = connecting_for_waiters();
    const std::size_t for_others = connecting - (std::min)(connecting, renewing_.size());
    const std::size_t waiters = waiting_.size() - (std::min)(waiting_.size(), for_others);
    if (waiters != counted_waiters_) {
        quota_->waiters_change(counted_waiters_, waiters);
        counted_waiters_ = waiters;
    }
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
    end_connecting(c);
    ++stats_.opened;
    ++stats_.in_use; // until it is served or laid aside below
    retry_at_ = (time_point::min)();
    c.state = state::in_use;
    c.opened = now;
    c.requests = 0;
    if (shut_down_) {
        return close(c, close_reason::shutdown);
    }
    if (c.companion) {
        if (!companions_waiting_.empty()) {
            waiter& who = companions_waiting_.front();
            dequeue(who);
            lend(c, who);
            return open_more(now);
        }
        if (!become_regular(c)) {
            close(c, close_reason::replaced);
            return open_more(now);
        }
    }
    if (renewing_.empty()) {
        serve(c, std::nullopt, now);
    }
    else {
        lend(c, take_first(renewing_));
    }
    open_more(now);
}

CYCLOS_DECL bool pool_core::connect_failed(slot where, time_point now, double jitter)
{
    connection& c = connections_[where];
    end_connecting(c);
    become_free(c);
    ++stats_.failed;
    const bool wanted = !c.spare;
    if (wanted) {
        pause(c.opened, now, jitter);
        if (stats_.connecting == 0) {
            refuse_all(renewing_, refusal::connect); // whatever is open is of no use to them
        }
        refuse_hopeless(now);
    }
    else {
        pause_spares(c.opened, now, jitter);
    }
    open_more(now);
    return wanted;
}

CYCLOS_DECL bool pool_core::server_failed(time_point begun, time_point pause_end, time_point now)
{
    // The pools find it out together, and each tells all others: it counts as one failure.
    if (shut_down_ || stats_.idle + stats_.in_use > 0 || begun < failed_at_) {
        return false;
    }
    // Several pools may find it out one after the other: who waits here does not wait for longer because of that.
    patient_at_ = failures_ == 0 ? now : patient_at_;
    ++failures_;
    failed_at_ = now;
    retry_at_ = (std::max)(retry_at_, pause_end);
    refuse_hopeless(now);
    open_more(now);
    return true;
}

CYCLOS_DECL void pool_core::pause(time_point begun, time_point now, double jitter)
{
    // A server that goes takes along all connections that are being opened. They fail for one reason, and count as one.
    if (begun < failed_at_) {
        return;
    }
    failed_at_ = patient_at_ = now;
    const duration longest = detail::doubled(detail::pause_base, failures_, detail::pause_cap);
    retry_at_ = now + std::chrono::duration_cast<duration>(longest * (0.5 + 0.5 * jitter));
    ++failures_;
}

CYCLOS_DECL void pool_core::pause_spares(time_point begun, time_point now, double jitter)
{
    if (begun < spare_failed_at_) {
        return;
    }
    spare_failed_at_ = now;
    const duration longest = detail::doubled(detail::backoff_base, spare_failures_, detail::backoff_cap);
    spare_retry_at_ = now + std::chrono::duration_cast<duration>(longest * jitter);
    ++spare_failures_;
}

CYCLOS_DECL void pool_core::refuse_all(waiter_list& queue, refusal why)
{
    while (!queue.empty()) {
        refuse(take_first(queue), why);
    }
}

/// Refuses those for whom there is nothing to wait for, now that the server cannot be reached.
CYCLOS_DECL void pool_core::refuse_hopeless(time_point now)
{
    if (!failing()) {
        return;
    }
    for (waiter_list* const queue : {&renewing_, &waiting_}) {
        if (stats_.connecting > 0) {
            refuse_impatient(*queue, now); // one that is being opened may still serve them
        }
        else if (now < retry_at_) {
            refuse_all(*queue, refusal::connect);
        }
    }
}

/// Refuses those who have waited for a connection that is being opened for as long as they should.
CYCLOS_DECL void pool_core::refuse_impatient(waiter_list& queue, time_point now)
{
    // All but the one who probes are in the order of their coming.
    auto who = queue.begin();
    if (who != queue.end() && who->probes_) {
        ++who;
    }
    while (who != queue.end()) {
        const time_point end = (std::max)(who->since_, patient_at_) + detail::patience;
        if (end > now) {
            return due(end);
        }
        waiter& gone = *who++;
        dequeue(gone);
        refuse(gone, refusal::connect);
    }
}

CYCLOS_DECL void pool_core::released(slot where, bool reusable, std::optional<duration> keep_alive, time_point now)
{
    connection& c = connections_[where];
    end_use(c);
    std::optional<close_reason> reason;
    if (shut_down_) {
        reason = close_reason::shutdown;
    }
    else if (!reusable) {
        reason = close_reason::broken;
    }
    else {
        reason = unfit(c, now);
        if (!reason && c.companion && !become_regular(c)) {
            if (!companions_waiting_.empty() && !companions_waiting_.front().fresh_ && quota_->may_keep_companion()) {
                waiter& who = companions_waiting_.front();
                dequeue(who);
                lend(c, who);
                return open_more(now);
            }
            reason = close_reason::replaced;
        }
        if (!reason && (room_is_wanted(now) || is_wanted_elsewhere())) {
            reason = close_reason::replaced;
        }
    }
    if (reason) {
        close(c, *reason);
        refuse_hopeless(now);
        return open_more(now);
    }
    serve(c, keep_alive, now);
    open_more(now); // a content may have been served, which lets an upload have a companion
}

CYCLOS_DECL void pool_core::yield(time_point now)
{
    if (can_yield() && is_wanted_elsewhere()) {
        evict(idle_.front(), close_reason::replaced);
        open_more(now); // later, if it has less than the least number now
    }
}

CYCLOS_DECL void pool_core::lost(slot where, time_point now, double jitter)
{
    connection& c = connections_[where];
    if (c.state != state::idle) {
        return;
    }
    if (c.requests == 0) {
        // A server that takes connections only to end them must not be hammered to keep the least number.
        pause_spares(c.opened, now, jitter);
    }
    evict(c, close_reason::peer);
    refuse_hopeless(now);
    open_more(now);
}

CYCLOS_DECL void pool_core::tick(time_point now)
{
    next_tick_ = (time_point::max)();
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
    refuse_hopeless(now);
    open_more(now);
}

CYCLOS_DECL void pool_core::shut_down()
{
    shut_down_ = true;
    refuse_all(renewing_, refusal::shutdown);
    refuse_all(waiting_, refusal::shutdown);
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

CYCLOS_DECL void pool_core::enqueue(waiter& who, bool fresh, time_point deadline, time_point now, purpose intent)
{
    deadlines_.insert(who, deadline); // which may fail
    who.fresh_ = fresh;
    who.probes_ = false;
    who.since_ = now;
    who.purpose_ = intent;
    if (may_accompany(intent)) {
        companions_waiting_.push_back(who);
    }
    (fresh ? renewing_ : waiting_).push_back(who);
    ++stats_.waiting;
    due(deadline);
    if (failing()) {
        due((std::max)(now, patient_at_) + detail::patience);
    }
}

CYCLOS_DECL void pool_core::dequeue(waiter& who) noexcept
{
    deadlines_.erase(who);
    waiter_list& queue = who.fresh_ ? renewing_ : waiting_;
    queue.erase(queue.iterator_to(who));
    if (who.companion_hook_.is_linked()) {
        companions_waiting_.erase(companions_waiting_.iterator_to(who));
    }
    --stats_.waiting;
    count_waiters();
}

CYCLOS_DECL pool_core::waiter& pool_core::take_first(waiter_list& queue) noexcept
{
    waiter& who = queue.front();
    dequeue(who);
    return who;
}

CYCLOS_DECL void pool_core::use(connection& c, purpose intent)
{
    c.purpose = intent;
    ++lent_[static_cast<std::size_t>(intent)];
    if (holds_content(intent)) {
        c.counted = true;
        quota_->content_begins();
    }
    stats_.reused += c.requests > 0 ? 1 : 0;
    ++c.requests;
    failures_ = spare_failures_ = 0; // the server has taken a connection, and kept it until it was needed
    spare_retry_at_ = (time_point::min)();
}

/// The request that had the connection has released it.
CYCLOS_DECL void pool_core::end_use(connection& c) noexcept
{
    --lent_[static_cast<std::size_t>(c.purpose)];
    if (std::exchange(c.counted, false)) {
        quota_->content_ends();
    }
}

/// Moves a connection from a companion place to a regular one, if one is free.
CYCLOS_DECL bool pool_core::become_regular(connection& c)
{
    if (!has_room() || !quota_->take()) {
        return false;
    }
    quota_->give_companion_back();
    c.companion = false;
    return true;
}

CYCLOS_DECL void pool_core::lend(connection& c, waiter& who)
{
    use(c, who.purpose_);
    actions_.push_back({.what = action::kind::lend, .slot = c.where, .waiter = &who});
}

CYCLOS_DECL void pool_core::become_idle(connection& c, std::optional<duration> keep_alive, time_point now)
{
    duration idle_for = limits_.idle_timeout.count() > 0 ? duration{limits_.idle_timeout} : (duration::max)() / 4;
    if (keep_alive) {
        idle_for = (std::min)(idle_for, *keep_alive - (std::min)(duration{detail::keep_alive_margin}, *keep_alive / 2));
    }
    time_point until = now + idle_for;
    if (limits_.max_age.count() > 0) {
        until = (std::min)(until, c.opened + duration{limits_.max_age});
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
    if (!shut_down_) {
        open_wanted(now);
    }
    count_waiters();
}

CYCLOS_DECL void pool_core::open_wanted(time_point now)
{
    no_place_ = false;
    // After a failure the server is probed by one connection at a time. Otherwise the quota limits them.
    const std::size_t at_once = failures_ > 0 ? 1 : (std::numeric_limits<std::size_t>::max)();
    while (connecting_for_waiters() < at_once) {
        const bool spare = connecting_for_waiters() >= stats_.waiting;
        if (spare && open_or_opening() >= limits_.min_connections) {
            return;
        }
        if (spare && quota_->starving_before(number_, connection_quota::never) > 0) {
            return due(now + detail::starvation_check); // another pool needs the place more
        }
        const time_point earliest = spare ? (std::max)(retry_at_, spare_retry_at_) : retry_at_;
        if (now < earliest) {
            return due(earliest);
        }
        const std::optional<bool> companion = take_place(spare, now);
        if (!companion) {
            no_place_ = true;
            return spare ? due(now + detail::starvation_check) : void();
        }
        connection& c = free_connection(*companion);
        c.state = state::connecting;
        companions_connecting_ += c.companion ? 1 : 0;
        spares_connecting_ += spare ? 1 : 0;
        c.spare = spare;
        c.opened = now;
        ++stats_.connecting;
        if (failures_ > 0) {
            patient_at_ = now;
            due(now + detail::patience);
        }
        actions_.push_back({.what = action::kind::open, .slot = c.where});
    }
}

CYCLOS_DECL void pool_core::end_connecting(connection& c) noexcept
{
    --stats_.connecting;
    companions_connecting_ -= c.companion ? 1 : 0;
    spares_connecting_ -= c.spare ? 1 : 0;
}

/// Takes a place for a connection that is to be opened. Nothing: none is free. True: it is a companion place.
CYCLOS_DECL std::optional<bool> pool_core::take_place(bool spare, time_point now)
{
    if (has_room() && quota_->take()) {
        return false;
    }
    if (!spare && wants_companion() && quota_->take_companion()) {
        return true;
    }
    if (!idle_.empty() && room_is_wanted(now)) {
        evict(idle_.front(), close_reason::replaced);
        if (quota_->take()) { // and no other pool was faster
            return false;
        }
    }
    return std::nullopt;
}

CYCLOS_DECL pool_core::time_point pool_core::first_waiter() const noexcept
{
    std::size_t served = connecting_for_waiters();
    for (const waiter_list* const queue : {&renewing_, &waiting_}) {
        if (queue->size() > served) {
            return std::next(queue->begin(), static_cast<std::ptrdiff_t>(served))->since_;
        }
        served -= queue->size();
    }
    return connection_quota::never;
}

/// Whether a regular place is free that no other pool needs more.
CYCLOS_DECL bool pool_core::has_room() const noexcept
{
    return quota_->has_room(number_, quota_->starving() ? first_waiter() : connection_quota::never);
}

/// Whether another pool needs the place of a connection more that this one has to give.
CYCLOS_DECL bool pool_core::is_wanted_elsewhere() const noexcept
{
    if (quota_->has_room() || !quota_->starving()) {
        return false;
    }
    if (failures_ > 0 && stats_.waiting > 0) {
        return false; // without it, who waits here would be refused: no other one can be opened now
    }
    time_point first = connection_quota::never;
    for (const waiter_list* const queue : {&renewing_, &waiting_}) {
        if (!queue->empty()) {
            first = (std::min)(first, queue->front().since_ - detail::passing_margin);
        }
    }
    return quota_->starving_before(number_, first) > 0;
}

CYCLOS_DECL bool pool_core::room_is_wanted(time_point now) const noexcept
{
    return stats_.connecting < renewing_.size() && !has_room() && now >= retry_at_;
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
    if (std::exchange(c.companion, false)) {
        quota_->give_companion_back();
    }
    else {
        quota_->give_back();
    }
    c.state = state::free;
    free_.push_back(c);
}

/// A connection for a place that was taken.
CYCLOS_DECL pool_core::connection& pool_core::free_connection(bool companion)
{
    if (free_.empty()) {
        try {
            connections_.emplace_back(connections_.size()).companion = companion;
        }
        catch (...) {
            companion ? quota_->give_companion_back() : quota_->give_back();
            throw;
        }
        return connections_.back();
    }
    connection& c = free_.front();
    free_.pop_front();
    c.companion = companion;
    return c;
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_POOL_CORE_IPP
