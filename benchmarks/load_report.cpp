//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "load_report.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace load {

namespace {

double cpu_seconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Not ru_maxrss, which a process inherits: it would be that of a large parent process.
std::optional<std::uint64_t> max_rss_kib()
{
    std::ifstream status{"/proc/self/status"};
    for (std::string name; status >> name;) {
        std::uint64_t kib = 0;
        if (name == "VmHWM:" && status >> kib) {
            return kib;
        }
    }
    return {};
}

boost::json::value known(std::optional<std::uint64_t> number)
{
    return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

} // namespace

report::report(const options& o)
    : options_(o)
{
    begin();
}

void report::begin()
{
    latencies_.clear();
    latencies_.reserve(options_.requests > 0 ? options_.requests : 1'000'000);
    errors_ = 0;
    bytes_ = 0;
    cpu_begin_ = cpu_seconds();
    begin_ = clock::now();
}

void report::add(clock::duration latency, std::uint64_t bytes)
{
    latencies_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(latency).count()));
    bytes_ += bytes;
}

void report::end()
{
    end_ = clock::now();
    cpu_end_ = cpu_seconds();
}

std::string report::json(const char* client, std::optional<std::uint64_t> connections_opened,
                         std::optional<std::uint64_t> handshakes_resumed)
{
    std::sort(latencies_.begin(), latencies_.end());
    const auto percentile = [this](double part) -> std::uint32_t {
        if (latencies_.empty()) {
            return 0;
        }
        const auto rank =
            static_cast<std::size_t>(std::ceil(part * static_cast<double>(latencies_.size())));
        return latencies_[std::clamp<std::size_t>(rank, 1, latencies_.size()) - 1];
    };
    const double wall = std::chrono::duration<double>(end_ - begin_).count();
    const double cpu = cpu_end_ - cpu_begin_;
    const auto requests = static_cast<double>(latencies_.size());

    boost::json::object latency{{"p50", percentile(0.5)},
                                {"p90", percentile(0.9)},
                                {"p99", percentile(0.99)},
                                {"p999", percentile(0.999)},
                                {"max", percentile(1)}};
    boost::json::object all{{"client", client},
                            {"operation", options_.operation_name},
                            {"concurrency", options_.concurrency},
                            {"connections", options_.connections},
                            {"requests", latencies_.size()},
                            {"errors", errors_},
                            {"bytes", bytes_},
                            {"wall_s", wall},
                            {"cpu_s", cpu},
                            {"rps", wall > 0 ? requests / wall : 0},
                            {"cpu_us_per_request", requests > 0 ? cpu * 1e6 / requests : 0},
                            {"latency_us", std::move(latency)},
                            {"max_rss_kib", known(max_rss_kib())},
                            {"connections_opened", known(connections_opened)},
                            {"handshakes_resumed", known(handshakes_resumed)}};
    return boost::json::serialize(all);
}

} // namespace load
