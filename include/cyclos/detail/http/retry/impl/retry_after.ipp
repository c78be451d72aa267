//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RETRY_IMPL_RETRY_AFTER_IPP
#define CYCLOS_DETAIL_HTTP_RETRY_IMPL_RETRY_AFTER_IPP

#include <cyclos/detail/http/retry/retry_after.hpp>

#include <cyclos/detail/base/whole_number.hpp>
#include <cyclos/detail/http/date.hpp>

#include <algorithm>
#include <limits>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

CYCLOS_DECL std::optional<std::chrono::seconds>
parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now)
{
    constexpr std::string_view digits = "0123456789";
    if (!value.empty() && value.find_first_not_of(digits) == value.npos) {
        // A number that does not fit is clamped to the largest one.
        return std::chrono::seconds{cyclos::detail::whole_number<unsigned>(value).value_or(
            (std::numeric_limits<unsigned>::max)())};
    }
    if (const auto date = parse_date(value)) {
        // Calculated in seconds: the clock may count nanoseconds, which only reach to the year
        // 2262. Rounding the current time down keeps the retry from being early.
        return (std::max)(std::chrono::seconds::zero(),
                          *date - std::chrono::floor<std::chrono::seconds>(now));
    }
    return std::nullopt;
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RETRY_IMPL_RETRY_AFTER_IPP
