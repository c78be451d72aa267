//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_TEXT_HPP
#define CYCLOS_SANDBOX_SRC_TEXT_HPP

#include <algorithm>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::sandbox {

constexpr char to_lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Compares without regard to the case of ASCII letters.
constexpr bool iequals(std::string_view a, std::string_view b) noexcept
{
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

/// Removes spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept
{
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Removes the text before @p separator, and the separator itself, from @p text. Removes all of
/// @p text if it contains no separator. @return The text before the separator.
constexpr std::string_view take_until(std::string_view& text, char separator) noexcept
{
    const auto end = std::min(text.find(separator), text.size());
    const auto taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

/// The length in bytes of the UTF-8 character at the beginning of @p text, or 0 if there is none.
/// @pre @p text is not empty.
constexpr std::size_t utf8_length(std::string_view text) noexcept
{
    const auto byte_at = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const auto lead = byte_at(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(i) & 0xc0u) != 0x80u)
            return 0;
    }
    // Overlong forms, surrogates, and code points above U+10FFFF.
    const auto second = byte_at(1);
    const bool is_invalid = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
                            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90);
    return is_invalid ? 0 : length;
}

/// Replaces each byte that is not part of a UTF-8 character by U+FFFD.
inline std::string to_utf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8_length(text);
        out += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

/// Parses a decimal number. Returns nothing if the text contains anything else.
template <std::integral T>
std::optional<T> parse_number(std::string_view text) noexcept
{
    T value{};
    const auto* end = text.data() + text.size();
    const auto [stopped, ec] = std::from_chars(text.data(), end, value);
    if (ec != std::errc() || stopped != end)
        return std::nullopt;
    return value;
}

/// Whether the text is a token (RFC 9110, 5.6.2), such as the name of a header field.
constexpr bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        const bool letter = to_lower(c) >= 'a' && to_lower(c) <= 'z';
        return letter || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_TEXT_HPP
