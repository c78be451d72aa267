//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SOAK_SOAK_HPP
#define CYCLOS_SOAK_SOAK_HPP

#include <chrono>
#include <cstdint>
#include <iosfwd>

namespace cyclos::soak {

struct options
{
    std::chrono::seconds duration{120};
    std::chrono::seconds warm_up{30}; ///< Memory must not grow after it.
    std::chrono::seconds line{60};    ///< Between two lines of output.
    std::chrono::milliseconds server_fault_duration{250};
    std::chrono::seconds outage_duration{20};
    std::chrono::seconds outage_interval{60}; ///< Between the beginnings of two outages.
    std::size_t growth = 64 * 1024;           ///< Allowed growth of resident memory in KiB.
    unsigned concurrency = 48;                ///< Concurrent operations of each client.
    std::uint64_t seed = 1;
};

/** Runs operations of several clients against a server that misbehaves, and prints a line for each
    minute.

    @return Whether memory, descriptors, pools and stored images are as expected, and operations
            succeeded after each outage.
*/
bool run(const options& options, std::ostream& out);

} // namespace cyclos::soak

#endif // CYCLOS_SOAK_SOAK_HPP
