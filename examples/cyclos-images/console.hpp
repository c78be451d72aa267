//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_CONSOLE_HPP
#define CYCLOS_TOOL_CONSOLE_HPP

#include "invocation.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace tool {

/// Prints results to standard output, and everything else to standard error.
class console
{
public:
    explicit console(const invocation& options);

    /// Whether results are printed as JSON.
    bool uses_json() const noexcept { return json_; }

    /// Whether progress bars are shown.
    bool shows_progress() const noexcept { return progress_; }

    /// Whether results have colours.
    bool uses_colours() const noexcept { return colours_; }

    /// Prints one line of JSON. @throws output_error if standard output cannot be written.
    void print_result(const boost::json::value& value) const;

    /// Prints complete lines of text. @throws output_error if standard output cannot be written.
    void print_result(std::string_view text) const;

    /// Prints a message, unless --quiet is given.
    void print_note(std::string_view text) const;

    /// Prints the description of an event, if --verbose is given.
    void print_event(std::string_view text) const;

private:
    std::string prefix_;
    bool json_;
    bool events_as_json_;
    bool quiet_;
    bool verbose_;
    bool progress_;
    bool colours_;
};

/// Prints one line on standard error.
void print_diagnostic(std::string_view line);

} // namespace tool

#endif // CYCLOS_TOOL_CONSOLE_HPP
