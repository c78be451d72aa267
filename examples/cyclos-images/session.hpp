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

/// What a command works with.
struct session
{
    explicit session(const invocation& what)
        : given(what)
        , out(what)
    {}

    const invocation& given;
    console out;
    connection_options connection = {};  ///< Complete, if the command is an operation.
    caller from = {};                    ///< Likewise.
    ended_by stopped = ended_by::itself; ///< What asked the command to end.
};

/// Gets ready what an operation needs from the environment and the terminal, before anything is begun. @throws refusal
void prepare_operation(session& s);

/// @{ The commands. Each ends with an exception where it fails; a cancellation ends it early and cleanly.
boost::asio::awaitable<void> run_operation(session& s); ///< One of the API, by its name.
boost::asio::awaitable<void> demo(session& s);
boost::asio::awaitable<void> serve(session& s);
/// @}

} // namespace tool

#endif // CYCLOS_TOOL_SESSION_HPP
