//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_SESSION_CACHE_HPP
#define CYCLOS_NET_SESSION_CACHE_HPP

#include <cyclos/detail/config.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace cyclos::inline CYCLOS_ABI::net {

/** The TLS sessions that the connections of one pool may resume.

    All of it runs on the strand of the pool, so that a session never is where two threads could meet: the pools of a
    client share the context of their connections, and not this.
*/
class session_cache
{
public:
    /// With room for all that it may keep: where OpenSSL calls back, nothing may be thrown.
    session_cache() { sessions_.reserve(max_sessions); }

    session_cache(const session_cache&) = delete;
    session_cache& operator=(const session_cache&) = delete;
    ~session_cache() = default;

    /// Lets a new connection offer the newest session, if there is one, and takes the sessions that it is given. It has
    /// to outlive the connection.
    CYCLOS_DECL void serve(SSL* ssl);

    /// Makes the connections of a context tell their caches of the sessions that they are given.
    CYCLOS_DECL static void prepare(SSL_CTX* context);

private:
    struct session_deleter
    {
        void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
    };

    // Servers send two tickets a handshake, and each serves once: so many connections can be opened at the same time
    // and all be resumed.
    static constexpr std::size_t max_sessions = 64;

    CYCLOS_DECL static int index();
    CYCLOS_DECL static int on_new_session(SSL* ssl, SSL_SESSION* session);
    CYCLOS_DECL void keep(SSL_SESSION* session);
    CYCLOS_DECL void offer(SSL* ssl);

    std::vector<std::unique_ptr<SSL_SESSION, session_deleter>> sessions_; // the newest is the last
};

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/session_cache.ipp>
#endif

#endif // CYCLOS_NET_SESSION_CACHE_HPP
