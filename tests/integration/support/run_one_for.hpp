//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TEST_RUN_ONE_FOR_HPP
#define CYCLOS_TEST_RUN_ONE_FOR_HPP

#include <boost/asio/io_context.hpp>
#include <boost/asio/version.hpp>

#include <chrono>
#include <cstddef>
#include <thread>

namespace cyclos::test {

/// Runs one handler, or none if none is ready within the time.
inline std::size_t run_one_for(boost::asio::io_context& context,
                               std::chrono::steady_clock::duration time)
{
#if defined(BOOST_ASIO_HAS_IO_URING) && BOOST_ASIO_VERSION < 102801
    // The member functions that wait for a time leave the address of a local variable in the
    // kernel, and a later one takes it for an operation and crashes (chriskohlhoff/asio#1284).
    // Those that do not wait are not affected.
    const auto deadline = std::chrono::steady_clock::now() + time;
    do {
        if (const std::size_t count = context.poll_one(); count > 0 || context.stopped()) {
            return count;
        }
        std::this_thread::sleep_for(std::chrono::microseconds{50});
    } while (std::chrono::steady_clock::now() < deadline);
    return 0;
#else
    return context.run_one_for(time);
#endif
}

} // namespace cyclos::test

#endif
