//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_POOL_SHARING_HPP
#define CYCLOS_DETAIL_NET_POOL_SHARING_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/connection_quota.hpp>
#include <cyclos/detail/net/pool_core.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** Coordinates the pools of one server, so that none is blocked while another has a connection or
    place that it does not need.

    After each event, a pool first publishes its own state, and then checks the state of the others.
    Of two pools that do so at the same time, at least one sees the state of the other. That
    requires sequentially consistent atomics, here and in the quota. A pool that receives a request
    executes it as an event of its own, and then publishes and checks again.

    @par Thread safety
    publish() must be called on the strand of the pool. The other functions may be called on any
    thread.
*/
class pool_sharing
{
public:
    /// What a pool can do to help a blocked pool (itself or another).
    enum class request {
        none,
        check_places,  ///< Check for a free place: pool_core::place_may_be_free().
        release_place, ///< Close an idle connection: pool_core::release_place().
    };

    /// @param number The number of the pool in the quota.
    pool_sharing(std::shared_ptr<connection_quota> quota, std::size_t number) noexcept
        : quota_(std::move(quota))
        , number_(number)
    {}

    /// Publishes the state of the pool. @return Whether a pool is blocked, so that this pool and
    /// then the others must be checked with needed().
    bool publish(const pool_core& pool) noexcept
    {
        idle_.store(pool.stats().idle);
        can_release_place_.store(pool.can_release_place());
        needs_companion_.store(pool.needs_companion());
        quota_->set_blocked_since(number_, pool.is_blocked() ? pool.blocked_since()
                                                             : connection_quota::never);
        return quota_->has_blocked_pools();
    }

    /// What this pool must do now. The pool itself checks this first, the others check it as well.
    request needed() const noexcept
    {
        const auto blocked_since = quota_->blocked_since(number_);
        if (blocked_since != connection_quota::never) {
            return quota_->has_free_place(number_, blocked_since) || can_get_companion()
                       ? request::check_places
                       : request::none;
        }
        // Independent of which pool is blocked: another pool that was asked before may have had no
        // idle connection left.
        return can_release_place_.load() && !quota_->has_free_place() ? request::release_place
                                                                      : request::none;
    }

    /// Whether the pool has an idle connection.
    bool has_idle() const noexcept { return idle_.load() > 0; }

private:
    bool can_get_companion() const noexcept
    {
        return needs_companion_.load() && quota_->has_free_companion();
    }

    std::shared_ptr<connection_quota> quota_;
    std::size_t number_;
    std::atomic<std::size_t> idle_ = 0;
    std::atomic<bool> can_release_place_ = false;
    std::atomic<bool> needs_companion_ = false;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_POOL_SHARING_HPP
