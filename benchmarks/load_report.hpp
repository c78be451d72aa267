//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_BENCHMARKS_LOAD_REPORT_HPP
#define CYCLOS_BENCHMARKS_LOAD_REPORT_HPP

#include "load_options.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace load {

/// Counts requests and their cost for this process, and prints the report of all load generators.
class report
{
public:
    using clock = std::chrono::steady_clock;

    explicit report(const options& o);

    /// The warm-up has ended: earlier requests do not count.
    void begin();

    /// A request has ended.
    void add(clock::duration latency, std::uint64_t bytes);
    void add_error() { ++errors_; }

    /// The last request has ended.
    void end();

    /// One JSON object. Unknown values are null.
    std::string json(const char* client, std::optional<std::uint64_t> connections_opened,
                     std::optional<std::uint64_t> handshakes_resumed);

private:
    const options& options_;
    clock::time_point begin_;
    clock::time_point end_;
    double cpu_begin_ = 0;
    double cpu_end_ = 0;
    std::uint64_t errors_ = 0;
    std::uint64_t bytes_ = 0;
    std::vector<std::uint32_t> latencies_; // microseconds
};

} // namespace load

#endif // CYCLOS_BENCHMARKS_LOAD_REPORT_HPP
