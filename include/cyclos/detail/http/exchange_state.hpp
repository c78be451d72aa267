//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_EXCHANGE_STATE_HPP
#define CYCLOS_DETAIL_HTTP_EXCHANGE_STATE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/call_terms.hpp>
#include <cyclos/detail/http/request_report.hpp>
#include <cyclos/detail/net/connect.hpp>
#include <cyclos/error.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/// The state of an exchange that its errors report: phase, sent state, attempts and history.
class exchange_state
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    std::string_view operation;                  ///< A string literal.
    std::shared_ptr<const std::string> endpoint; ///< Of the server, shared by all requests.
    std::shared_ptr<const call_terms> terms;     ///< Null: those of the client.
    cyclos::phase phase = cyclos::phase::preparing;
    sent_state sent = sent_state::none;         ///< Of the present attempt.
    sent_state sent_earlier = sent_state::none; ///< The maximum of the earlier attempts.
    unsigned attempts = 0;
    std::vector<past_attempt> history;
    time_point end = (time_point::max)(); ///< The deadline of the whole operation.

    /// If the pool failed fast: the time at which it tries to open a connection again.
    std::optional<time_point> pause_end;

    request_report report;

    /// Sets the deadline of an operation that begins now. That of the call takes precedence.
    /// @param configured Zero: no limit.
    void set_timeout(std::chrono::milliseconds configured)
    {
        const auto limit = terms && terms->timeout ? *terms->timeout : configured;
        end = limit.count() > 0 ? time_point::clock::now() + limit : (time_point::max)();
    }

    /// Prepares for another attempt.
    void begin_attempt() noexcept
    {
        sent_earlier = (std::max)(sent, sent_earlier);
        sent = sent_state::none;
        pause_end.reset();
    }

    error_context context(std::string detail = {}) const
    {
        error_context context;
        context.phase = phase;
        context.sent = (std::max)(sent, sent_earlier);
        context.attempts = attempts;
        context.operation = operation;
        context.tag = tag();
        context.endpoint = endpoint ? *endpoint : std::string{};
        context.detail = std::move(detail);
        context.history = history;
        return context;
    }

    /// The text that identifies the call in its events and errors.
    std::string_view tag() const noexcept
    {
        return terms ? std::string_view{terms->tag} : std::string_view{};
    }

    /// The code of an error as the caller gets it: a deadline of the call has a code of its own.
    error_code reported(error_code reason) const
    {
        const bool is_own_deadline = terms && terms->timeout && reason == errc::total_timeout;
        return is_own_deadline ? make_error_code(errc::call_timeout) : reason;
    }

    [[noreturn]] void fail(error_code reason, std::string detail = {}) const
    {
        throw error(reported(reason), context(std::move(detail)));
    }

    /// @param cause The underlying error.
    [[noreturn]] void fail(error_code reason, std::string detail, error_code cause) const
    {
        error_context circumstances = context(std::move(detail));
        circumstances.cause = cause;
        throw error(reported(reason), std::move(circumstances));
    }

    [[noreturn]] void fail(net::connect_failure failure)
    {
        phase = failure.phase;
        pause_end = failure.pause_end;
        fail(failure.code, std::move(failure.detail));
    }
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_EXCHANGE_STATE_HPP
