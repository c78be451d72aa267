//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_FAILURE_HPP
#define CYCLOS_TOOL_FAILURE_HPP

#include "invocation.hpp"
#include "settings.hpp"

#include <cyclos/error.hpp>

#include <boost/json/object.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace tool {

/// The exit status of the process.
enum exit_status : int {
    done = 0,
    rejected = 2,       ///< Wrong usage, or rejected before anything was sent.
    server_error = 3,   ///< The server responded with an error.
    failed = 4,         ///< The server could not be reached, or the exchange failed.
    partially_done = 5, ///< Some files failed, or the result could not be printed.
    interrupted = 130,  ///< The process is killed by the signal; shells report it as this status.
};

/// The reason why a command failed.
struct failure
{
    exit_status status = failed;
    std::string kind = {};
    std::string message = {}; ///< One line.
    std::optional<unsigned> http_status = {};
    std::string code = {}; ///< The error code of the server.
    /// The context of an error of the library, such as its phase and its sent state.
    std::optional<cyclos::error_context> context = {};
};

/// An exception with the explanation of a failure.
class command_failure : public std::exception
{
public:
    explicit command_failure(failure reason)
        : reason_(std::move(reason))
    {}

    const failure& reason() const noexcept { return reason_; }
    const char* what() const noexcept override { return reason_.message.c_str(); }

private:
    failure reason_;
};

/// What stopped a command before its end.
enum class stop_reason { none, signal, deadline };

/// Explains an exception: what happened, and what the user can do about it.
failure explain(const std::exception_ptr& thrown, stop_reason reason,
                const caller_identity& caller);

/// The members of the JSON object of a failure, except its kind and HTTP status.
boost::json::object details_of(const failure& reason);

/// Prints a failure on standard error, as one line of text or as one JSON object.
void report(const failure& reason, const invocation& options);

} // namespace tool

#endif // CYCLOS_TOOL_FAILURE_HPP
