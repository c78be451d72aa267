//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_TERMINAL_HPP
#define CYCLOS_TOOL_TERMINAL_HPP

#include "platform.hpp"

#include <string>
#include <string_view>

namespace tool {

/// Whether a stream is a terminal that moves its cursor, and nobody has asked for no colours (`NO_COLOR`).
bool takes_colours(standard stream);

enum class colour { bold, red, green };

/// Text in a colour, and behind it the terminal's own.
std::string painted(colour how, std::string_view text);

} // namespace tool

#endif // CYCLOS_TOOL_TERMINAL_HPP
