//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_SLEEP_HPP
#define CYCLOS_HTTP_SLEEP_HPP

#include <cyclos/detail/alarm.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/net/pool.hpp>

#include <boost/asio/awaitable.hpp>

namespace cyclos::inline CYCLOS_ABI::http::detail {

/// Waits until a point in time, or until the event is cancelled or the pool is stopped.
inline boost::asio::awaitable<void> sleep_until(net::pool& connections, cyclos::detail::event& mailbox,
                                                net::pool::time_point end)
{
    const cyclos::detail::alarm timer{connections.executor(), end, mailbox};
    const net::pool::observer registration{connections, mailbox};
    while (!timer.due() && !mailbox.cancelled() && !connections.stopped()) {
        co_await mailbox.wait();
    }
}

} // namespace cyclos::inline CYCLOS_ABI::http::detail

#endif // CYCLOS_HTTP_SLEEP_HPP
