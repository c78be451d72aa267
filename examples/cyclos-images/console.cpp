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
#include <boost/json/serialize.hpp>

#include <cstdio>

#include <unistd.h>

namespace tool {
namespace {

void write(std::FILE* stream, std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

void write_result(std::string_view text)
{
    write(stdout, text);
    if (std::ferror(stdout) != 0) {
        throw output_failure("standard output cannot be written");
    }
}

} // namespace

console::console(const invocation& given)
    : prefix_("cyclos-images: " + given.command + ": ")
    , json_(given.json || ::isatty(STDOUT_FILENO) == 0)
    , events_as_json_(given.json)
    , quiet_(given.quiet)
    , verbose_(given.verbose)
    , progress_(given.progress && !given.quiet && !given.verbose && moves_cursor(STDERR_FILENO))
    , colours_(!json_ && takes_colours(STDOUT_FILENO))
{}

void console::result(const boost::json::value& value) const
{
    write_result(boost::json::serialize(value) + '\n');
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
        line["event"] = printable(text);
        complain(boost::json::serialize(line));
    }
    else {
        complain(prefix_ + printable(text));
    }
}

void complain(std::string_view line)
{
    write(stderr, std::string{line} + '\n');
}

} // namespace tool
