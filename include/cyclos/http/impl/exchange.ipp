//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_EXCHANGE_IPP
#define CYCLOS_HTTP_IMPL_EXCHANGE_IPP

#include <cyclos/http/exchange.hpp>

#include <cyclos/http/retry_after.hpp>
#include <cyclos/http/sleep.hpp>
#include <cyclos/http/transmission.hpp>
#include <cyclos/http/upload.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

// What is read of the answer to an attempt that is followed by another one, so that its connection can be used again.
inline constexpr std::size_t dropped_answer = 64 * 1024;

/// What there is to be done before another attempt: the answer to the last one goes, time passes, and the body of the
/// message is made anew where some of it was sent.
inline boost::asio::awaitable<void> prepare_again(net::pool& connections, cyclos::detail::event& mailbox,
                                                  progress& state, outgoing& message, response& last)
{
    const auto end = progress::time_point::clock::now() + state.history.back().waited;
    if (last.status() != 0) {
        co_await last.read_excerpt(dropped_answer);
    }
    last = {}; // gives the connection back
    state.begin_anew();
    state.report.retried(state.history.back().code);

    if (message.has_body() && message.renewable()) {
        co_await message.put_aside(mailbox); // who waits holds nothing
    }
    state.phase = phase::retrying;
    co_await sleep_until(connections, mailbox, end);
    if (mailbox.cancelled()) {
        state.fail(errc::cancelled);
    }
}

/// Waits for a connection before the source of the message is opened. What can be told of it before is told before.
inline boost::asio::awaitable<void> wait_for_connection(net::pool& connections, cyclos::detail::event& mailbox,
                                                        progress& state, outgoing& message, transmission& sending)
{
    if (state.history.empty()) {
        co_await message.check(connections, mailbox, state);
    }
    while (!sending.hold_connection()) {
        co_await mailbox.wait();
    }
}

/// The source belongs to the caller again once the operation has ended.
inline boost::asio::awaitable<void> wait_for_source(const outgoing& message, cyclos::detail::event& mailbox)
{
    while (message.reading()) {
        co_await mailbox.wait();
    }
}

/// Throws where a response of 2xx is not the expected success.
inline void refuse_unexpected(response& answer, const expectation& wanted)
{
    if (wanted.objection != nullptr) {
        if (std::string problem = wanted.objection(answer); !problem.empty()) {
            answer.refuse(std::move(problem));
        }
    }
}

/// What the hook is told of an operation that failed.
inline error_code code_of(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    }
    catch (const boost::system::system_error& known) {
        return known.code();
    }
    catch (...) {
        return errc::source_failed; // nobody else throws what is none of the library's
    }
}

inline boost::asio::awaitable<response> exchange(net::pool& connections, std::shared_ptr<outgoing> message,
                                                 progress& state, exchange_settings& settings, net::purpose intent,
                                                 expectation wanted)
{
    cyclos::detail::event mailbox{connections.events()};
    mailbox.follow(co_await boost::asio::this_coro::cancellation_state);
    state.report = request_report{connections.settings().on_event, state.operation};

    response answer;
    std::exception_ptr failure;
    try {
        settings.budget.earn();
        const retry_config none;
        retries further{wanted.retries ? settings.retry : none, settings.budget,
                        message->repeatable() || (settings.retry.repeat_uploads && message->renewable()), state.end};
        for (;;) {
            std::optional<retries::duration> wait;
            past_attempt past;
            try {
                transmission sending{connections, *message, mailbox, state, settings, intent};
                if (message->needs_source()) {
                    if (message->opens_with_connection() &&
                        (message->checked_first() || !sending.hold_idle_connection())) {
                        co_await wait_for_connection(connections, mailbox, state, *message, sending);
                    }
                    state.phase = phase::preparing;
                    co_await message->prepare(connections, mailbox, state);
                }
                while (!sending.advance()) {
                    co_await mailbox.wait();
                }
                answer = sending.take_response();
                if (answer.status() / 100 == 2) {
                    refuse_unexpected(answer, wanted);
                    if (wanted.whole && !answer.complete_at_once(*wanted.whole)) {
                        co_await answer.complete(*wanted.whole);
                    }
                }
                else {
                    wait = further.after(answer.status(), parse_retry_after(answer.fields()["Retry-After"],
                                                                            std::chrono::system_clock::now()));
                    past.code = error_code{static_cast<int>(answer.status()), status_category()};
                    past.phase = phase::receiving;
                }
            }
            catch (const error& why) {
                failure = std::current_exception();
                past.code = why.code();
                past.phase = why.phase();
                // An upload that the server has confirmed is done, though the rest of the answer is lost.
                if (state.pause_end) {
                    wait = further.after_refusal(why.code(), progress::time_point::clock::now(), *state.pause_end);
                }
                else if (answer.status() / 100 != 2 || message->repeatable()) {
                    wait = further.after(why.code(), state.sent);
                }
            }
            if (!wait) {
                break;
            }
            past.sent = state.sent;
            past.waited = *wait;
            state.history.push_back(past);
            if (std::exchange(failure, nullptr)) {
                answer = {};
            }
            co_await prepare_again(connections, mailbox, state, *message, answer);
        }
    }
    catch (...) {
        failure = std::current_exception();
    }

    message->stop();
    if (message->reading()) {
        co_await wait_for_source(*message, mailbox);
    }
    message->end();
    if (failure) {
        state.report.end(code_of(failure));
        std::rethrow_exception(failure);
    }
    answer.report_to(std::move(state.report));
    co_return answer;
}

} // namespace detail

CYCLOS_DECL boost::asio::awaitable<response> exchange(net::pool& connections, request&& what, progress& state,
                                                      exchange_settings& settings, net::purpose intent,
                                                      expectation wanted)
{
    auto message = std::make_shared<outgoing>(std::move(what), settings.uploads);
    return detail::exchange(connections, std::move(message), state, settings, intent, wanted);
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_EXCHANGE_IPP
