//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_BASIC_AUTHORIZATION_HPP
#define CYCLOS_DETAIL_NET_BASIC_AUTHORIZATION_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/secret.hpp>

#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/// The value of an authorization field in the Basic scheme: `Basic ` and the base64 of user name
/// and password (RFC 7617).
CYCLOS_DECL secret basic_authorization(std::string_view username, std::string_view password);

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/basic_authorization.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_BASIC_AUTHORIZATION_HPP
