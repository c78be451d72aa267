//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_MANUAL_HPP
#define CYCLOS_TOOL_MANUAL_HPP

#include "grammar.hpp"

#include <string>

namespace tool {

/// The manual page, in the format of man(7).
std::string manual(const grammar& g);

} // namespace tool

#endif // CYCLOS_TOOL_MANUAL_HPP
