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

/** Parses the command line.

    @param words The words after the name of the program. @param options Receives the options, also
    if the command line is invalid: the caller needs them to print the error. @return Whether there
    is a command to run. False if help or another text was requested, which this function prints.
    @throws command_rejected if the command line is invalid.
*/
[[nodiscard]] bool read_command_line(std::vector<std::string> words, invocation& options);

} // namespace tool

#endif // CYCLOS_TOOL_COMMAND_LINE_HPP
