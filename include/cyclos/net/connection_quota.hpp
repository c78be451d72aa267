//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_CONNECTION_QUOTA_HPP
#define CYCLOS_NET_CONNECTION_QUOTA_HPP

#include <cyclos/detail/config.hpp>

#include <atomic>
#include <cstddef>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** How many connections the pools of one server may have together. Any thread may use it.

    Beside the regular places there are companion places, for uploads alone: as many as there are contents that hold a
    connection. An upload may read from such a content, and would otherwise wait for a connection that the content does
    not release before the upload has read it. A content holds a regular place, so there are never more connections
    than twice the regular places.
*/
class connection_quota
{
public:
    explicit connection_quota(std::size_t places) noexcept
        : free_(places)
    {}

    connection_quota(const connection_quota&) = delete;
    connection_quota& operator=(const connection_quota&) = delete;

    /// Takes a regular place, if one is free.
    bool take() noexcept { return decrement(free_); }

    /// Gives a regular place back.
    void give_back() noexcept { free_.fetch_add(1); }

    /// Whether a regular place is free.
    bool has_room() const noexcept { return free_.load() > 0; }

    /// A content has taken a connection on a regular place, or released it.
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

    /// A pool has waiters for whom no place is free, or has none any more.
    void starving_begins() noexcept { starving_.fetch_add(1); }
    void starving_ends() noexcept { starving_.fetch_sub(1); }

    /// Whether a pool has waiters for whom no place is free.
    bool starving() const noexcept { return starving_.load() > 0; }

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
    std::atomic<std::size_t> starving_ = 0;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_NET_CONNECTION_QUOTA_HPP
