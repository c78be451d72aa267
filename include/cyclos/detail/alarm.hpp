//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_ALARM_HPP
#define CYCLOS_DETAIL_ALARM_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <memory>

namespace cyclos::inline CYCLOS_ABI::detail {

/// Notifies an event at a point in time, unless it is gone by then.
class alarm
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// The event has to live on the executor, and to outlive the alarm.
    alarm(const asio::any_io_executor& executor, time_point when, event& whom)
        : clock_(std::make_shared<clock>(executor, when, whom))
    {
        clock_->timer.async_wait([set = clock_](const boost::system::error_code& ec) {
            if (!ec && set->whom != nullptr) {
                set->due = true;
                set->whom->notify();
            }
        });
    }

    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;

    ~alarm()
    {
        clock_->whom = nullptr;
        clock_->timer.cancel();
    }

    bool due() const noexcept { return clock_->due; }

private:
    // Shared with the handler of the timer, which may run after the alarm has gone.
    struct clock
    {
        clock(const asio::any_io_executor& executor, time_point when, event& who)
            : timer(executor, when)
            , whom(&who)
        {}

        asio::steady_timer timer;
        event* whom;
        bool due = false;
    };

    std::shared_ptr<clock> clock_;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_ALARM_HPP
