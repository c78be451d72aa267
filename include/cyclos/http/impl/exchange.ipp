//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_EXCHANGE_IPP
#define CYCLOS_HTTP_IMPL_EXCHANGE_IPP

#include <cyclos/http/exchange.hpp>

#include <cyclos/detail/alarm.hpp>
#include <cyclos/http/attempt.hpp>
#include <cyclos/http/upload.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace cyclos::http {

namespace detail {

// So many new connections may be of no use before they are asked anything, one after the other, until a request is
// given up.
inline constexpr unsigned spoilt_connections = 3;

/// Waits for a connection of the pool, or throws why there is none.
inline boost::asio::awaitable<net::lease> acquire(net::pool& connections, net::freshness which,
                                                  cyclos::detail::event& mailbox, progress& state)
{
    net::connect_failure failure;
    net::lease connection;
    if (mailbox.cancelled()) {
        failure.phase = phase::acquiring;
        failure.code = errc::cancelled;
    }
    else {
        const auto within = connections.settings().timeouts.acquire;
        const auto deadline =
            within.count() > 0 ? progress::time_point::clock::now() + within : progress::time_point::max();
        connection = co_await connections.acquire(mailbox, which, std::min(deadline, state.end), failure);
        if (failure.code == errc::acquire_timeout && state.end < deadline) {
            failure.code = errc::total_timeout;
        }
    }
    if (!connection) {
        state.fail(std::move(failure));
    }
    co_return connection;
}

/// Sends a message over a connection, and once more over a new one where the first had ended before it was used.
inline boost::asio::awaitable<response> transmit(net::pool& connections, std::shared_ptr<outgoing> message,
                                                 cyclos::detail::event& mailbox, progress& state,
                                                 const exchange_settings& settings)
{
    auto which = net::freshness::any;
    for (unsigned spoilt = 0;;) {
        state.phase = phase::acquiring;
        net::lease connection;
        if (which == net::freshness::any && !mailbox.cancelled()) {
            connection = connections.try_acquire();
        }
        if (!connection) {
            connection = co_await acquire(connections, which, mailbox, state);
        }
        if (!connection->at_rest()) {
            if (connection->seasoned() || ++spoilt < spoilt_connections) {
                continue; // it has ended while it lay idle or was handed over
            }
            state.fail(errc::connection_lost, "the server ends connections, or speaks, before it is asked");
        }

        ++state.attempts;
        state.report.acquired(connection.get());
        attempt attempt{std::move(connection), message, mailbox, state, settings};
        try {
            co_await attempt.run();
            if (!attempt.minds_being_asked()) {
                co_return attempt.take_response();
            }
            message->do_not_ask();
            state.report.retried(error_code{417, status_category()});
            state.begin_anew();
            continue;
        }
        catch (const error& failure) {
            // An idle connection can end at the very moment that it is used: the server has not seen the request
            // then, or nothing of its work can be lost by asking again. What fails on a new one has failed.
            const bool stale = attempt.seasoned() && attempt.silent() && attempt.lost();
            if (!stale || !(message->repeatable() || state.sent == sent_state::no)) {
                throw;
            }
            state.report.retried(failure.code());
        }
        which = net::freshness::newly_opened;
        state.begin_anew();
    }
}

// What is read of the answer to an attempt that is followed by another one, so that its connection can be used again.
inline constexpr std::size_t dropped_answer = 64 * 1024;

/// Waits before another attempt.
inline boost::asio::awaitable<void> back_off(net::pool& connections, cyclos::detail::event& mailbox, progress& state)
{
    state.phase = phase::retrying;
    const cyclos::detail::alarm end{connections.executor(),
                                    progress::time_point::clock::now() + state.history.back().waited, mailbox};
    const net::pool::observer here{connections, mailbox};
    while (!end.due() && !mailbox.cancelled() && !connections.stopped()) {
        co_await mailbox.wait();
    }
    if (mailbox.cancelled()) {
        state.fail(errc::cancelled);
    }
}

/// Sends a message until there is an answer that is worth having, or no other attempt is allowed.
inline boost::asio::awaitable<response> persist(net::pool& connections, std::shared_ptr<outgoing> message,
                                                cyclos::detail::event& mailbox, progress& state,
                                                exchange_settings& settings, std::optional<std::uint64_t> whole)
{
    settings.budget.earn();
    const bool may_repeat = message->repeatable() || (settings.retry.repeat_uploads && message->renewable());
    retries further{settings.retry, settings.budget, may_repeat};
    for (;;) {
        response answer;
        std::exception_ptr failure;
        past_attempt past;
        std::optional<retries::duration> wait;
        try {
            answer = co_await transmit(connections, message, mailbox, state, settings);
            if (whole && answer.status() / 100 == 2 && !answer.complete_at_once(*whole)) {
                co_await answer.complete(*whole);
            }
            past.code = error_code{static_cast<int>(answer.status()), status_category()};
            past.phase = phase::receiving;
            past.sent = state.sent;
            wait = further.after(answer.status(), answer.fields()["Retry-After"]);
        }
        catch (const error& why) {
            failure = std::current_exception();
            past.code = why.code();
            past.phase = why.phase();
            past.sent = state.sent;
            // An upload that the server has confirmed is done, though the rest of the answer is lost.
            if (answer.status() / 100 != 2 || message->repeatable()) {
                wait = further.after(why.code(), state.sent);
            }
        }
        if (!wait || progress::time_point::clock::now() + *wait >= state.end) {
            if (failure) {
                std::rethrow_exception(failure);
            }
            co_return answer;
        }
        if (!failure) {
            co_await answer.read_excerpt(dropped_answer);
            answer = {}; // gives the connection back
        }
        past.waited = *wait;
        state.history.push_back(past);
        state.begin_anew();
        state.report.retried(past.code);
        co_await back_off(connections, mailbox, state);
        if (!message->repeatable() && past.sent != sent_state::no) {
            state.phase = phase::preparing;
            co_await message->prepare(connections, mailbox, state);
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

} // namespace detail

CYCLOS_DECL boost::asio::awaitable<response> exchange(std::shared_ptr<net::pool> connections, request what,
                                                      progress state, exchange_settings& settings,
                                                      std::optional<std::uint64_t> whole)
{
    cyclos::detail::event mailbox{co_await boost::asio::this_coro::executor};
    mailbox.follow(co_await boost::asio::this_coro::cancellation_state);
    state.report = request_report{connections->settings().on_event, state.operation};
    const auto message = std::make_shared<outgoing>(std::move(what), settings.uploads);

    response result;
    std::exception_ptr failure;
    try {
        if (message->has_body()) {
            co_await message->prepare(*connections, mailbox, state);
        }
        auto sending = settings.retry.max_retries == 0
                           ? detail::transmit(*connections, message, mailbox, state, settings)
                           : detail::persist(*connections, message, mailbox, state, settings, whole);
        result = co_await std::move(sending);
        if (whole && result.status() / 100 == 2 && !result.complete_at_once(*whole)) {
            co_await result.complete(*whole);
        }
    }
    catch (...) {
        failure = std::current_exception();
    }

    // The source belongs to the caller again once the operation has ended.
    message->stop();
    while (message->reading()) {
        co_await mailbox.wait();
    }
    message->end();
    if (failure) {
        state.report.end(detail::code_of(failure));
        std::rethrow_exception(failure);
    }
    result.report_to(std::move(state.report));
    co_return result;
}

} // namespace cyclos::http

#endif // CYCLOS_HTTP_IMPL_EXCHANGE_IPP
