//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TEST_AWAIT_HPP
#define CYCLOS_TEST_AWAIT_HPP

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace cyclos::test {

/** Returns once other threads or processes have made a condition true.

    @param problem The message of the exception that is thrown if it is not true within a minute.
*/
template <class Condition>
void await(const std::string& problem, Condition condition)
{
    using clock = std::chrono::steady_clock;
    const auto limit = clock::now() + std::chrono::minutes{1};
    while (!condition()) {
        if (clock::now() > limit) {
            throw std::runtime_error(problem);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

} // namespace cyclos::test

#endif // CYCLOS_TEST_AWAIT_HPP
