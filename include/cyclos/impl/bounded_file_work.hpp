//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_BOUNDED_FILE_WORK_HPP
#define CYCLOS_IMPL_BOUNDED_FILE_WORK_HPP

#include <cyclos/detail/alarm.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/detail/file_work.hpp>
#include <cyclos/net/error.hpp>
#include <cyclos/net/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

/** The file jobs of an operation that has to end in time, whatever the disk does.

    If the operation is cancelled, its deadline comes or its client is closed, a job has a moment left to end, so that
    nothing is left of it; then it is left behind.

    It runs on the strand of the pool, in a coroutine whose awaits do not throw on cancellation.
*/
class bounded_file_work final : public file_waiter
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// What a job has left. An operation ends within a second.
    static constexpr std::chrono::milliseconds grace{500};

    /// @param state       Of the calling coroutine.
    /// @param end         The deadline of the operation, or time_point::max().
    /// @param connections Whose closing ends the operation; null: nobody's.
    bounded_file_work(const asio::any_io_executor& executor, const asio::cancellation_state& state, time_point end,
                      net::pool* connections)
        : file_waiter(executor, state)
        , executor_(executor)
        , connections_(connections)
    {
        if (end != (time_point::max)()) {
            end_.emplace(executor, end, notified());
        }
        if (connections != nullptr) {
            observer_.emplace(*connections, notified());
        }
    }

    /** Runs a job whose result is an error.

        @return The error; nothing where the job was left behind. Where no thread can run the job, or a fork has
                interrupted it, the error of that.
    */
    asio::awaitable<std::optional<error_code>> run_for_error(std::shared_ptr<file_job_with<error_code>> job)
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

    /// Runs a job that cleans up, at the end.
    asio::awaitable<bool> run_last(std::shared_ptr<file_job> job)
    {
        begin_last_moment();
        return run(std::move(job));
    }

    /// Why the operation should do nothing further, if it should not. What runs while the client is closed may end.
    error_code reason()
    {
        const bool late = gives_up();
        return reason_ == errc::client_closed && !late ? error_code{} : reason_;
    }

private:
    bool gives_up() override
    {
        if (!reason_) {
            reason_ = why_to_end();
            if (reason_) {
                begin_last_moment();
            }
        }
        return last_moment_ && last_moment_->due();
    }

    error_code why_to_end()
    {
        if (notified().cancelled()) {
            return errc::cancelled;
        }
        if (end_ && end_->due()) {
            return errc::total_timeout;
        }
        if (connections_ != nullptr && connections_->was_cut()) {
            return errc::client_closed;
        }
        return {};
    }

    void begin_last_moment()
    {
        if (!last_moment_) {
            last_moment_.emplace(executor_, time_point::clock::now() + grace, notified());
        }
    }

    asio::any_io_executor executor_;
    net::pool* connections_;
    std::optional<alarm> end_;
    std::optional<net::pool::observer> observer_;
    std::optional<alarm> last_moment_;
    error_code reason_;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_IMPL_BOUNDED_FILE_WORK_HPP
