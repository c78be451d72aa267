//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_UTF8_HPP
#define CYCLOS_DETAIL_BASE_UTF8_HPP

#include <cyclos/detail/config.hpp>

#include <cstddef>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// U+FFFD, the replacement for invalid characters.
inline constexpr std::string_view replacement_character = "\xef\xbf\xbd";

/// The size of the UTF-8 character at the start of the text; 0 if the text does not start with a
/// valid one. @pre The text is not empty.
inline std::size_t utf8_size(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto is_between = [&](std::size_t at, unsigned char least, unsigned char most) {
        return at < text.size() && byte(at) >= least && byte(at) <= most;
    };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return is_between(1, 0x80, 0xbf) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        // Exclude overlong encodings and surrogates.
        const bool is_second =
            is_between(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
        return is_second && is_between(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool is_second =
            is_between(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
        return is_second && is_between(2, 0x80, 0xbf) && is_between(3, 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_UTF8_HPP
