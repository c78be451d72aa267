//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_PROGRESS_HPP
#define CYCLOS_HTTP_PROGRESS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/request_report.hpp>
#include <cyclos/net/connect.hpp>
#include <cyclos/net/error.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos::inline CYCLOS_ABI::http {

/// How far an exchange has come: what an error of it tells.
class progress
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    std::string_view operation;                  ///< A literal.
    std::shared_ptr<const std::string> endpoint; ///< Of the server; shared by all requests to it.
    cyclos::phase phase = cyclos::phase::preparing;
    sent_state sent = sent_state::no;         ///< By the present attempt.
    sent_state sent_earlier = sent_state::no; ///< By those before, at most.
    unsigned attempts = 0;
    std::vector<past_attempt> history;
    time_point end = (time_point::max)(); ///< When the whole operation has to have ended.

    /// Where it was refused a connection, because none can be opened: when the next one is tried.
    std::optional<time_point> pause_end;

    request_report report;

    /// Another attempt begins.
    void begin_anew() noexcept
    {
        sent_earlier = (std::max)(sent, sent_earlier);
        sent = sent_state::no;
        pause_end.reset();
    }

    error_context context(std::string detail = {}) const
    {
        error_context where;
        where.phase = phase;
        where.sent = (std::max)(sent, sent_earlier);
        where.attempts = attempts;
        where.operation = operation;
        where.endpoint = endpoint ? *endpoint : std::string{};
        where.detail = std::move(detail);
        where.history = history;
        return where;
    }

    [[noreturn]] void fail(error_code why, std::string detail = {}) const
    {
        throw error(why, context(std::move(detail)));
    }

    /// The same, with what made it fail.
    [[noreturn]] void fail(error_code why, std::string detail, error_code cause) const
    {
        error_context where = context(std::move(detail));
        where.cause = cause;
        throw error(why, std::move(where));
    }

    [[noreturn]] void fail(net::connect_failure failure)
    {
        phase = failure.phase;
        pause_end = failure.pause_end;
        fail(failure.code, std::move(failure.detail));
    }
};

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_PROGRESS_HPP
