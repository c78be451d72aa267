//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_SERIAL_CHECK_HPP
#define CYCLOS_DETAIL_SERIAL_CHECK_HPP

#include <cyclos/detail/config.hpp>

#include <boost/assert.hpp>

#include <atomic>
#include <thread>

namespace cyclos::inline CYCLOS_ABI::detail {

/** Asserts that what has to run on one strand is not run by two threads at the same time.

    It costs nothing where assertions are off.
*/
class serial_check
{
public:
    /// A part of the code that one thread may run at a time. It may be entered again by the same thread.
    class section
    {
    public:
#if defined(BOOST_ASSERT_IS_VOID)
        explicit section(serial_check& /*check*/) noexcept {}
#else
        explicit section(serial_check& check) noexcept
            : thread_(check.thread_)
            , outer_(thread_.exchange(std::this_thread::get_id()))
        {
            BOOST_ASSERT_MSG(outer_ == std::thread::id{} || outer_ == std::this_thread::get_id(),
                             "two threads at a time: config.serial_executor is set, but the executor is not serial");
        }

        section(const section&) = delete;
        section& operator=(const section&) = delete;
        ~section() { thread_.store(outer_); }

    private:
        std::atomic<std::thread::id>& thread_;
        std::thread::id outer_;
#endif
    };

private:
    std::atomic<std::thread::id> thread_; // there also without assertions: the layout does not depend on them
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_SERIAL_CHECK_HPP
