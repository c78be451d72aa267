//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "terminal.hpp"

#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace tool {
namespace {

std::string_view text_of_variable(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

} // namespace

bool moves_cursor(int descriptor)
{
    const std::string_view kind = text_of_variable("TERM");
    return !kind.empty() && kind != "dumb" && ::isatty(descriptor) != 0;
}

bool takes_colours(int descriptor)
{
    return text_of_variable("NO_COLOR").empty() && moves_cursor(descriptor);
}

terminal_size size_of_terminal(int descriptor)
{
    winsize told{};
    terminal_size size;
    if (::ioctl(descriptor, TIOCGWINSZ, &told) == 0 && told.ws_col > 0 && told.ws_row > 0) {
        size.columns = told.ws_col;
        size.rows = told.ws_row;
    }
    return size;
}

std::string painted(colour how, std::string_view text)
{
    const char* const begin = how == colour::bold ? "\x1b[1m" : how == colour::red ? "\x1b[1;31m" : "\x1b[32m";
    return std::string{begin}.append(text).append("\x1b[m");
}

} // namespace tool
