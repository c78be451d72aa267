//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "terminal.hpp"

namespace tool {

bool takes_colours(standard stream)
{
    return !environment("NO_COLOR") && moves_cursor(stream);
}

std::string painted(colour how, std::string_view text)
{
    const char* const begin = how == colour::bold ? "\x1b[1m" : how == colour::red ? "\x1b[1;31m" : "\x1b[32m";
    return std::string{begin}.append(text).append("\x1b[m");
}

} // namespace tool
