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

/** Runs a command until it has ended, or a signal or the deadline ends it.

    Whatever goes wrong is reported on standard error.
*/
exit_status run(const invocation& given);

} // namespace tool

#endif // CYCLOS_TOOL_RUN_HPP
