//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_PATTERN_HPP
#define CYCLOS_SANDBOX_PATTERN_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cyclos::sandbox {

namespace detail {

// The finalizer of splitmix64: a change of one input bit changes half of the output bits.
constexpr std::uint64_t pattern_word(std::uint64_t index) noexcept
{
    std::uint64_t word = (index + 1) * 0x9e3779b97f4a7c15u;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}

} // namespace detail

/** The byte at an offset of the infinite pattern that replaces the content of large images.

    The pattern is the output of splitmix64 with seed 0, as little-endian words of eight bytes. It
    does not repeat, so a comparison finds bytes that are lost, duplicated or out of order.
*/
constexpr unsigned char pattern_byte(std::uint64_t offset) noexcept
{
    return static_cast<unsigned char>(detail::pattern_word(offset / 8) >> (offset % 8 * 8));
}

/// Fills @p target with the pattern from @p offset on.
constexpr void fill_pattern(std::uint64_t offset, std::span<unsigned char> target) noexcept
{
    std::size_t position = 0;
    const auto write_byte = [&] { target[position] = pattern_byte(offset + position), ++position; };
    while (position < target.size() && (offset + position) % 8 != 0)
        write_byte();
    for (auto index = (offset + position) / 8; target.size() - position >= 8; position += 8) {
        auto word = detail::pattern_word(index++);
        std::array<unsigned char, 8> bytes{};
        for (auto& byte : bytes) {
            byte = static_cast<unsigned char>(word);
            word >>= 8;
        }
        std::copy(bytes.begin(), bytes.end(),
                  target.begin() + static_cast<std::ptrdiff_t>(position));
    }
    while (position < target.size())
        write_byte();
}

/// @copydoc fill_pattern
inline void fill_pattern(std::uint64_t offset, std::span<char> target) noexcept
{
    fill_pattern(offset, std::span{reinterpret_cast<unsigned char*>(target.data()), target.size()});
}

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_PATTERN_HPP
