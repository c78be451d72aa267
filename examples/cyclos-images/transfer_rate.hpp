//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_TRANSFER_RATE_HPP
#define CYCLOS_TOOL_TRANSFER_RATE_HPP

#include <chrono>
#include <cmath>
#include <cstdint>

namespace tool {

/** How fast bytes come, smoothed: what happened some seconds ago counts less and less.

    Otherwise the remaining time would jump with each block, and that of the whole transfer so far would not tell of a
    network that has become slow.
*/
class transfer_rate
{
public:
    using clock = std::chrono::steady_clock;

    explicit transfer_rate(clock::time_point begin)
        : last_(begin)
    {}

    /// So many bytes have come in all.
    void sample(std::uint64_t bytes, clock::time_point now)
    {
        const double seconds = std::chrono::duration<double>(now - last_).count();
        if (seconds <= 0) {
            return;
        }
        const double part = 1 - std::exp(-seconds / memory);
        smoothed_ += part * (static_cast<double>(bytes - bytes_) / seconds - smoothed_);
        weight_ += part * (1 - weight_);
        bytes_ = bytes;
        last_ = now;
    }

    double bytes_per_second() const
    {
        // In the beginning little of what is smoothed is known: the rest was taken for nothing, and is left out.
        return weight_ > 0 ? smoothed_ / weight_ : 0;
    }

private:
    static constexpr double memory = 3; // seconds

    clock::time_point last_;
    std::uint64_t bytes_ = 0;
    double smoothed_ = 0;
    double weight_ = 0;
};

} // namespace tool

#endif // CYCLOS_TOOL_TRANSFER_RATE_HPP
