//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_COMMANDS_HPP
#define CYCLOS_TOOL_COMMANDS_HPP

#include "grammar.hpp"
#include "invocation.hpp"

namespace tool {

/// Adds the commands with their arguments and options: one for each operation of the API, and two
/// for the embedded server.
void define_commands(grammar& g, invocation& options);

} // namespace tool

#endif // CYCLOS_TOOL_COMMANDS_HPP
