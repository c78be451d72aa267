//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_COMMAND_LINE_HPP
#define CYCLOS_TOOL_COMMAND_LINE_HPP

#include "invocation.hpp"

#include <string>
#include <vector>

namespace tool {

/** Reads the command line.

    @param words Those behind the name of the program.
    @return Whether there is a command to run: not where help or the version was asked for, which have been printed.
    @throws refusal where the command line is wrong. What is given has been filled as far as it goes, so that it is
    known how to complain.
*/
[[nodiscard]] bool read_command_line(std::vector<std::string> words, invocation& given);

} // namespace tool

#endif // CYCLOS_TOOL_COMMAND_LINE_HPP
