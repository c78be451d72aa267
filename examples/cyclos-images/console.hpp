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

/// The terminal, or what stands in its place: results go to standard output, all else to standard error.
class console
{
public:
    explicit console(const invocation& given);

    /// Whether results are for machines.
    bool json() const noexcept { return json_; }

    /// Whether there may be progress bars.
    bool progress() const noexcept { return progress_; }

    /// Whether results for people may have colours.
    bool colours() const noexcept { return colours_; }

    /// Prints one line of JSON. @throws output_failure where standard output cannot be written.
    void result(const boost::json::value& value) const;

    /// Prints text of whole lines for people. @throws as above.
    void result(std::string_view text) const;

    /// Says something that is no result, unless it is to be quiet.
    void note(std::string_view text) const;

    /// Says what happens, where that was asked for.
    void event(std::string_view text) const;

private:
    std::string prefix_;
    bool json_;
    bool events_as_json_;
    bool quiet_;
    bool verbose_;
    bool progress_;
    bool colours_;
};

/// One line on standard error.
void complain(std::string_view line);

} // namespace tool

#endif // CYCLOS_TOOL_CONSOLE_HPP
