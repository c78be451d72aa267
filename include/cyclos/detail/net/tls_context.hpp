//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_TLS_CONTEXT_HPP
#define CYCLOS_DETAIL_NET_TLS_CONTEXT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/tls_config.hpp>

#include <boost/asio/ssl/context.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** The TLS settings of a client's connections: trust anchors, verification, client certificate.

    It is immutable after construction, so connections on several threads can share it.
*/
class tls_context
{
public:
    /// @throws cyclos::error with errc::invalid_config if a file cannot be read or is not valid
    /// PEM.
    CYCLOS_DECL explicit tls_context(const tls_config& config);

    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context() = default;

    boost::asio::ssl::context& native() noexcept { return context_; }

private:
    boost::asio::ssl::context context_;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/tls_context.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_TLS_CONTEXT_HPP
