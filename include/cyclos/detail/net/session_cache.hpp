//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_SESSION_CACHE_HPP
#define CYCLOS_DETAIL_NET_SESSION_CACHE_HPP

#include <cyclos/detail/config.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** The TLS sessions that the connections of one pool can resume.

    Everything runs on the strand of the pool. The pools of a client share the SSL_CTX of their
    connections, but not the session cache, so that no session is used by two threads.
*/
class session_cache
{
public:
    /// Reserves memory for the maximum number of sessions, because the OpenSSL callback must not
    /// throw.
    session_cache() { sessions_.reserve(max_sessions); }

    session_cache(const session_cache&) = delete;
    session_cache& operator=(const session_cache&) = delete;
    ~session_cache() = default;

    /// Offers the newest session to a new connection, if there is one, and stores the sessions that
    /// the connection receives. The cache must outlive the connection.
    CYCLOS_DECL void attach(SSL* ssl);

    /// Sets the callback by which connections of the context store new sessions in their caches.
    CYCLOS_DECL static void enable(SSL_CTX* context);

private:
    struct session_deleter
    {
        void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
    };

    // Servers send two tickets for each handshake, and a ticket is used once. So this many
    // connections can be opened at the same time and all be resumed.
    static constexpr std::size_t max_sessions = 64;

    CYCLOS_DECL static int ex_data_index();
    CYCLOS_DECL static int on_new_session(SSL* ssl, SSL_SESSION* session);
    CYCLOS_DECL void store(SSL_SESSION* session);
    CYCLOS_DECL void offer(SSL* ssl);

    // The newest session is at the back.
    std::vector<std::unique_ptr<SSL_SESSION, session_deleter>> sessions_;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/session_cache.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_SESSION_CACHE_HPP
