//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The soak test: see run.sh.

#include "integration/support/sanitized.hpp"
#include "soak/soak.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <random>

int main(int argc, char** argv)
{
    cyclos::soak::options options;
    if (argc > 1) {
        options.duration = std::chrono::seconds{std::atoi(argv[1])};
    }
    options.seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
#if defined(CYCLOS_TESTS_SANITIZED)
    options.growth =
        std::numeric_limits<std::size_t>::max() / 2; // memory that a sanitizer keeps is not a leak
#endif
    options.warm_up = std::min(options.warm_up, options.duration / 4);
    options.outage_duration = std::min(options.outage_duration, options.duration / 6);
    options.outage_interval = std::min(options.outage_interval, options.duration / 2);
    try {
        return cyclos::soak::run(options, std::cout) ? 0 : 1;
    }
    catch (const std::exception& failure) {
        std::cerr << "soak: " << failure.what() << '\n';
        return 2;
    }
}
