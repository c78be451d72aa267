//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/resources.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace cyclos::test {

std::size_t resident_memory()
{
    std::ifstream file{"/proc/self/status"};
    for (std::string key; file >> key; file.ignore(1000, '\n')) {
        if (key == "VmRSS:") {
            std::size_t size = 0;
            file >> size;
            return size;
        }
    }
    return 0;
}

std::size_t open_descriptors()
{
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all))) -
           1; // without the iterator's own
}

} // namespace cyclos::test
