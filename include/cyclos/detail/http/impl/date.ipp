//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_IMPL_DATE_IPP
#define CYCLOS_DETAIL_HTTP_IMPL_DATE_IPP

#include <cyclos/detail/http/date.hpp>

#include <cyclos/detail/base/whole_number.hpp>

#include <algorithm>
#include <array>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

inline constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
inline constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
inline constexpr std::string_view date_pattern = "---, -- --- ---- --:--:-- GMT";

/// Overwrites `width` characters with a decimal number, padded with leading zeros.
inline void put_number(std::string& text, std::size_t position, std::size_t width, unsigned number)
{
    for (std::size_t i = width; i > 0; --i) {
        text[position + i - 1] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

} // namespace detail

CYCLOS_DECL std::optional<std::chrono::sys_seconds> parse_date(std::string_view text)
{
    using cyclos::detail::whole_number;
    if (text.size() != detail::date_pattern.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (detail::date_pattern[i] != '-' && text[i] != detail::date_pattern[i]) {
            return std::nullopt;
        }
    }
    const auto month = std::find(detail::months.begin(), detail::months.end(), text.substr(8, 3));
    const auto day = whole_number<unsigned>(text.substr(5, 2));
    const auto year = whole_number<unsigned>(text.substr(12, 4));
    const auto hour = whole_number<unsigned>(text.substr(17, 2));
    const auto minute = whole_number<unsigned>(text.substr(20, 2));
    const auto second = whole_number<unsigned>(text.substr(23, 2));
    if (month == detail::months.end() || !day || !year || !hour || !minute || !second ||
        *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year{static_cast<int>(*year)},
        std::chrono::month{static_cast<unsigned>(month - detail::months.begin()) + 1},
        std::chrono::day{*day}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second};
}

CYCLOS_DECL std::string format_date(std::chrono::sys_seconds time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time_of_day{time - day};
    std::string text{detail::date_pattern};
    text.replace(0, 3, detail::days[std::chrono::weekday{day}.c_encoding()]);
    detail::put_number(text, 5, 2, static_cast<unsigned>(date.day()));
    text.replace(8, 3, detail::months[static_cast<unsigned>(date.month()) - 1]);
    detail::put_number(text, 12, 4, static_cast<unsigned>(static_cast<int>(date.year())));
    detail::put_number(text, 17, 2, static_cast<unsigned>(time_of_day.hours().count()));
    detail::put_number(text, 20, 2, static_cast<unsigned>(time_of_day.minutes().count()));
    detail::put_number(text, 23, 2, static_cast<unsigned>(time_of_day.seconds().count()));
    return text;
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_IMPL_DATE_IPP
