//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_CONNECTION_QUOTA_HPP
#define CYCLOS_DETAIL_NET_CONNECTION_QUOTA_HPP

#include <cyclos/detail/config.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** Limits the number of connections of all pools of one server (the shards of a client).

    Each connection holds a *place*:
    - Regular places: `max_connections` of them.
    - Companion places: one for each content that holds a connection, or waits for one to be
      resumed. An upload may read from such a content. Without a companion place it could wait for a
      connection that the content does not release before the upload has read it: a deadlock (see
      @ref pool_core).

    A content holds a regular place at first, so there are at most twice as many connections as
    regular places. Contents that were resumed on companion places come in addition.

    A pool is *blocked* if it has waiters for which no connection is being opened and no place is
    free. Each pool publishes since when its first such waiter has waited, so that places are given
    to the pool whose waiter has waited for longest.

    @par Thread safety
    All functions may be called on any thread, except join().
*/
class connection_quota
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// The time for a pool that is not blocked.
    static constexpr time_point never = (time_point::max)();

    explicit connection_quota(std::size_t places) noexcept
        : free_places_(places)
    {}

    connection_quota(const connection_quota&) = delete;
    connection_quota& operator=(const connection_quota&) = delete;

    /// Adds a pool, and returns its number. Not thread-safe: all pools must join before any is
    /// used.
    std::size_t join()
    {
        blocked_since_.emplace_back(never);
        return blocked_since_.size() - 1;
    }

    /// The id of the next connection, which is unique among all pools.
    std::uint64_t next_connection_id() noexcept { return last_connection_id_.fetch_add(1) + 1; }

    /// Takes a regular place if one is free.
    bool try_take() noexcept { return decrement(free_places_); }

    /// Releases a regular place.
    void release() noexcept { free_places_.fetch_add(1); }

    /// Whether a regular place is free.
    bool has_free_place() const noexcept { return free_places_.load() > 0; }

    /// Whether a regular place is free for a pool whose first waiter has waited since a given time.
    /// One place is reserved for each other pool that has been blocked for longer.
    bool has_free_place(std::size_t pool, time_point since) const noexcept
    {
        return free_places_.load() > pools_blocked_before(pool, since);
    }

    /// Counts the contents that hold a connection, or wait for one to be resumed.
    void add_content() noexcept { contents_.fetch_add(1); }
    void remove_content() noexcept { contents_.fetch_sub(1); }

    /// Takes a companion place if one is free.
    bool try_take_companion() noexcept
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
    bool has_free_companion() const noexcept { return companions_.load() < contents_.load(); }

    /// Whether a companion place in use may be used for another request: the number of contents has
    /// not dropped below that of companions.
    bool can_keep_companion() const noexcept { return companions_.load() <= contents_.load(); }

    /// Releases a companion place.
    void release_companion() noexcept { companions_.fetch_sub(1); }

    /// Publishes since when the first blocked waiter of a pool has waited; @ref never if there is
    /// none.
    void set_blocked_since(std::size_t pool, time_point since) noexcept
    {
        // All pools read the value, so avoid stores that do not change it.
        if (blocked_since_[pool].load() != since) {
            blocked_since_[pool].store(since);
        }
    }

    /// Since when the first blocked waiter of a pool has waited; @ref never if there is none.
    time_point blocked_since(std::size_t pool) const noexcept
    {
        return blocked_since_[pool].load();
    }

    /// Whether any pool is blocked.
    bool has_blocked_pools() const noexcept
    {
        return std::any_of(blocked_since_.begin(), blocked_since_.end(),
                           [](const auto& since) { return since.load() != never; });
    }

    /// The number of other pools whose first blocked waiter has waited for longer.
    std::size_t pools_blocked_before(std::size_t pool, time_point since) const noexcept
    {
        std::size_t count = 0;
        for (std::size_t n = 0; n < blocked_since_.size(); ++n) {
            count += n != pool && blocked_since_[n].load() < since ? 1 : 0;
        }
        return count;
    }

    /// Updates the number of waiters after a change in one pool. Waiters for which a connection is
    /// being opened do not count.
    void update_waiters(std::size_t before, std::size_t now) noexcept
    {
        waiters_.fetch_add(now - before);
    }

    /// The number of waiters in all pools, except those for which a connection is being opened and
    /// those that need a new one because theirs was stale.
    std::size_t waiters() const noexcept { return waiters_.load(); }

private:
    static bool decrement(std::atomic<std::size_t>& count) noexcept
    {
        std::size_t now = count.load();
        while (now > 0 && !count.compare_exchange_weak(now, now - 1)) {
        }
        return now > 0;
    }

    std::atomic<std::size_t> free_places_;
    std::atomic<std::size_t> contents_ = 0;
    std::atomic<std::size_t> companions_ = 0;
    std::atomic<std::size_t> waiters_ = 0;
    std::atomic<std::uint64_t> last_connection_id_ = 0;
    std::deque<std::atomic<time_point>> blocked_since_; // by pool number
};

/// Counts a content that has lost its connection and is being resumed, for the lifetime of this
/// object. That makes a companion place available for it.
class resumed_content
{
public:
    explicit resumed_content(std::shared_ptr<connection_quota> quota) noexcept
        : quota_(std::move(quota))
    {
        quota_->add_content();
    }

    resumed_content(const resumed_content&) = delete;
    resumed_content& operator=(const resumed_content&) = delete;
    ~resumed_content() { quota_->remove_content(); }

private:
    std::shared_ptr<connection_quota> quota_;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_CONNECTION_QUOTA_HPP
