//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "command_line.hpp"
#include "failure.hpp"
#include "platform.hpp"
#include "run.hpp"

int main(int argc, char** argv)
{
    tool::fill_standard_streams();
    tool::invocation given;
    try {
        return tool::read_command_line(tool::command_line_words(argc, argv), given) ? tool::run(given) : tool::done;
    }
    catch (const std::exception&) {
        const auto what = tool::explain(std::current_exception(), tool::ended_by::itself, {});
        tool::report(what, given);
        return what.status;
    }
}
