//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RETRY_SLEEP_HPP
#define CYCLOS_DETAIL_HTTP_RETRY_SLEEP_HPP

#include <cyclos/detail/base/deadline_timer.hpp>
#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/pool.hpp>

#include <boost/asio/awaitable.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {
namespace detail {

/// Waits until the deadline, or until the coroutine is cancelled or the pool is stopped. The caller
/// must check which of these has ended the wait.
inline boost::asio::awaitable<void> sleep_until(net::pool& pool, cyclos::detail::notifier& wakeup,
                                                net::pool::time_point deadline)
{
    const cyclos::detail::deadline_timer timer{pool.executor(), deadline, wakeup};
    const net::pool::observer stop_observer{pool, wakeup};
    while (!timer.due() && !wakeup.cancelled() && !pool.stopped()) {
        co_await wakeup.wait();
    }
}

} // namespace detail
} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RETRY_SLEEP_HPP
