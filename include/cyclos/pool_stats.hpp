//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_POOL_STATS_HPP
#define CYCLOS_POOL_STATS_HPP

#include <cyclos/detail/config.hpp>

#include <cstddef>
#include <cstdint>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// Statistics of a connection pool: current numbers (gauges), and totals since the pool was created
/// (counters).
struct pool_stats
{
    /// @name Gauges
    /// @{

    std::size_t connecting = 0; ///< Connections that are being opened.
    std::size_t idle = 0;       ///< Open connections that carry no request.
    std::size_t in_use = 0;     ///< Connections that carry a request, or an unread content.

    /// Requests that wait for a connection, including those for which one is being opened.
    std::size_t waiting = 0;

    /// @}
    /// @name Counters
    /// @{

    std::uint64_t opened = 0;           ///< Connections that were opened.
    std::uint64_t resumed = 0;          ///< Opened connections that resumed a TLS session.
    std::uint64_t connect_failures = 0; ///< Connections that could not be opened.
    std::uint64_t reused = 0; ///< Requests on a connection that had carried a request before.

    /// Connections that were closed while idle, other than by the shutdown of the pool.
    std::uint64_t evicted = 0;

    /// Requests whose acquire timeout or total timeout expired while they waited for a connection.
    std::uint64_t acquire_timeouts = 0;

    /// Timers that were set, by the pool and by its connections. A request on a connection that is
    /// in steady use needs none.
    std::uint64_t timer_sets = 0;

    /// @}

    /// Adds the statistics of another pool, member by member.
    pool_stats& operator+=(const pool_stats& other) noexcept
    {
        connecting += other.connecting;
        idle += other.idle;
        in_use += other.in_use;
        waiting += other.waiting;
        opened += other.opened;
        resumed += other.resumed;
        connect_failures += other.connect_failures;
        reused += other.reused;
        evicted += other.evicted;
        acquire_timeouts += other.acquire_timeouts;
        timer_sets += other.timer_sets;
        return *this;
    }
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_POOL_STATS_HPP
