//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_EXCHANGE_MACHINE_HPP
#define CYCLOS_DETAIL_HTTP_EXCHANGE_MACHINE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/retry/retry_schedule.hpp>
#include <cyclos/error.hpp>
#include <cyclos/retry_config.hpp>

#include <chrono>
#include <optional>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {
namespace detail {

/// What follows an event of an @ref exchange_machine.
enum class next_step {
    finish,                ///< The response or the error is the result.
    acquire,               ///< Take another connection for the same attempt.
    replay,                ///< Send the request again at once, over a newly opened connection.
    replay_without_expect, ///< Send the request again at once, without `Expect: 100-continue`.
    retry,                 ///< Send the request again after exchange_machine::delay().
};

/// Whether a request may be sent again.
enum class repeatability {
    always,        ///< It is idempotent, and can be built again: a GET, for one.
    if_not_sent,   ///< Only while nothing of it was sent: an upload, or a login.
    if_configured, ///< An upload that `retry_config::retry_uploads` allows to be stored twice.
};

/// An attempt that failed.
struct failed_attempt
{
    sent_state sent = sent_state::none;
    bool connection_used_before = false; ///< The connection may have been closed while it was idle.
    bool no_bytes_received = false;
    bool closed_by_peer = false; ///< Not by a deadline, a cancellation or the client's own end.
};

/** The rules that decide whether a request is sent again.

    It does no I/O: @ref pooled_send and exchange() report events, and carry out the next step.

    - on_dead_connection(): acquire. The third newly opened connection since the last retry: finish.
    - on_failed_attempt(): replay, if the connection was used before, the peer closed it before any
      byte of a response, and either nothing was sent or the request is repeatable. Else finish.
    - on_expectation_failed(): replay_without_expect.
    - on_error(), if no connection can be opened and the failure is transient: retry after the pause
      of the pool, without cost to the budget.
    - on_error(), if the server has confirmed an upload with 2xx: finish.
    - on_error(), if the failure is transient, and either nothing was sent or the request may be
      sent again: retry. Else finish.
    - on_response(), if the status is 429, 502, 503 or 504 and the request may be sent again: retry.
      Else finish.

    A retry also needs a retry that is left, the budget, and time before the deadline of the
    operation (@ref retry_schedule). A replay needs none of them: the server has not acted on the
    request, or none of its work is lost.
*/
class exchange_machine
{
public:
    using duration = retry_schedule::duration;
    using time_point = retry_schedule::time_point;

    /// New connections that were closed before use, since the last retry, after which the exchange
    /// fails.
    static constexpr unsigned max_dead_on_arrival = 3;

    /// @param end The deadline of the operation: no retry begins after it.
    exchange_machine(const retry_config& config, retry_budget& budget, repeatability request,
                     time_point end = (time_point::max)())
        : request_(request)
        , schedule_(config, budget, request != repeatability::if_not_sent, end)
    {}

    /// The next attempt needs a newly opened connection.
    bool needs_new_connection() const noexcept
    {
        return connection_ == connection_choice::newly_opened;
    }

    /// The time to wait before a retry.
    duration delay() const noexcept { return delay_; }

    /// A retry begins.
    void on_retry() noexcept
    {
        connection_ = connection_choice::any;
        dead_on_arrival_ = 0;
    }

    /// A connection was closed before the request was sent over it.
    next_step on_dead_connection(bool used_before) noexcept
    {
        dead_on_arrival_ += used_before ? 0 : 1;
        return dead_on_arrival_ == max_dead_on_arrival ? next_step::finish : next_step::acquire;
    }

    /// An attempt failed. If the next step is to finish, on_error() follows.
    next_step on_failed_attempt(const failed_attempt& attempt) noexcept
    {
        // An idle connection may be closed at the very moment that a request uses it. The server
        // has not seen the request then, or none of its work is lost if it sees it again.
        const bool stale =
            attempt.connection_used_before && attempt.no_bytes_received && attempt.closed_by_peer;
        const bool harmless = request_ == repeatability::always || attempt.sent == sent_state::none;
        if (!stale || !harmless) {
            return next_step::finish;
        }
        connection_ = connection_choice::newly_opened;
        return next_step::replay;
    }

    /// The server rejected `Expect: 100-continue` (RFC 9110, section 10.1.1).
    next_step on_expectation_failed() const noexcept { return next_step::replay_without_expect; }

    /** The exchange failed.

        @param pause_end The time of the next attempt to open a connection, if none can be opened.
        @param confirmed The server has confirmed the request with 2xx. What failed came after it.
     */
    next_step on_error(const error_code& failure, sent_state sent,
                       const std::optional<time_point>& pause_end, bool confirmed)
    {
        if (pause_end) {
            return retry_after(
                schedule_.delay_after_fast_failure(failure, time_point::clock::now(), *pause_end));
        }
        if (confirmed && request_ != repeatability::always) {
            return next_step::finish;
        }
        return retry_after(schedule_.next_delay(failure, sent));
    }

    /// A response was received whose status is not 2xx.
    next_step on_response(unsigned status, std::optional<std::chrono::seconds> retry_after_field)
    {
        return retry_after(schedule_.next_delay(status, retry_after_field));
    }

private:
    enum class connection_choice { any, newly_opened };

    next_step retry_after(const std::optional<duration>& wait) noexcept
    {
        delay_ = wait.value_or(duration::zero());
        return wait ? next_step::retry : next_step::finish;
    }

    repeatability request_;
    connection_choice connection_ = connection_choice::any;
    unsigned dead_on_arrival_ = 0;
    duration delay_ = duration::zero();
    retry_schedule schedule_;
};

} // namespace detail
} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_EXCHANGE_MACHINE_HPP
