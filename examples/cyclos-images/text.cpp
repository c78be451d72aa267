//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace tool {
namespace {

bool continues(char byte) noexcept
{
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

/// The bytes of the character that the text begins with; 0 where it is no UTF-8.
std::size_t character_size(std::string_view text) noexcept
{
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
    if (size > text.size() ||
        !std::all_of(text.begin() + 1, text.begin() + std::max<std::size_t>(size, 1), continues)) {
        return 0;
    }
    if (size > 2) {
        // Overlong forms, surrogates, and what is beyond Unicode.
        const auto second = static_cast<unsigned char>(text[1]);
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) || (lead == 0xf0 && second < 0x90) ||
            (lead == 0xf4 && second >= 0x90)) {
            return 0;
        }
    }
    return size;
}

/// The character that the text begins with, or the byte that is none.
std::string_view first_character(std::string_view text) noexcept
{
    return text.substr(0, std::max<std::size_t>(character_size(text), 1));
}

char32_t code_point(std::string_view character) noexcept
{
    constexpr std::array<unsigned, 5> lead_bits{0, 0x7f, 0x1f, 0x0f, 0x07};
    char32_t code =
        static_cast<unsigned char>(character.front()) & lead_bits[std::min<std::size_t>(character.size(), 4)];
    for (const char c : character.substr(1)) {
        code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    }
    return code;
}

struct code_range
{
    char32_t first;
    char32_t last;
};

template <std::size_t Count>
bool is_among(char32_t code, const std::array<code_range, Count>& ranges) noexcept
{
    return std::any_of(ranges.begin(), ranges.end(),
                       [code](const code_range& range) { return range.first <= code && code <= range.last; });
}

/// The C library knows it better, but only where the locale of the user is installed, and set.
std::size_t columns_of(std::string_view character) noexcept
{
    constexpr std::array<code_range, 4> without{
        {{0x0300, 0x036f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}}};
    constexpr std::array<code_range, 8> wide{{{0x1100, 0x115f},
                                              {0x2e80, 0xa4cf},
                                              {0xac00, 0xd7a3},
                                              {0xf900, 0xfaff},
                                              {0xfe30, 0xfe6f},
                                              {0xff00, 0xff60},
                                              {0x1f300, 0x1faff},
                                              {0x20000, 0x3fffd}}};
    const char32_t code = code_point(character);
    return is_among(code, without) ? 0 : is_among(code, wide) ? 2 : 1;
}

bool is_control(std::string_view character) noexcept
{
    const auto lead = static_cast<unsigned char>(character.front());
    return lead < 0x20 || lead == 0x7f || (lead == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

template <class... Values>
std::string format(const char* pattern, Values... values)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), pattern, values...);
    return text.data();
}

} // namespace

std::string printable(std::string_view text)
{
    std::string line;
    line.reserve(text.size());
    while (!text.empty()) {
        const std::string_view character = first_character(text);
        line += character_size(text) == 0 || is_control(character) ? std::string_view{"?"} : character;
        text.remove_prefix(character.size());
    }
    return line;
}

std::size_t columns(std::string_view text) noexcept
{
    std::size_t count = 0;
    while (!text.empty()) {
        if (text.front() == '\x1b') { // a colour
            text.remove_prefix(std::min(text.find('m'), text.size() - 1) + 1);
            continue;
        }
        count += columns_of(first_character(text));
        text.remove_prefix(first_character(text).size());
    }
    return count;
}

std::string shortened(std::string_view text, std::size_t width)
{
    std::string part;
    std::size_t count = 0;
    while (!text.empty()) {
        const std::string_view character = first_character(text);
        count += columns_of(character);
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
    cell.append(width - std::min(columns(text), width), ' ');
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
    while (value >= 1023.95 && unit + 1 < units.size()) { // what would be printed as 1024.0
        value /= 1024;
        ++unit;
    }
    return format("%.1f %s", value, units[unit]);
}

std::string human_time(std::chrono::seconds time)
{
    const auto seconds = static_cast<long long>(time.count());
    return seconds < 3600 ? format("%lld:%02lld", seconds / 60, seconds % 60)
                          : format("%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

} // namespace tool
