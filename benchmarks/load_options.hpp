//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_BENCHMARKS_LOAD_OPTIONS_HPP
#define CYCLOS_BENCHMARKS_LOAD_OPTIONS_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace load {

enum class operation { view_image, get_image_content, upload_temp_image };

/// What every load tool takes on its command line.
struct options
{
    std::string url = {};
    std::string ca_file = {};
    load::operation operation = load::operation::view_image;
    std::string operation_name = "view_image";
    std::string id = "1";
    std::string username = {};
    std::string password = {};
    std::size_t concurrency = 1;
    std::size_t connections = 0; ///< 0: as many as requests in flight.
    std::uint64_t requests = 0;
    double duration = 0; ///< Seconds; ends the run where no number of requests is given.
    std::uint64_t warmup = 0;
    std::uint64_t size =
        50 * 1024;         ///< Of the body of an upload; that of the file where there is one.
    std::string file = {}; ///< What is uploaded; empty: bytes out of nothing.
    bool cold = false;
    unsigned threads = 1;
};

/// Reads the command line; exits with 2 where it is wrong, and with 0 after help.
options parse(int argc, char** argv, const char* program);

} // namespace load

#endif // CYCLOS_BENCHMARKS_LOAD_OPTIONS_HPP
