//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_PRINTABLE_HPP
#define CYCLOS_DETAIL_PRINTABLE_HPP

#include <cyclos/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::detail {

/// Text of a peer that is fit for a line of a log: short, and nothing in it that a terminal would obey.
inline std::string printable(std::string_view text)
{
    constexpr std::size_t longest = 64;
    std::string line{text.substr(0, longest)};
    for (char& c : line) {
        if (c < ' ' || c > '~') {
            c = '?';
        }
    }
    return text.size() > longest ? line + "..." : line;
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_PRINTABLE_HPP
