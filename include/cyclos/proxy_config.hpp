//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_PROXY_CONFIG_HPP
#define CYCLOS_PROXY_CONFIG_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/secret.hpp>

#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// An HTTP proxy that opens a tunnel with `CONNECT`. It is not used if the host of the base URL is
/// loopback.
class proxy_config
{
public:
    /// Host name or address; empty: no proxy. An IPv6 address has no brackets, and may have a zone.
    std::string host = {};

    /// Port number, from 1 to 65535. Must be set if the host is.
    std::string port = {};

    /// User name for Basic authentication to the proxy; empty: no authentication.
    std::string username = {};

    /// Password for Basic authentication to the proxy.
    secret password = {};
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_PROXY_CONFIG_HPP
