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

#include <cyclos/net/error.hpp>

#include <boost/json/object.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace tool {

/// What the process ends with.
enum exit_status : int {
    done = 0,
    refused = 2,       ///< Wrong usage, or an argument was refused before anything was sent.
    server_error = 3,  ///< The server answered with an error.
    failed = 4,        ///< The server could not be reached, or the exchange failed.
    partly_done = 5,   ///< Some things were done, and some failed, be it only to say that they were done.
    interrupted = 130, ///< Not as a status: it ends by the signal, which shells show so.
};

/// Why a command did not do what it was to do.
struct failure
{
    exit_status status = failed;
    std::string kind = {};
    std::string message = {}; ///< One line.
    std::optional<unsigned> http_status = {};
    std::string code = {}; ///< As the server spells it.
    /// Where it comes from the library: where the operation was, and what was sent.
    std::optional<cyclos::error_context> context = {};
};

/// A failure that has been explained where it happened.
class explained : public std::exception
{
public:
    explicit explained(failure reason)
        : reason_(std::move(reason))
    {}

    const failure& reason() const noexcept { return reason_; }
    const char* what() const noexcept override { return reason_.message.c_str(); }

private:
    failure reason_;
};

/// Why something that was asked to end ended.
enum class ended_by { itself, signal, deadline };

/// Explains an exception to a person: what happened, and what can be done about it.
failure explain(const std::exception_ptr& thrown, ended_by reason, const caller& from);

/// What there is to say of it besides its kind and status, as JSON.
boost::json::object details_of(const failure& reason);

/// Reports it on standard error: one line, or one JSON object.
void report(const failure& what, const invocation& given);

} // namespace tool

#endif // CYCLOS_TOOL_FAILURE_HPP
