//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_PRINTABLE_HPP
#define CYCLOS_DETAIL_BASE_PRINTABLE_HPP

#include <cyclos/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Makes text from a peer safe for a log line: at most 64 characters, and no control or non-ASCII
/// characters, which a terminal could interpret.
inline std::string printable(std::string_view text)
{
    constexpr std::size_t max_length = 64;
    std::string line{text.substr(0, max_length)};
    for (char& c : line) {
        if (c < ' ' || c > '~') {
            c = '?';
        }
    }
    return text.size() > max_length ? line + "..." : line;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_PRINTABLE_HPP
