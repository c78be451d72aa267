//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TEST_RUN_ONE_FOR_HPP
#define CYCLOS_TEST_RUN_ONE_FOR_HPP

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/version.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>

namespace cyclos::test {

/// Runs one handler, or none if none becomes ready within the time.
inline std::size_t run_one_for(boost::asio::io_context& context,
                               std::chrono::steady_clock::duration time)
{
#if defined(BOOST_ASIO_HAS_IO_URING) && BOOST_ASIO_VERSION < 102801
    // The member functions with a time limit leave the address of a local variable in the kernel,
    // and a later call takes it for an operation and crashes (chriskohlhoff/asio#1284). Our own
    // timer limits the wait.
    static thread_local bool is_own_handler = false;
    const auto deadline = std::chrono::steady_clock::now() + time;
    boost::asio::steady_timer timer{context, deadline};
    timer.async_wait([](const boost::system::error_code&) { is_own_handler = true; });
    do {
        is_own_handler = false;
        if (context.run_one() == 0) {
            return 0;
        }
        if (!is_own_handler) {
            return 1;
        }
    } while (std::chrono::steady_clock::now() <
             deadline); // the handler may be that of an earlier call
    return 0;
#else
    return context.run_one_for(time);
#endif
}

} // namespace cyclos::test

#endif
