//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_REDIRECT_HPP
#define CYCLOS_IMPL_REDIRECT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/origin.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::detail {

/// Whether a status asks for the same again from another place.
constexpr bool is_redirect(unsigned status) noexcept
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/** Where a `Location` leads, seen from a request: the target of the next one.

    There is none where it is no URL, names a user, or leads to another origin: credentials go there with the request.
*/
CYCLOS_DECL std::optional<std::string> target_within(const net::origin& origin, std::string_view target,
                                                     std::string_view location);

} // namespace cyclos::inline CYCLOS_ABI::detail

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/redirect.ipp>
#endif

#endif // CYCLOS_IMPL_REDIRECT_HPP
