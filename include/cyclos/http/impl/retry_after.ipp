//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP
#define CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP

#include <cyclos/http/retry_after.hpp>

#include <cyclos/detail/whole_number.hpp>
#include <cyclos/http/date.hpp>

#include <algorithm>
#include <limits>

namespace cyclos::inline CYCLOS_ABI::http {

CYCLOS_DECL std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                                  std::chrono::system_clock::time_point now)
{
    constexpr std::string_view digits = "0123456789";
    if (!value.empty() && value.find_first_not_of(digits) == value.npos) {
        // The largest number that there is stands for those which are larger.
        return std::chrono::seconds{
            cyclos::detail::whole_number<unsigned>(value).value_or((std::numeric_limits<unsigned>::max)())};
    }
    if (const auto date = parse_date(value)) {
        // In seconds, for those of the clock reach to the year 2262 only. Rounded so that nobody comes too early.
        return (std::max)(std::chrono::seconds::zero(), *date - std::chrono::floor<std::chrono::seconds>(now));
    }
    return std::nullopt;
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP
