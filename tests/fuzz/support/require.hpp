//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_FUZZ_REQUIRE_HPP
#define CYCLOS_FUZZ_REQUIRE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace cyclos::fuzz {

/// Ends the run if a condition that must always hold does not; the input is kept.
inline void require(bool holds, const char* expectation)
{
    if (!holds) {
        std::fprintf(stderr, "This does not hold: %s\n", expectation);
        std::abort();
    }
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
}

/// Removes the text before the next byte 0xff, which is not in UTF-8, from the input; all of it if
/// there is none.
inline std::string_view take_field(std::string_view& input)
{
    const std::size_t end = std::min(input.find('\xff'), input.size());
    const std::string_view field = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    return field;
}

/// Removes one byte from the input; 0 if it is empty.
inline unsigned take_byte(std::string_view& input)
{
    if (input.empty()) {
        return 0;
    }
    const auto byte = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    return byte;
}

} // namespace cyclos::fuzz

#endif // CYCLOS_FUZZ_REQUIRE_HPP
