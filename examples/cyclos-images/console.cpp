//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "console.hpp"

#include "terminal.hpp"
#include "text.hpp"

#include <boost/json/object.hpp>

namespace tool {
namespace {

void write_result(std::string_view text)
{
    if (!write_text(standard_stream::output, text)) {
        throw output_error("standard output cannot be written");
    }
}

} // namespace

console::console(const invocation& options)
    : prefix_("cyclos-images: " + options.command + ": ")
    , json_(options.json || !is_terminal(standard_stream::output))
    , events_as_json_(options.json)
    , quiet_(options.quiet)
    , verbose_(options.verbose)
    , progress_(options.progress && !options.quiet && !options.verbose &&
                enable_terminal_control(standard_stream::error))
    , colours_(!json_ && enable_colours(standard_stream::output))
{}

void console::print_result(const boost::json::value& value) const
{
    write_result(json_line(value) + '\n');
}

void console::print_result(std::string_view text) const
{
    write_result(text);
}

void console::print_note(std::string_view text) const
{
    if (!quiet_) {
        print_diagnostic(prefix_ + printable(text));
    }
}

void console::print_event(std::string_view text) const
{
    if (!verbose_ || text.empty()) {
        return;
    }
    if (events_as_json_) {
        boost::json::object line;
        line["event"] = text;
        print_diagnostic(json_line(line));
    }
    else {
        print_diagnostic(prefix_ + printable(text));
    }
}

void print_diagnostic(std::string_view line)
{
    write_text(standard_stream::error, std::string{line} + '\n');
}

} // namespace tool
