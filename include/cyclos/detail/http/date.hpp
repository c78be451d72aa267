//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_DATE_HPP
#define CYCLOS_DETAIL_HTTP_DATE_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Parses a date in the preferred format of RFC 9110 (IMF-fixdate), such as
    `Sun, 06 Nov 1994 08:49:37 GMT`.

    The day of the week is not checked. The obsolete formats of RFC 9110, section 5.6.7, are not
    accepted.
*/
CYCLOS_DECL std::optional<std::chrono::sys_seconds> parse_date(std::string_view text);

/// Formats a date as IMF-fixdate. The year must be between 0 and 9999.
CYCLOS_DECL std::string format_date(std::chrono::sys_seconds time);

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/impl/date.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_DATE_HPP
