//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_TERMINAL_HPP
#define CYCLOS_TOOL_TERMINAL_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace tool {

/// Whether a descriptor is a terminal that moves its cursor where it is told to; not one that `TERM` calls dumb.
bool moves_cursor(int descriptor);

/// The same, and nobody has asked for no colours (`NO_COLOR`).
bool takes_colours(int descriptor);

struct terminal_size
{
    std::size_t columns = 80;
    std::size_t rows = 24;
};

/// The size of a terminal at this moment; the usual one where it does not say.
terminal_size size_of_terminal(int descriptor);

enum class colour { bold, red, green };

/// Text in a colour, and behind it the terminal's own.
std::string painted(colour how, std::string_view text);

} // namespace tool

#endif // CYCLOS_TOOL_TERMINAL_HPP
