//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_TLS_CONTEXT_HPP
#define CYCLOS_NET_TLS_CONTEXT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/options.hpp>

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace cyclos::net {

/** What the TLS connections of a client share: how they verify, and the sessions that they may resume.

    It does not change once it is made, but for those sessions, which are guarded: the connections may be on several
    threads.
*/
class tls_context
{
public:
    /// @throws cyclos::error with errc::invalid_config, where a file cannot be read or is no PEM.
    CYCLOS_DECL explicit tls_context(const tls_config& config);

    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context() = default;

    boost::asio::ssl::context& native() noexcept { return context_; }

    /// Lets a new connection offer the newest session, if there is one.
    CYCLOS_DECL void offer_session(SSL* ssl);

private:
    struct session_deleter
    {
        void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
    };

    // Servers send two tickets a handshake, and each serves once: so many connections can be opened at the same time
    // and all be resumed.
    static constexpr std::size_t max_sessions = 64;

    CYCLOS_DECL static int on_new_session(SSL* ssl, SSL_SESSION* session);
    CYCLOS_DECL void keep(SSL_SESSION* session);

    std::mutex mutex_;
    std::vector<std::unique_ptr<SSL_SESSION, session_deleter>> sessions_; // the newest is the last
    boost::asio::ssl::context context_;
};

} // namespace cyclos::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/tls_context.ipp>
#endif

#endif // CYCLOS_NET_TLS_CONTEXT_HPP
