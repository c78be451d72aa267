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
    tool::reserve_standard_descriptors();
    tool::invocation options;
    try {
        return tool::read_command_line(tool::command_line_words(argc, argv), options)
                   ? tool::run(options)
                   : tool::done;
    }
    catch (const std::exception&) {
        const auto reason = tool::explain(std::current_exception(), tool::stop_reason::none, {});
        tool::report(reason, options);
        return reason.status;
    }
}
