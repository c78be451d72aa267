//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_CONNECTION_QUOTA_HPP
#define CYCLOS_NET_CONNECTION_QUOTA_HPP

#include <cyclos/detail/config.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** How many connections the pools of one server may have together. Any thread may use it.

    Beside the regular places there are companion places: as many as there are contents that hold a connection, or
    wait for one to go on. An upload may read from such a content, and would otherwise wait for a connection that the
    content does not release before the upload has read it. A content holds a regular place at first, so there are
    never more connections than twice the regular places, unless contents have lost their connections: those that go
    on on companion places come on top.
*/
class connection_quota
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// The first waiter of a pool that does not starve.
    static constexpr time_point never = (time_point::max)();

    explicit connection_quota(std::size_t places) noexcept
        : free_(places)
    {}

    connection_quota(const connection_quota&) = delete;
    connection_quota& operator=(const connection_quota&) = delete;

    /// A pool begins to share the quota, and gets a number. Not thread-safe: all pools join before one is used.
    std::size_t join()
    {
        first_waiters_.emplace_back(never);
        return first_waiters_.size() - 1;
    }

    /// Takes a regular place, if one is free.
    bool take() noexcept { return decrement(free_); }

    /// Gives a regular place back.
    void give_back() noexcept { free_.fetch_add(1); }

    /// Whether a regular place is free.
    bool has_room() const noexcept { return free_.load() > 0; }

    /// Whether a regular place is free for a pool whose first waiter has waited since then. One place is kept for each
    /// other pool that starves and whose first waiter has waited for longer.
    bool has_room(std::size_t pool, time_point first_waiter) const noexcept
    {
        return free_.load() > starving_before(pool, first_waiter);
    }

    /// A content has taken a connection, or waits for one to go on; or it has released it, or does not wait any more.
    void content_begins() noexcept { contents_.fetch_add(1); }
    void content_ends() noexcept { contents_.fetch_sub(1); }

    /// Takes a companion place, if one is free.
    bool take_companion() noexcept
    {
        std::size_t companions = companions_.load();
        while (companions < contents_.load()) {
            if (companions_.compare_exchange_weak(companions, companions + 1)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a companion place is free.
    bool has_companion() const noexcept { return companions_.load() < contents_.load(); }

    /// Whether a companion place may be used once more: there are still enough contents.
    bool may_keep_companion() const noexcept { return companions_.load() <= contents_.load(); }

    /// Gives a companion place back.
    void give_companion_back() noexcept { companions_.fetch_sub(1); }

    /// A pool has waiters for whom no place is free, the first of them since then; or it has none any more: @ref never.
    void set_first_waiter(std::size_t pool, time_point since) noexcept
    {
        if (first_waiters_[pool].load() != since) { // all pools read it
            first_waiters_[pool].store(since);
        }
    }

    /// Since when the first waiter of a pool has waited for whom no place is free.
    time_point first_waiter(std::size_t pool) const noexcept { return first_waiters_[pool].load(); }

    /// Whether a pool has waiters for whom no place is free.
    bool starving() const noexcept
    {
        return std::any_of(first_waiters_.begin(), first_waiters_.end(),
                           [](const auto& since) { return since.load() != never; });
    }

    /// How many pools starve whose first waiter has waited for longer than that of this one.
    std::size_t starving_before(std::size_t pool, time_point first_waiter) const noexcept
    {
        std::size_t count = 0;
        for (std::size_t n = 0; n < first_waiters_.size(); ++n) {
            count += n != pool && first_waiters_[n].load() < first_waiter ? 1 : 0;
        }
        return count;
    }

    /// In one of the pools the number of waiters has changed for whom no connection is being opened.
    void waiters_change(std::size_t before, std::size_t now) noexcept { waiters_.fetch_add(now - before); }

    /// How many waiters there are in all pools for whom no connection is being opened.
    std::size_t waiters() const noexcept { return waiters_.load(); }

private:
    static bool decrement(std::atomic<std::size_t>& count) noexcept
    {
        std::size_t now = count.load();
        while (now > 0 && !count.compare_exchange_weak(now, now - 1)) {
        }
        return now > 0;
    }

    std::atomic<std::size_t> free_;
    std::atomic<std::size_t> contents_ = 0;
    std::atomic<std::size_t> companions_ = 0;
    std::atomic<std::size_t> waiters_ = 0;
    std::deque<std::atomic<time_point>> first_waiters_; // by the number of the pool
};

/// A content that has lost its connection and goes on, for as long as this lives: it has a companion place.
class resumed_content
{
public:
    explicit resumed_content(std::shared_ptr<connection_quota> quota) noexcept
        : quota_(std::move(quota))
    {
        quota_->content_begins();
    }

    resumed_content(const resumed_content&) = delete;
    resumed_content& operator=(const resumed_content&) = delete;
    ~resumed_content() { quota_->content_ends(); }

private:
    std::shared_ptr<connection_quota> quota_;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_NET_CONNECTION_QUOTA_HPP
