//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_WARM_UP_IPP
#define CYCLOS_DETAIL_NET_IMPL_WARM_UP_IPP

#include <cyclos/detail/net/warm_up.hpp>

#include <cyclos/detail/base/notifier.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <deque>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

// Each waiter makes the pool open a connection, and is granted that one only. It releases it at
// once, so that requests can use it.
CYCLOS_DECL boost::asio::awaitable<connect_failure> warm_up(std::shared_ptr<pool> owner,
                                                            std::size_t count)
{
    cyclos::detail::notifier wakeup{owner->executor()};
    wakeup.follow(co_await boost::asio::this_coro::cancellation_state);
    const auto limit = owner->settings().timeouts.acquire;
    const auto deadline =
        limit.count() > 0 ? pool::time_point::clock::now() + limit : (pool::time_point::max)();
    connect_failure failure;
    failure.phase = phase::acquiring;
    {
        const pool::observer ended{*owner, wakeup, pool::transition::warmed_up};
        const pool::observer stopped{*owner, wakeup};
        while (owner->warming_up() && !owner->stopped() && !wakeup.cancelled()) {
            co_await wakeup.wait();
        }
    }
    if (owner->stopped() || wakeup.cancelled()) {
        failure.code = owner->stopped() ? errc::client_closed : errc::cancelled;
        co_return failure;
    }
    const pool::warm_up_section exclusive{*owner};
    const pool_stats now = owner->stats();
    const std::size_t present = now.idle + now.in_use; // not those that are being opened
    std::deque<pool_waiter> waiters;                   // they cannot be moved
    std::size_t missing = count - (std::min)(count, present);
    for (std::size_t n = 0; n < missing; ++n) {
        waiters.emplace_back(*owner, wakeup, freshness::newly_opened, purpose::exchange, deadline);
    }
    while (missing > 0) {
        for (pool_waiter& each : waiters) {
            if (auto reason = each.failure()) {
                failure = *std::move(reason);
                co_return failure;
            }
            if (lease granted = each.take()) {
                granted.mark_unused();
                --missing;
            }
        }
        if (missing == 0) {
            break;
        }
        if (wakeup.cancelled()) {
            failure.code = errc::cancelled;
            co_return failure;
        }
        co_await wakeup.wait();
    }
    co_return failure;
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_WARM_UP_IPP
