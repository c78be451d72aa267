//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_IMPL_EXCHANGE_IPP
#define CYCLOS_DETAIL_HTTP_IMPL_EXCHANGE_IPP

#include <cyclos/detail/http/exchange.hpp>

#include <cyclos/detail/http/pooled_send.hpp>
#include <cyclos/detail/http/request/request_writer.hpp>
#include <cyclos/detail/http/retry/retry_after.hpp>
#include <cyclos/detail/http/retry/sleep.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

/// Waits for the next attempt: releases the connection and the source of the last one, and sleeps.
inline boost::asio::awaitable<void> wait_for_retry(net::pool& connections,
                                                   cyclos::detail::notifier& wakeup,
                                                   exchange_state& state, request_writer& message,
                                                   response& last)
{
    const auto end = exchange_state::time_point::clock::now() + state.history.back().delay;
    if (last.status() != 0) {
        co_await last.read_excerpt(drain_limit);
    }
    last = {}; // releases the connection
    state.begin_attempt();
    state.report.retried(state.history.back().code);

    if (message.has_body() && message.rewindable()) {
        co_await message.release_blocks(wakeup); // a request that sleeps holds no block and no file
    }
    state.phase = phase::retrying;
    co_await sleep_until(connections, wakeup, end);
    if (wakeup.cancelled()) {
        state.fail(errc::cancelled);
    }
}

/// Acquires a connection before the source is opened. A source that can be rejected without holding
/// anything, such as a file that is missing, is rejected before the request waits in the queue.
inline boost::asio::awaitable<void> hold_connection(net::pool& connections,
                                                    cyclos::detail::notifier& wakeup,
                                                    exchange_state& state, request_writer& message,
                                                    pooled_send& sending)
{
    if (state.history.empty()) {
        co_await message.check(connections, wakeup, state);
    }
    while (!sending.hold_connection()) {
        co_await wakeup.wait();
    }
}

/// The caller may destroy the source once the operation has ended, so its reader must have ended.
inline boost::asio::awaitable<void> wait_for_source(const request_writer& message,
                                                    cyclos::detail::notifier& wakeup)
{
    while (message.reading()) {
        co_await wakeup.wait();
    }
}

/// Throws if a response of 2xx is not the success that the operation expects.
inline void require_expected(response& answer, const expectation& expected)
{
    if (expected.rejection_reason != nullptr) {
        if (std::string problem = expected.rejection_reason(answer); !problem.empty()) {
            answer.reject_body(std::move(problem));
        }
    }
}

/// The code of an operation that failed, for the event hook.
inline error_code code_of(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    }
    catch (const boost::system::system_error& known) {
        return known.code();
    }
    catch (...) {
        return errc::source_failed; // only the user's source and progress callback throw other
                                    // types
    }
}

inline repeatability repeatability_of(const request_writer& message, const retry_config& config)
{
    if (message.repeatable()) {
        return repeatability::always;
    }
    return config.retry_uploads && message.rewindable() ? repeatability::if_configured
                                                        : repeatability::if_not_sent;
}

inline boost::asio::awaitable<response> exchange(net::pool& connections,
                                                 std::shared_ptr<request_writer> message,
                                                 exchange_state& state, exchange_settings& settings,
                                                 net::purpose intent, expectation expected)
{
    cyclos::detail::notifier wakeup{connections.notifiers()};
    wakeup.follow(co_await boost::asio::this_coro::cancellation_state);
    state.report = request_report{connections.settings().on_event, state.operation, state.tag()};

    response answer;
    std::exception_ptr failure;
    try {
        settings.budget.earn();
        const retry_config none;
        const retry_config& retry = settings.retry_of(state.terms.get());
        exchange_machine machine{expected.retry ? retry : none, settings.budget,
                                 repeatability_of(*message, retry), state.end};
        for (;;) {
            next_step next = next_step::finish;
            past_attempt past;
            try {
                pooled_send sending{connections, *message, wakeup, state,
                                    settings,    machine,  intent};
                if (message->needs_source()) {
                    // An idle connection is taken at once. Otherwise the request waits in the
                    // queue, and its source is checked before that.
                    if (message->opens_with_connection() &&
                        (message->checks_before_connection() || !sending.hold_idle_connection())) {
                        co_await hold_connection(connections, wakeup, state, *message, sending);
                    }
                    state.phase = phase::preparing;
                    co_await message->prepare(connections, wakeup, state);
                }
                while (!sending.advance()) {
                    co_await wakeup.wait();
                }
                answer = sending.take_response();
                if (answer.status() / 100 == 2) {
                    require_expected(answer, expected);
                    if (expected.body_limit && !answer.complete_at_once(*expected.body_limit)) {
                        co_await answer.complete(*expected.body_limit);
                    }
                }
                else {
                    next = machine.on_response(answer.status(),
                                               parse_retry_after(answer.fields()["Retry-After"],
                                                                 std::chrono::system_clock::now()));
                    past.code =
                        error_code{static_cast<int>(answer.status()), http_status_category()};
                    past.phase = phase::receiving;
                }
            }
            catch (const error& e) {
                failure = std::current_exception();
                past.code = e.code();
                past.phase = e.phase();
                next = machine.on_error(e.code(), state.sent, state.pause_end,
                                        answer.status() / 100 == 2);
            }
            if (next == next_step::finish) {
                break;
            }
            past.sent = state.sent;
            past.delay = machine.delay();
            state.history.push_back(past);
            if (std::exchange(failure, nullptr)) {
                answer = {};
            }
            co_await wait_for_retry(connections, wakeup, state, *message, answer);
            machine.on_retry();
        }
    }
    catch (...) {
        failure = std::current_exception();
    }

    message->stop();
    if (message->reading()) {
        co_await wait_for_source(*message, wakeup);
    }
    message->release_source();
    if (failure) {
        state.report.finish(code_of(failure));
        std::rethrow_exception(failure);
    }
    answer.set_report(std::move(state.report));
    co_return answer;
}

} // namespace detail

CYCLOS_DECL boost::asio::awaitable<response> exchange(net::pool& connections, request&& content,
                                                      exchange_state& state,
                                                      exchange_settings& settings,
                                                      net::purpose intent, expectation expected)
{
    auto message = std::make_shared<request_writer>(std::move(content), settings.uploads);
    return detail::exchange(connections, std::move(message), state, settings, intent, expected);
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_IMPL_EXCHANGE_IPP
