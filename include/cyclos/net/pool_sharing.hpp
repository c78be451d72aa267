//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_POOL_SHARING_HPP
#define CYCLOS_NET_POOL_SHARING_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/connection_quota.hpp>
#include <cyclos/net/pool_core.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** What the pools of one server tell each other, so that none starves while another has a connection to give.

    After each event a pool first publishes what it needs and has, and then looks at what the others need and have: of
    two pools that do so at the same time, at least one sees the other. That takes sequential consistency, here and in
    the quota. A pool that is asked for something does it as an event of its own, after which it does all this again.
*/
class pool_sharing
{
public:
    /// What a pool may do, for itself or for another.
    enum class favour {
        none,
        look,  ///< Look for a place, which may be free now: pool_core::room_may_be_free().
        yield, ///< Close an idle connection: pool_core::yield().
    };

    /// @param number That of the pool in the quota.
    pool_sharing(std::shared_ptr<connection_quota> quota, std::size_t number) noexcept
        : quota_(std::move(quota))
        , number_(number)
    {}

    /// Says what the pool needs and has now. True: it has to consider itself, and then the others.
    bool publish(const pool_core& pool) noexcept
    {
        idle_.store(pool.stats().idle);
        yields_.store(pool.can_yield());
        wants_companion_.store(pool.wants_companion());
        quota_->set_first_waiter(number_, pool.starves() ? pool.first_waiter() : connection_quota::never);
        return quota_->starving();
    }

    /// What this pool has to do now. It asks itself first, and the others ask it.
    favour wanted() const noexcept
    {
        const auto first_waiter = quota_->first_waiter(number_);
        if (first_waiter != connection_quota::never) {
            return quota_->has_room(number_, first_waiter) || may_have_companion() ? favour::look : favour::none;
        }
        // Whoever starves: a request that was made for it may have found nothing to be closed any more.
        return yields_.load() && !quota_->has_room() ? favour::yield : favour::none;
    }

    /// Whether the pool has an idle connection.
    bool has_idle() const noexcept { return idle_.load() > 0; }

private:
    bool may_have_companion() const noexcept { return wants_companion_.load() && quota_->has_companion(); }

    std::shared_ptr<connection_quota> quota_;
    std::size_t number_;
    std::atomic<std::size_t> idle_ = 0;
    std::atomic<bool> yields_ = false;
    std::atomic<bool> wants_companion_ = false;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_NET_POOL_SHARING_HPP
