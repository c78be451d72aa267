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

/// The KiB of memory that this process has resident.
std::size_t resident_memory();

/// The descriptors that this process has open.
std::size_t open_descriptors();

} // namespace cyclos::test

#endif // CYCLOS_TESTS_RESOURCES_HPP
