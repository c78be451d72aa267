//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_SESSION_CACHE_IPP
#define CYCLOS_DETAIL_NET_IMPL_SESSION_CACHE_IPP

#include <cyclos/detail/net/session_cache.hpp>

#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

CYCLOS_DECL int session_cache::ex_data_index()
{
    static const int number = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return number;
}

CYCLOS_DECL void session_cache::enable(SSL_CTX* context)
{
    // OpenSSL's internal cache is looked up by session ID, for servers. A client must store its
    // sessions and offer them itself.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &session_cache::on_new_session);
}

CYCLOS_DECL void session_cache::attach(SSL* ssl)
{
    SSL_set_ex_data(ssl, ex_data_index(), this);
    offer(ssl);
}

CYCLOS_DECL int session_cache::on_new_session(SSL* ssl, SSL_SESSION* session)
{
    auto* const self = static_cast<session_cache*>(SSL_get_ex_data(ssl, ex_data_index()));
    if (self == nullptr) {
        // SSL_set_ex_data() had no memory.
        return 0;
    }
    self->store(session);
    return 1; // takes ownership of the session
}

CYCLOS_DECL void session_cache::store(SSL_SESSION* session)
{
    std::unique_ptr<SSL_SESSION, session_deleter> owned{session};
    if (sessions_.size() == max_sessions) {
        sessions_.erase(sessions_.begin());
    }
    sessions_.push_back(std::move(owned));
}

CYCLOS_DECL void session_cache::offer(SSL* ssl)
{
    while (!sessions_.empty()) {
        SSL_SESSION* const newest = sessions_.back().get();
        const bool resumable = SSL_SESSION_is_resumable(newest) == 1;
        if (resumable) {
            SSL_set_session(ssl, newest);
        }
        // Reusing a TLS 1.3 ticket would let an observer link connections (RFC 8446, appendix C.4).
        // A TLS 1.2 session may be reused.
        if (!resumable || SSL_SESSION_get_protocol_version(newest) >= TLS1_3_VERSION) {
            sessions_.pop_back();
        }
        if (resumable) {
            return;
        }
    }
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_SESSION_CACHE_IPP
