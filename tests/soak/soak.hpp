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
    std::chrono::seconds warm_up{30};    ///< After which memory must not grow any more.
    std::chrono::seconds line{60};       ///< From one line to the next.
    std::chrono::milliseconds mood{250}; ///< For so long the server misbehaves in one way.
    std::chrono::seconds outage_duration{20};
    std::chrono::seconds outage_interval{
        60};                        ///< From the beginning of one outage to that of the next.
    std::size_t growth = 64 * 1024; ///< The KiB that resident memory may grow by.
    unsigned concurrency = 48;      ///< Of each client.
    std::uint64_t seed = 1;
};

/** Runs operations of several clients against a server that misbehaves, and prints a line for each
    minute.

    @return Whether memory, descriptors, pools and stored images were in order, and operations
            succeeded after each outage.
*/
bool run(const options& options, std::ostream& out);

} // namespace cyclos::soak

#endif // CYCLOS_SOAK_SOAK_HPP
