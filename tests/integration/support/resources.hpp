//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_RESOURCES_HPP
#define CYCLOS_TESTS_RESOURCES_HPP

#include <cstddef>

namespace cyclos::test {

/// The resident memory of this process in KiB.
std::size_t resident_memory();

/// The number of open descriptors of this process.
std::size_t open_descriptors();

} // namespace cyclos::test

#endif // CYCLOS_TESTS_RESOURCES_HPP
