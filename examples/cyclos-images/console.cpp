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
    if (!write_text(standard::output, text)) {
        throw output_failure("standard output cannot be written");
    }
}

} // namespace

console::console(const invocation& given)
    : prefix_("cyclos-images: " + given.command + ": ")
    , json_(given.json || !is_terminal(standard::output))
    , events_as_json_(given.json)
    , quiet_(given.quiet)
    , verbose_(given.verbose)
    , progress_(given.progress && !given.quiet && !given.verbose && moves_cursor(standard::error))
    , colours_(!json_ && takes_colours(standard::output))
{}

void console::result(const boost::json::value& value) const
{
    write_result(json_line(value) + '\n');
}

void console::result(std::string_view text) const
{
    write_result(text);
}

void console::note(std::string_view text) const
{
    if (!quiet_) {
        complain(prefix_ + printable(text));
    }
}

void console::event(std::string_view text) const
{
    if (!verbose_ || text.empty()) {
        return;
    }
    if (events_as_json_) {
        boost::json::object line;
        line["event"] = text;
        complain(json_line(line));
    }
    else {
        complain(prefix_ + printable(text));
    }
}

void complain(std::string_view line)
{
    write_text(standard::error, std::string{line} + '\n');
}

} // namespace tool
