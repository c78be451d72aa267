//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_BENCHMARKS_LOAD_BUDGET_HPP
#define CYCLOS_BENCHMARKS_LOAD_BUDGET_HPP

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace load {

/// The number of requests and the time that remain. Thread-safe.
class budget
{
public:
    using clock = std::chrono::steady_clock;

    /// @param requests 0: no limit.
    /// @param seconds 0: no limit.
    void limit(std::uint64_t requests, double seconds)
    {
        left_ = requests > 0 ? static_cast<std::int64_t>(requests)
                             : std::numeric_limits<std::int64_t>::max();
        end_ = seconds > 0 ? clock::now() + std::chrono::duration_cast<clock::duration>(
                                                std::chrono::duration<double>(seconds))
                           : clock::time_point::max();
    }

    /// Whether another request may start.
    bool take()
    {
        return left_.fetch_sub(1) > 0 && (end_ == clock::time_point::max() || clock::now() < end_);
    }

private:
    std::atomic<std::int64_t> left_ = 0;
    clock::time_point end_;
};

} // namespace load

#endif // CYCLOS_BENCHMARKS_LOAD_BUDGET_HPP
