//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_SERIAL_CHECK_HPP
#define CYCLOS_DETAIL_BASE_SERIAL_CHECK_HPP

#include <cyclos/detail/config.hpp>

#include <boost/assert.hpp>

#include <atomic>
#include <thread>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** Asserts that code that must run on one strand is not executed by two threads at the same time.

    It has no cost if assertions are disabled.
*/
class serial_check
{
public:
    /// A section of code that only one thread may execute at a time. The same thread may enter it
    /// again.
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
                             "two threads at a time: config.serial_executor is set, but the "
                             "executor is not serial");
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
    // Also present if assertions are disabled, so that the object layout does not depend on them.
    std::atomic<std::thread::id> thread_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_SERIAL_CHECK_HPP
