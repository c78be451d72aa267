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

/// The command line options of all load generators.
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
    std::size_t connections = 0; ///< 0: the number of concurrent requests.
    std::uint64_t requests = 0;
    double duration = 0; ///< Seconds; ends the run if no number of requests is given.
    std::uint64_t warmup = 0;
    std::uint64_t size = 50 * 1024; ///< Size of the body of an upload, if no file is given.
    std::string file = {};          ///< The file to upload; empty: arbitrary bytes.
    bool cold = false;
    unsigned threads = 1;
};

/// Reads the command line; exits with 2 if it is invalid, and with 0 after the help.
options parse(int argc, char** argv, const char* program);

} // namespace load

#endif // CYCLOS_BENCHMARKS_LOAD_OPTIONS_HPP
