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

/// Enables colours, unless the user has disabled them with `NO_COLOR`.
/// @return Whether the stream is a terminal with colours.
bool enable_colours(standard_stream stream);

enum class colour { bold, red, green };

/// Text in a colour, followed by a reset.
std::string coloured(colour style, std::string_view text);

} // namespace tool

#endif // CYCLOS_TOOL_TERMINAL_HPP
