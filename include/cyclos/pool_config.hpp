//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_POOL_CONFIG_HPP
#define CYCLOS_POOL_CONFIG_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <cstddef>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// Limits of the connection pool.
class pool_config
{
public:
    /** Maximum number of connections, including those being opened, for all shards together.

        A download holds its connection until its content has been read, and what reads it may be an
        upload that waits for a connection of the same pool. So that they never wait for each other
        forever, the pool may open one extra connection per unread content. Uploads, the logins that
        they need, and downloads that are being resumed may use these companion connections. There
        are thus at most twice as many connections, plus one for each download that is being
        resumed. */
    std::size_t max_connections = 16;

    /// Number of connections to keep open even if no request needs them, so that the first requests
    /// find them ready. At most `max_connections`.
    std::size_t min_connections = 0;

    /// Maximum number of requests that wait for a connection, for all shards together. One more
    /// fails at once with errc::pool_queue_full. Requests for which a connection is being opened do
    /// not count.
    std::size_t max_pending_acquires = 10'000;

    /// How long a connection may be idle before it is closed; zero: no limit. The server can
    /// shorten it with `Keep-Alive: timeout=N`.
    std::chrono::milliseconds idle_timeout = std::chrono::seconds{50};

    /// Maximum age of a connection; zero: no limit. An older one is closed as soon as it is idle.
    std::chrono::milliseconds max_age = std::chrono::minutes{30};

    /// Maximum number of requests per connection; 0: no limit.
    std::size_t max_requests = 0;

    /** TCP keep-alive; zero, the default: the setting of the system, which is usually off.

        After this time without traffic, the system sends a probe, and another one after each
        further such time. If three remain unanswered, the connection is lost. This keeps idle
        connections alive in firewalls, and detects peers that are gone. It is rounded up to whole
        seconds.
    */
    std::chrono::milliseconds tcp_keep_alive = std::chrono::milliseconds::zero();

    /** Spreads the connections over the addresses of the host: each connection tries another
        address first, in turn. By default, all of them try the same address first, the one that the
        system prefers.

        The preference between IPv4 and IPv6 is kept. With a proxy, this applies to its addresses.
    */
    bool spread_addresses = false;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_POOL_CONFIG_HPP
