//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_WHOLE_NUMBER_HPP
#define CYCLOS_DETAIL_BASE_WHOLE_NUMBER_HPP

#include <cyclos/detail/config.hpp>

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Parses an unsigned decimal number without sign or spaces, as in HTTP fields. @return Nothing if
/// the text is anything else.
template <class Number>
std::optional<Number> whole_number(std::string_view text)
{
    Number number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, number);
    return !text.empty() && ec == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_WHOLE_NUMBER_HPP
