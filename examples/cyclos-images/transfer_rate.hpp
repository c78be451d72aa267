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

/** The rate of a transfer, as an exponential moving average.

    With the rate of the last block, the remaining time would jump with each block. The average of
    the whole transfer would not show that the network has become slow.
*/
class transfer_rate
{
public:
    using clock = std::chrono::steady_clock;

    explicit transfer_rate(clock::time_point begin)
        : last_(begin)
    {}

    /// @param bytes The total number of bytes transferred so far.
    void sample(std::uint64_t bytes, clock::time_point now)
    {
        const double seconds = std::chrono::duration<double>(now - last_).count();
        if (seconds <= 0) {
            return;
        }
        const double alpha = 1 - std::exp(-seconds / time_constant);
        average_ += alpha * (static_cast<double>(bytes - bytes_) / seconds - average_);
        weight_ += alpha * (1 - weight_);
        bytes_ = bytes;
        last_ = now;
    }

    double bytes_per_second() const
    {
        // The average starts at 0. The weight corrects for this initial value.
        return weight_ > 0 ? average_ / weight_ : 0;
    }

private:
    static constexpr double time_constant = 3; // in seconds

    clock::time_point last_;
    std::uint64_t bytes_ = 0;
    double average_ = 0;
    double weight_ = 0;
};

} // namespace tool

#endif // CYCLOS_TOOL_TRANSFER_RATE_HPP
