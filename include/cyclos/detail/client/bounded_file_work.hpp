//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_BOUNDED_FILE_WORK_HPP
#define CYCLOS_DETAIL_CLIENT_BOUNDED_FILE_WORK_HPP

#include <cyclos/detail/base/deadline_timer.hpp>
#include <cyclos/detail/base/file_work.hpp>
#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/pool.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** Runs the file jobs of an operation that must end in time, even if the disk does not answer.

    When the operation is cancelled, its deadline passes or its client is closed, the job that runs
    has a grace period to finish, so that it leaves nothing behind. After that it is abandoned: the
    operation ends without it, and the job owns what it uses.

    Must be used on the executor, in a coroutine whose awaits do not throw on cancellation.
*/
class bounded_file_work final : public file_waiter
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Half of the second within which every operation must end.
    static constexpr std::chrono::milliseconds grace{500};

    /// @param executor The strand of the pool, or another strand if there is no pool.
    /// @param state    The cancellation state of the calling coroutine.
    /// @param deadline The deadline of the operation, or time_point::max().
    /// @param pool     The pool whose closing ends the operation, or null.
    bounded_file_work(const asio::any_io_executor& executor, const asio::cancellation_state& state,
                      time_point deadline, net::pool* pool)
        : file_waiter(executor, state)
        , executor_(executor)
        , pool_(pool)
    {
        if (deadline != (time_point::max)()) {
            deadline_.emplace(executor, deadline, wakeup());
        }
        if (pool != nullptr) {
            observer_.emplace(*pool, wakeup());
        }
    }

    /** Runs a job whose result is an error.

        @return The result of the job, or nothing if the job was abandoned. If no thread can run the
                job, or a fork has interrupted it, the error of that.
    */
    asio::awaitable<std::optional<error_code>>
    run_for_error(std::shared_ptr<file_job_with<error_code>> job)
    {
        std::optional<error_code> result;
        try {
            const bool done = co_await run(job);
            if (done) {
                result = job->take_result();
            }
        }
        catch (const boost::system::system_error& failure) {
            result = failure.code();
        }
        co_return result;
    }

    /// Runs the last job of the operation. It has the grace period, or what is left of it.
    asio::awaitable<bool> run_cleanup(std::shared_ptr<file_job> job)
    {
        start_grace_period();
        return run(std::move(job));
    }

    /// Why the operation must end now; no error if it may go on. If the client was closed, it may
    /// go on until the grace period is over.
    error_code reason()
    {
        const bool gave_up = should_abandon();
        return reason_ == errc::client_closed && !gave_up ? error_code{} : reason_;
    }

private:
    bool should_abandon() override
    {
        if (!reason_) {
            reason_ = find_end_reason();
            if (reason_) {
                start_grace_period();
            }
        }
        return grace_timer_ && grace_timer_->due();
    }

    error_code find_end_reason()
    {
        if (wakeup().cancelled()) {
            return errc::cancelled;
        }
        if (deadline_ && deadline_->due()) {
            return errc::total_timeout;
        }
        if (pool_ != nullptr && pool_->aborted()) {
            return errc::client_closed;
        }
        return {};
    }

    void start_grace_period()
    {
        if (!grace_timer_) {
            grace_timer_.emplace(executor_, time_point::clock::now() + grace, wakeup());
        }
    }

    asio::any_io_executor executor_;
    net::pool* pool_;
    std::optional<deadline_timer> deadline_;
    std::optional<net::pool::observer> observer_;
    std::optional<deadline_timer> grace_timer_;
    error_code reason_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_BOUNDED_FILE_WORK_HPP
