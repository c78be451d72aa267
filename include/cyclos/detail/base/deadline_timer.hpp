//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_DEADLINE_TIMER_HPP
#define CYCLOS_DETAIL_BASE_DEADLINE_TIMER_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <memory>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Calls notifier::notify() at a point in time, unless it was destroyed before.
class deadline_timer
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// @pre The notifier's coroutine runs on the executor, and the notifier outlives the
    /// deadline_timer.
    deadline_timer(const asio::any_io_executor& executor, time_point deadline, notifier& target)
        : state_(std::make_shared<shared_state>(executor, deadline, target))
    {
        state_->timer.async_wait([state = state_](const boost::system::error_code& ec) {
            if (!ec && state->target != nullptr) {
                state->due = true;
                state->target->notify();
            }
        });
    }

    deadline_timer(const deadline_timer&) = delete;
    deadline_timer& operator=(const deadline_timer&) = delete;

    ~deadline_timer()
    {
        state_->target = nullptr;
        state_->timer.cancel();
    }

    bool due() const noexcept { return state_->due; }

private:
    // Shared with the handler of the timer, which may run after the deadline_timer was destroyed.
    struct shared_state
    {
        shared_state(const asio::any_io_executor& executor, time_point deadline, notifier& notified)
            : timer(executor, deadline)
            , target(&notified)
        {}

        asio::steady_timer timer;
        notifier* target;
        bool due = false;
    };

    std::shared_ptr<shared_state> state_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_DEADLINE_TIMER_HPP
