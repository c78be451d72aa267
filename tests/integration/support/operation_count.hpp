//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_OPERATION_COUNT_HPP
#define CYCLOS_TESTS_OPERATION_COUNT_HPP

#include <cstddef>

namespace cyclos::test {

/// The number of operations of images_api, and of commands of the tool that call them.
inline constexpr std::size_t operation_count = 17;

} // namespace cyclos::test

#endif // CYCLOS_TESTS_OPERATION_COUNT_HPP
