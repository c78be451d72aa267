//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RETRY_RETRY_AFTER_HPP
#define CYCLOS_DETAIL_HTTP_RETRY_RETRY_AFTER_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Parses a `Retry-After` field: a number of seconds, or a date in the preferred format of
    RFC 9110.

    @param now The time from which the delay until a date is measured.
    @return The delay, zero for a date in the past. Nothing if the value is neither.
*/
CYCLOS_DECL std::optional<std::chrono::seconds>
parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now);

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/retry/impl/retry_after.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_RETRY_RETRY_AFTER_HPP
