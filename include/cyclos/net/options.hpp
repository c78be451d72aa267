//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_OPTIONS_HPP
#define CYCLOS_NET_OPTIONS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/secret.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

namespace cyclos::inline CYCLOS_ABI {

/// The lowest version of TLS that is spoken.
enum class tls_version { tls_1_2, tls_1_3 };

/** How a server is verified, and what is shown to it.

    By default the system's certificate authorities are trusted, and the certificate has to be for the
    host of the base URL: its subject alternative name counts, and not the common name (RFC 9525).
*/
class tls_config
{
public:
    /// The certificate and the host name are verified. Turn it off in experiments only.
    bool verify = true;

    /// The authorities of the system are trusted. Those below are trusted besides.
    bool system_authorities = true;

    /** A file of certificate authorities (PEM).

        Each certificate in it is trusted for itself, be it of an intermediate authority or of the server, and need not
        lead to a root: as with curl, Go and Python. */
    std::filesystem::path ca_file = {};

    /// Certificate authorities as PEM text.
    std::string ca_pem = {};

    /// A client certificate with its chain (PEM), and its private key.
    std::filesystem::path certificate_file = {};
    std::filesystem::path private_key_file = {};

    /// The password of the private key, where that is encrypted. Nobody is asked for it.
    secret private_key_password = {};

    /// The lowest version that is spoken.
    tls_version minimum_version = tls_version::tls_1_2;
};

/// The limits of the pool of connections.
class pool_config
{
public:
    /// Connections open at the same time, those being opened included, of all shards together. While contents that have
    /// not been read hold some of them, as many companion connections may be opened beside them, for what may have to
    /// come first: uploads, which may read those contents, the logins that they need, and contents that go on after
    /// they have lost their connection. That makes twice as many, and one more for each content that goes on so.
    std::size_t max_connections = 16;

    /// Connections that are kept open also where nobody needs them yet: the first requests find them ready.
    std::size_t min_connections = 0;

    /// Requests that may wait for a connection, of all shards together. One more fails at once with
    /// errc::too_many_waiters.
    std::size_t max_waiters = 10'000;

    /// How long a connection may lie idle. What the server says in `Keep-Alive: timeout=N` shortens it.
    std::chrono::milliseconds idle_timeout = std::chrono::seconds{50};

    /// How old a connection may become. It is closed when it is next idle.
    std::chrono::milliseconds max_age = std::chrono::minutes{30};

    /// How many requests a connection may carry; 0 for any number.
    std::size_t max_requests = 0;
};

/** How long each phase of an operation may take.

    Zero stands for no limit, and so does anything above 100 years, such as `milliseconds::max()`. Each timeout ends
    the operation with its own errc, and all but the first two end the connection.
*/
class timeout_config
{
public:
    /// Waiting for a connection of the pool (errc::acquire_timeout).
    std::chrono::milliseconds acquire = std::chrono::seconds{30};

    /// Resolving the host name (errc::resolve_timeout).
    std::chrono::milliseconds resolve = std::chrono::seconds{10};

    /// Opening the TCP connection, all addresses together (errc::connect_timeout).
    std::chrono::milliseconds connect = std::chrono::seconds{10};

    /// The TLS handshake (errc::handshake_timeout).
    std::chrono::milliseconds handshake = std::chrono::seconds{10};

    /// From the end of the request to the first byte of the response (errc::first_byte_timeout).
    std::chrono::milliseconds first_byte = std::chrono::seconds{60};

    /// Without a byte moved while a request is sent or a response is received (errc::stall_timeout).
    std::chrono::milliseconds stall = std::chrono::seconds{30};

    /// Waiting for the source of an upload, each time that it has to give something (errc::source_timeout). The stall
    /// timeout does not run meanwhile. A source may have to wait for a person, so there is no limit by default. Where
    /// files lie in a network file system, set this one or `total`: an upload whose file hangs when it is opened or
    /// read holds a connection until one of them ends it, or a cancellation.
    std::chrono::milliseconds source = std::chrono::milliseconds::zero();

    /// A provider of credentials (errc::provider_timeout). It is cancelled then, and asked again by the next request.
    std::chrono::milliseconds provider = std::chrono::seconds{30};

    /// The whole operation, the reading of the content included (errc::total_timeout).
    std::chrono::milliseconds total = std::chrono::milliseconds::zero();
};

/// An HTTP proxy that is asked to `CONNECT`.
class proxy_config
{
public:
    std::string host = {}; ///< A name or an address, an IPv6 one without brackets; it may have a zone. Empty: no proxy.
    std::string port = {}; ///< A number.
    std::string username = {}; ///< Basic credentials of the proxy; empty for none.
    secret password = {};
};

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_NET_OPTIONS_HPP
