//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_REDIRECT_HPP
#define CYCLOS_DETAIL_CLIENT_REDIRECT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/origin.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Whether a status is a redirect to the `Location` of its response.
constexpr bool is_redirect(unsigned status) noexcept
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/** Resolves the `Location` of a redirect against the request (RFC 9110, section 10.2.2).

    @param target The target of the request.
    @return The target of the next request. Nothing if the location is no URL, has a user name, or
    leads to another origin: the next request carries the credentials.
*/
CYCLOS_DECL std::optional<std::string>
resolve_redirect(const cyclos::origin& origin, std::string_view target, std::string_view location);

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/redirect.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_REDIRECT_HPP
