//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_SESSION_HPP
#define CYCLOS_TOOL_SESSION_HPP

#include "console.hpp"
#include "failure.hpp"
#include "invocation.hpp"
#include "settings.hpp"

#include <boost/asio/awaitable.hpp>

namespace tool {

/// The state of a running command.
struct session
{
    explicit session(const invocation& parsed)
        : options(parsed)
        , out(parsed)
    {}

    const invocation& options;
    console out;
    connection_options connection = {}; ///< Complete if the command is an operation of the API.
    caller_identity caller = {};        ///< Likewise.
    stop_reason stopped_by = stop_reason::none; ///< What cancelled the command.
};

/// Reads what an operation needs from the environment and the terminal. Must be called before
/// @ref run_operation. @throws command_rejected
void prepare_operation(session& s);

/// @{ The commands. They throw if they fail, and support terminal cancellation.
boost::asio::awaitable<void> run_operation(session& s); ///< An operation of the API.
boost::asio::awaitable<void> demo(session& s);
boost::asio::awaitable<void> serve(session& s);
/// @}

} // namespace tool

#endif // CYCLOS_TOOL_SESSION_HPP
