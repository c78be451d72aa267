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

namespace cyclos::inline CYCLOS_ABI::net {

/** How the TLS connections of a client verify, and what they show.

    It does not change once it is made, so that connections on several threads can share it.
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

private:
    boost::asio::ssl::context context_;
};

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/tls_context.ipp>
#endif

#endif // CYCLOS_NET_TLS_CONTEXT_HPP
