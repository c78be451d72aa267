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
        const std::size_t size = character_size(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
        line += size == 0 || is_control(character) ? std::string_view{"?"} : character;
        text.remove_prefix(character.size());
    }
    return line;
}

std::size_t columns(std::string_view text) noexcept
{
    std::size_t count = 0;
    bool in_escape = false;
    for (const char c : text) {
        in_escape = in_escape || c == '\x1b';
        count += in_escape || continues(c) ? 0 : 1;
        in_escape = in_escape && c != 'm';
    }
    return count;
}

std::string shortened(std::string_view text, std::size_t width)
{
    std::size_t end = 0;
    for (std::size_t count = 0; end < text.size(); ++end) {
        count += continues(text[end]) ? 0 : 1;
        if (count > width) {
            break;
        }
    }
    return std::string{text.substr(0, end)};
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
