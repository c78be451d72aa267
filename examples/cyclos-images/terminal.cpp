//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "terminal.hpp"

namespace tool {

bool enable_colours(standard_stream stream)
{
    return !environment_variable("NO_COLOR") && enable_terminal_control(stream);
}

std::string coloured(colour style, std::string_view text)
{
    const char* const begin = style == colour::bold  ? "\x1b[1m"
                              : style == colour::red ? "\x1b[1;31m"
                                                     : "\x1b[32m";
    return std::string{begin}.append(text).append("\x1b[m");
}

} // namespace tool
