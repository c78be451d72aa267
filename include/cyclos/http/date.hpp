//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_DATE_HPP
#define CYCLOS_HTTP_DATE_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

/// Reads a date in RFC 9110's preferred form, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
CYCLOS_DECL std::optional<std::chrono::sys_seconds> parse_date(std::string_view text);

/// Writes a date in that form. The year has to have four digits.
CYCLOS_DECL std::string format_date(std::chrono::sys_seconds when);

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/date.ipp>
#endif

#endif // CYCLOS_HTTP_DATE_HPP
