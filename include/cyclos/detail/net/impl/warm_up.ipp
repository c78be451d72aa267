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

#include <deque>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

// All waiters are registered first: each makes the pool open a connection. Granted connections are
// held, because otherwise the next waiter would get them again.
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
    std::deque<pool_waiter> waiters; // they cannot be moved
    std::vector<lease> held;
    held.reserve(count);
    for (std::size_t n = 0; n < count; ++n) {
        waiters.emplace_back(*owner, wakeup, freshness::any, purpose::exchange, deadline);
    }
    for (;;) {
        for (pool_waiter& each : waiters) {
            if (auto reason = each.failure()) {
                failure = *std::move(reason);
                co_return failure;
            }
            if (lease granted = each.take()) {
                granted.mark_unused();
                held.push_back(std::move(granted));
            }
        }
        if (held.size() == count) {
            co_return failure;
        }
        if (wakeup.cancelled()) {
            failure.code = errc::cancelled;
            co_return failure;
        }
        co_await wakeup.wait();
    }
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_WARM_UP_IPP
