//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "text.hpp"

#include <cyclos/detail/base/utf8.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace tool {
namespace {

using cyclos::detail::utf8_size;

/// The first character of a text, or its first byte if it does not begin with valid UTF-8.
std::string_view first_character(std::string_view text) noexcept
{
    return text.substr(0, std::max<std::size_t>(utf8_size(text), 1));
}

struct code_range
{
    char32_t first;
    char32_t last;
};

template <std::size_t Count>
bool is_in_ranges(char32_t code, const std::array<code_range, Count>& ranges) noexcept
{
    return std::any_of(ranges.begin(), ranges.end(), [code](const code_range& range) {
        return range.first <= code && code <= range.last;
    });
}

/** The number of columns of a character, according to the East Asian widths of Unicode 14 and
    its most common combining marks.

    wcwidth() of the C library is more precise, but only works if the user's locale is installed and
    set. If in doubt, this function returns the larger width: a line that is shorter than expected
    does no harm, but a longer one wraps and cannot be redrawn.
*/
std::size_t character_width(std::string_view character) noexcept
{
    constexpr std::array<code_range, 23> zero_width{
        {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},  {0x0610, 0x061a}, {0x064b, 0x065f},
         {0x0670, 0x0670}, {0x06d6, 0x06dc}, {0x093c, 0x093c},  {0x0941, 0x0948}, {0x094d, 0x094d},
         {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},  {0x1160, 0x11ff}, {0x1ab0, 0x1ace},
         {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x20d0, 0x20f0},  {0x302a, 0x302d}, {0x3099, 0x309a},
         {0xfe00, 0xfe0e}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef}}};
    // U+FE0F turns the character before it into an emoji, which is two columns wide. So it counts
    // as one column, and is not in the list of zero-width characters.
    constexpr std::array<code_range, 64> wide{
        {{0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
         {0x23f0, 0x23f0},   {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
         {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
         {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},
         {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
         {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
         {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},
         {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x27bf, 0x27bf},
         {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},
         {0x3041, 0x3247},   {0x3250, 0x4dbf},   {0x4e00, 0xa4c6},   {0xa960, 0xa97c},
         {0xac00, 0xd7a3},   {0xf900, 0xfad9},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},
         {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x16ff1}, {0x17000, 0x18cd5},
         {0x18d00, 0x18d08}, {0x1aff0, 0x1b2fb}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
         {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f1e6, 0x1f320}, {0x1f32d, 0x1f393},
         {0x1f3a0, 0x1f3f0}, {0x1f3f4, 0x1f53d}, {0x1f54b, 0x1f64f}, {0x1f680, 0x1f6ff},
         {0x1f7e0, 0x1f7f0}, {0x1f90c, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd}}};
    const char32_t code = code_point(character);
    return is_in_ranges(code, zero_width) ? 0 : is_in_ranges(code, wide) ? 2 : 1;
}

/** Whether a character affects how text is displayed: control characters, separators of lines
    and paragraphs, and format characters (category Cf of Unicode), such as those that change
    the direction of text.
*/
bool is_control_character(std::string_view character) noexcept
{
    constexpr std::array<code_range, 21> control_characters{
        {{0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x0600, 0x0605},
         {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},
         {0x08e2, 0x08e2},   {0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},
         {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x110bd, 0x110bd},
         {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
         {0xe0001, 0xe007f}}};
    return is_in_ranges(code_point(character), control_characters);
}

template <class... Values>
std::string format(const char* pattern, Values... values)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), pattern, values...);
    return text.data();
}

} // namespace

char32_t code_point(std::string_view character) noexcept
{
    constexpr std::array<unsigned, 5> lead_bits{0, 0x7f, 0x1f, 0x0f, 0x07};
    char32_t code = static_cast<unsigned char>(character.front()) &
                    lead_bits[std::min<std::size_t>(character.size(), 4)];
    for (const char c : character.substr(1)) {
        code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    }
    return code;
}

std::string json_escape(char32_t code)
{
    const auto unit = [](char32_t value) {
        return format("\\u%04x", static_cast<unsigned>(value));
    };
    return code < 0x10000 ? unit(code)
                          : unit(0xd800 + ((code - 0x10000) >> 10U)) +
                                unit(0xdc00 + ((code - 0x10000) & 0x3ffU));
}

std::string printable(std::string_view text)
{
    std::string line;
    line.reserve(text.size());
    while (!text.empty()) {
        const std::string_view character = first_character(text);
        line += utf8_size(text) == 0 || is_control_character(character) ? std::string_view{"?"}
                                                                        : character;
        text.remove_prefix(character.size());
    }
    return line;
}

std::string json_line(const boost::json::value& value)
{
    const std::string serialized = boost::json::serialize(value);
    std::string line;
    line.reserve(serialized.size());
    // Characters outside ASCII occur only in strings, so escape sequences are allowed there.
    for (std::string_view rest = serialized; !rest.empty();) {
        const std::string_view character = first_character(rest);
        if (utf8_size(rest) == 0) {
            line += cyclos::detail::replacement_character;
        }
        else if (is_control_character(character)) {
            line += json_escape(code_point(character));
        }
        else {
            line += character;
        }
        rest.remove_prefix(character.size());
    }
    return line;
}

std::size_t display_width(std::string_view text) noexcept
{
    std::size_t count = 0;
    while (!text.empty()) {
        if (text.front() == '\x1b') { // the escape sequence of a colour
            text.remove_prefix(std::min(text.find('m'), text.size() - 1) + 1);
            continue;
        }
        count += character_width(first_character(text));
        text.remove_prefix(first_character(text).size());
    }
    return count;
}

std::string truncated(std::string_view text, std::size_t width)
{
    std::string part;
    std::size_t count = 0;
    while (!text.empty()) {
        const std::string_view character = first_character(text);
        count += character_width(character);
        if (count > width) {
            break;
        }
        part += character;
        text.remove_prefix(character.size());
    }
    return part;
}

std::string padded(std::string_view text, std::size_t width)
{
    std::string cell{text};
    cell.append(width - std::min(display_width(text), width), ' ');
    return cell;
}

std::string human_size(std::uint64_t bytes)
{
    constexpr std::array units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        return std::to_string(bytes) + " B";
    }
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1023.95 &&
           unit + 1 < units.size()) { // larger values would be printed as 1024.0
        value /= 1024;
        ++unit;
    }
    return format("%.1f %s", value, units[unit]);
}

std::string human_time(std::chrono::seconds time)
{
    const auto seconds = static_cast<long long>(time.count());
    return seconds < 3600
               ? format("%lld:%02lld", seconds / 60, seconds % 60)
               : format("%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

} // namespace tool
