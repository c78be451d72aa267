//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP
#define CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP

#include <cyclos/http/retry_after.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace cyclos::http {

namespace detail {

/// A number that takes up all of the text. The largest that there is stands for those which are larger.
inline std::optional<unsigned> whole_number(std::string_view text)
{
    unsigned number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, number);
    if (text.empty() || rest != end) {
        return std::nullopt;
    }
    return ec == std::errc::result_out_of_range ? std::numeric_limits<unsigned>::max() : number;
}

/// A date such as `Sun, 06 Nov 1994 08:49:37 GMT`. The name of the day is not looked at.
inline std::optional<std::chrono::sys_seconds> http_date(std::string_view text)
{
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::string_view shape = "---, -- --- ---- --:--:-- GMT";
    if (text.size() != shape.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] != '-' && text[i] != shape[i]) {
            return std::nullopt;
        }
    }
    const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
    const auto day = whole_number(text.substr(5, 2));
    const auto year = whole_number(text.substr(12, 4));
    const auto hour = whole_number(text.substr(17, 2));
    const auto minute = whole_number(text.substr(20, 2));
    const auto second = whole_number(text.substr(23, 2));
    if (month == months.end() || !day || !year || !hour || !minute || !second || *hour > 23 || *minute > 59 ||
        *second > 60) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
                                           std::chrono::day{*day}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second};
}

} // namespace detail

CYCLOS_DECL std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                                  std::chrono::system_clock::time_point now)
{
    if (const auto seconds = detail::whole_number(value)) {
        return std::chrono::seconds{*seconds};
    }
    if (const auto date = detail::http_date(value)) {
        // In seconds, for those of the clock reach to the year 2262 only. Rounded so that nobody comes too early.
        return std::max(std::chrono::seconds::zero(), *date - std::chrono::floor<std::chrono::seconds>(now));
    }
    return std::nullopt;
}

} // namespace cyclos::http

#endif // CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP
