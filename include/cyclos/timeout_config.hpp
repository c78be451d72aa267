//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TIMEOUT_CONFIG_HPP
#define CYCLOS_TIMEOUT_CONFIG_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** Timeouts: how long each phase of an operation may take, and the whole of it.

    Zero means no limit, and so does anything above 100 years, such as `milliseconds::max()`. Each
    timeout has an error code of its own, and closes the connection that it interrupts. For all of
    them, error::is_timeout() is true.
*/
class timeout_config
{
public:
    /// Waiting for a connection of the pool (errc::acquire_timeout).
    std::chrono::milliseconds acquire = std::chrono::seconds{30};

    /// Resolving the host name (errc::resolve_timeout).
    std::chrono::milliseconds resolve = std::chrono::seconds{10};

    /// Opening the TCP connection: all addresses together or the call of config::connect, and the
    /// tunnel through a proxy (errc::connect_timeout). With a proxy over TLS, each of the two may
    /// take that long.
    std::chrono::milliseconds connect = std::chrono::seconds{10};

    /// A TLS handshake (errc::handshake_timeout): that with the server, and that with a proxy over
    /// TLS.
    std::chrono::milliseconds handshake = std::chrono::seconds{10};

    /// From the end of the request to the first byte of the response
    /// (errc::response_header_timeout).
    std::chrono::milliseconds response_header = std::chrono::seconds{60};

    /// While a request is being sent or a response is being received: the longest time without a
    /// byte sent or received (errc::inactivity_timeout).
    std::chrono::milliseconds inactivity = std::chrono::seconds{30};

    /** Each wait for data from the source of an upload (errc::source_timeout). The inactivity
        timeout does not run meanwhile.

        There is no limit by default, since a source may have to wait for a person. Set this one or
        @ref total if files are in a network file system: if such a file hangs while it is opened or
        read, its upload holds a connection until one of these timeouts or a cancellation ends it.
    */
    std::chrono::milliseconds source = std::chrono::milliseconds::zero();

    /// A call of a credentials provider (errc::provider_timeout). The call is cancelled then, and
    /// the next request calls the provider again.
    std::chrono::milliseconds provider = std::chrono::seconds{30};

    /// Deadline per operation: all of it, including waits, logins, retries and the reading of the
    /// content (errc::total_timeout). call_options::timeout replaces it for a call.
    std::chrono::milliseconds total = std::chrono::milliseconds::zero();
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_TIMEOUT_CONFIG_HPP
