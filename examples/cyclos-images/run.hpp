//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_RUN_HPP
#define CYCLOS_TOOL_RUN_HPP

#include "failure.hpp"
#include "invocation.hpp"

namespace tool {

/// Runs a command to its end, or until a signal or the timeout cancels it. Prints errors on
/// standard error.
exit_status run(const invocation& options);

} // namespace tool

#endif // CYCLOS_TOOL_RUN_HPP
