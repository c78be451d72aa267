//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_SAFE_FILE_NAME_IPP
#define CYCLOS_DETAIL_IMPL_SAFE_FILE_NAME_IPP

#include <cyclos/safe_file_name.hpp>

#include <cyclos/detail/base/utf8.hpp>

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

// Most file systems allow 255 bytes. Programs add suffixes such as `.part`.
inline constexpr std::size_t max_file_name = 200;

// A name is shortened before its extension, unless the extension is longer than this.
inline constexpr std::size_t max_extension = 16;

/// The first code point of a UTF-8 text. @param size Its bytes, as utf8_size() returned.
inline char32_t code_point_of(std::string_view text, std::size_t size) noexcept
{
    auto result = static_cast<char32_t>(static_cast<unsigned char>(text[0]));
    if (size > 1) {
        result &= 0x7fU >> size;
    }
    for (std::size_t n = 1; n < size; ++n) {
        result = (result << 6U) | (static_cast<unsigned char>(text[n]) & 0x3fU);
    }
    return result;
}

inline bool is_safe_in_file_name(char32_t c) noexcept
{
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
    // With bidirectional control characters, `gpj.exe` can be displayed as `exe.jpg`.
    const bool direction = c == 0x61c || c == 0x200e || c == 0x200f ||
                           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
                           c == 0xfeff;
    constexpr std::string_view not_on_windows = "<>:\"/\\|?*";
    return !control && !direction &&
           (c >= 0x80 || not_on_windows.find(static_cast<char>(c)) == std::string_view::npos);
}

/// Whether a name is reserved for a device on Windows, with any extension.
inline bool is_windows_device(std::string_view name) noexcept
{
    std::string_view stem = name.substr(0, name.find('.'));
    while (stem.ends_with(' ')) {
        stem.remove_suffix(1);
    }
    constexpr std::array<std::string_view, 6> devices{"con", "prn",    "aux",
                                                      "nul", "conin$", "conout$"};
    if (std::ranges::any_of(
            devices, [stem](std::string_view each) { return boost::beast::iequals(stem, each); })) {
        return true;
    }
    const std::string_view letters = stem.substr(0, 3);
    if (!boost::beast::iequals(letters, "com") && !boost::beast::iequals(letters, "lpt")) {
        return false;
    }
    const std::string_view port = stem.substr(3);
    const bool is_digit = port.size() == 1 && port[0] >= '0' && port[0] <= '9';
    return is_digit || port == "\xc2\xb9" || port == "\xc2\xb2" ||
           port == "\xc2\xb3"; // superscript digits
}

/// The longest prefix of a UTF-8 text that has at most `size` bytes and ends between code points.
inline std::string_view truncate_utf8(std::string_view text, std::size_t size) noexcept
{
    if (text.size() <= size) {
        return text;
    }
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) {
        --size;
    }
    return text.substr(0, size);
}

/// Shortens a name to at most `size` bytes, and keeps its extension.
inline void shorten_file_name(std::string& name, std::size_t size)
{
    if (name.size() <= size) {
        return;
    }
    const std::size_t dot = name.rfind('.');
    const bool keep = dot != std::string::npos && name.size() - dot <= max_extension;
    const std::string extension = keep ? name.substr(dot) : std::string{};
    name = std::string{truncate_utf8(name, size - extension.size())} + extension;
}

} // namespace detail

CYCLOS_DECL std::string safe_file_name(std::string_view text, std::string_view fallback)
{
    text.remove_prefix(text.find_last_of("/\\") + 1);
    if (text.empty()) {
        return std::string{fallback};
    }
    std::string name;
    while (!text.empty()) {
        const std::size_t size = detail::utf8_size(text);
        if (size > 0 && detail::is_safe_in_file_name(detail::code_point_of(text, size))) {
            name += text.substr(0, size);
        }
        else {
            name += '_';
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    detail::shorten_file_name(name, detail::max_file_name);
    // A name must not look like a command line option, or be hidden. Windows drops trailing dots
    // and spaces.
    if (name.front() == '-' || name.front() == '.') {
        name.front() = '_';
    }
    if (name.back() == '.' || name.back() == ' ') {
        name.back() = '_';
    }
    if (detail::is_windows_device(name)) {
        detail::shorten_file_name(name, detail::max_file_name - 1);
        name.insert(name.begin(), '_');
    }
    return name;
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_SAFE_FILE_NAME_IPP
