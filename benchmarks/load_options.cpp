//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "load_options.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

namespace load {

options parse(int argc, char** argv, const char* program)
{
    const std::map<std::string, operation> operations{
        {"view_image", operation::view_image},
        {"get_image_content", operation::get_image_content},
        {"upload_temp_image", operation::upload_temp_image}};
    options o;
    bool json = true;
    CLI::App app{"Sends requests to a Cyclos server, and prints what they cost as one JSON object.",
                 program};
    app.add_option("--url", o.url, "base URL, such as https://host/api")->required();
    app.add_option("--ca-file", o.ca_file, "certificate authorities (PEM)");
    app.add_option("--operation", o.operation_name, "what to call")
        ->check(CLI::IsMember(operations));
    app.add_option("--id", o.id, "the image to view or download");
    app.add_option("--username", o.username, "basic credentials");
    app.add_option("--password", o.password);
    app.add_option("--concurrency", o.concurrency, "requests in flight")
        ->check(CLI::PositiveNumber);
    app.add_option("--connections", o.connections,
                   "cap on connections; as many as requests in flight by default");
    auto* const requests =
        app.add_option("--requests", o.requests, "how many in all")->check(CLI::PositiveNumber);
    app.add_option("--duration", o.duration, "seconds to go on for")
        ->check(CLI::PositiveNumber)
        ->excludes(requests);
    app.add_option("--warmup", o.warmup, "requests that come first and are not counted");
    auto* const size = app.add_option("--size", o.size, "bytes of an upload");
    app.add_option("--file", o.file, "what is uploaded; bytes out of nothing by default")
        ->check(CLI::ExistingFile)
        ->excludes(size);
    app.add_flag("--cold", o.cold, "a new connection for every request");
    app.add_option("--threads", o.threads, "threads that run the client")
        ->check(CLI::PositiveNumber);
    app.add_flag("--json", json, "print JSON, as it always does");
    try {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& e) {
        std::exit(app.exit(e) == 0 ? 0 : 2);
    }
    o.operation = operations.at(o.operation_name);
    if (o.connections == 0) {
        o.connections = o.concurrency;
    }
    if (!o.file.empty()) {
        o.size = std::filesystem::file_size(o.file);
    }
    if (o.requests == 0 && o.duration == 0) {
        o.requests = 1000;
    }
    return o;
}

} // namespace load
