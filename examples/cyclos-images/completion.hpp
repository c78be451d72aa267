//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_COMPLETION_HPP
#define CYCLOS_TOOL_COMPLETION_HPP

#include "grammar.hpp"

#include <string>
#include <string_view>

namespace tool {

/// A script that makes a shell complete the command line of the tool.
/// @param shell `bash`, `zsh` or `fish`.
std::string completion(const grammar& g, std::string_view shell);

/// @{ The scripts for each shell. They contain all names and values, and do not run the tool.
std::string completion_for_bash(const grammar& g);
std::string completion_for_zsh(const grammar& g);
std::string completion_for_fish(const grammar& g);
/// @}

} // namespace tool

#endif // CYCLOS_TOOL_COMPLETION_HPP
