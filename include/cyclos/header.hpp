//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HEADER_HPP
#define CYCLOS_HEADER_HPP

#include <cyclos/detail/config.hpp>

#include <string_view>
#include <type_traits>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** A header field to send: call_options::headers and config::headers.

    The name is a token of RFC 9110, and the value has no control characters. The library rejects

    - fields that it sends itself (`Host`, `Accept`, `Content-Type`, `Expect`, `Channel` and others;
      `User-Agent` is allowed, and replaces config::user_agent),
    - fields of the connection (`Connection`, `TE`, `Upgrade`, `Proxy-Authorization` and others),
    - fields that change the meaning of the request (`Range`, `If-None-Match`,
      `X-HTTP-Method-Override` and others), and
    - fields that authenticate (`Authorization`, `Session-Token`, `Cookie` and others): use
      @ref credentials.

    In a name, an underscore counts as a hyphen.
*/
struct header
{
    std::string_view name = {};  ///< Name, such as `X-Request-ID`.
    std::string_view value = {}; ///< Value, without line ends.
};

static_assert(std::is_trivially_destructible_v<header>);

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_HEADER_HPP
