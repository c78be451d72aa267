//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_AUTHENTICATOR_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_AUTHENTICATOR_IPP

#include <cyclos/detail/client/authenticator.hpp>

#include <cyclos/detail/base/abandon_on_exit.hpp>
#include <cyclos/detail/base/deadline_timer.hpp>
#include <cyclos/detail/client/logout.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// A request that waits for a flight. Its owner may be used on its executor only.
class authenticator::waiter
{
public:
    explicit waiter(boost::asio::any_io_executor request_executor)
        : executor(std::move(request_executor))
    {}

    void abandon() noexcept { owner = nullptr; }

    boost::asio::any_io_executor executor;
    notifier* owner = nullptr;
};

/// One login or provider call, and the requests that wait for it.
class authenticator::login_flight
{
public:
    std::vector<std::shared_ptr<waiter>> waiters;
    bool finished = false;

    // Both are constant once the flight is finished, and may be read without the mutex then.
    authorization_ptr result;
    login_failure failure;
};

/// A call of the user's provider. The flight may abandon it before it returns.
class authenticator::provider_call
{
public:
    void abandon() noexcept { owner = nullptr; }

    notifier* owner = nullptr;
    boost::asio::cancellation_signal cancel;
    bool done = false;
    credentials result;
    std::exception_ptr failure;
};

CYCLOS_DECL authenticator::authenticator(const credentials& configured,
                                         std::shared_ptr<session_service> service)
    : configured_(configured)
    , provider_(configured_.function()
                    ? std::make_shared<const credentials::provider>(*configured_.function())
                    : nullptr)
    , service_(std::move(service))
{}

CYCLOS_DECL authorization_ptr authenticator::current(const authorization_ptr& rejected)
{
    const std::lock_guard lock{mutex_};
    if (current_ == rejected) {
        current_.reset();
    }
    return current_;
}

// The same credentials are not refreshed more often than this.
inline constexpr std::chrono::seconds min_refresh_interval{10};

CYCLOS_DECL bool authenticator::invalidate(const authorization_ptr& rejected)
{
    const std::lock_guard lock{mutex_};
    if (current_ != rejected) {
        return true; // another request has invalidated it already
    }
    const auto now = http::exchange_state::time_point::clock::now();
    if (invalidated_ && invalidated_->value().field() == rejected->value().field() &&
        now < invalidated_at_ + min_refresh_interval) {
        return false;
    }
    invalidated_ = rejected;
    invalidated_at_ = now;
    current_.reset();
    return true;
}

CYCLOS_DECL void authenticator::remember_bad_login(const authorization_ptr& rejected,
                                                   std::shared_ptr<const error_reply> reply)
{
    // In reply to a token, the code says for example that the user is blocked. That may be
    // temporary, and unlike a password, a token is not blocked for being sent again.
    if (rejected->value().type() == credentials::kind::basic) {
        const std::lock_guard lock{mutex_};
        if (current_ == rejected) {
            current_.reset();
        }
        bad_login_ = rejected->value().field();
        bad_login_reply_ = std::move(reply);
    }
}

CYCLOS_DECL void authenticator::store_bad_login(const credentials& login,
                                                std::shared_ptr<const error_reply> reply)
{
    const std::lock_guard lock{mutex_};
    bad_login_ = login.field();
    bad_login_reply_ = std::move(reply);
}

/// Fails a login that the server has rejected before. @return Whether it has.
CYCLOS_DECL bool authenticator::reject_known_bad_login(const credentials& login,
                                                       login_failure& failure)
{
    const std::lock_guard lock{mutex_};
    if (!bad_login_reply_ || !(login.field() == bad_login_)) {
        return false;
    }
    failure.set_reply(bad_login_reply_);
    return true;
}

CYCLOS_DECL bool authenticator::is_finished(const login_flight& flight)
{
    const std::lock_guard lock{mutex_};
    return flight.finished;
}

CYCLOS_DECL boost::asio::awaitable<authorization_ptr>
authenticator::await_credentials(net::pool& shard, http::exchange_state& state,
                                 authorization_ptr rejected)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    state.phase = phase::authenticating;
    notifier wakeup{executor};
    wakeup.follow(co_await boost::asio::this_coro::cancellation_state);
    const net::pool::observer stop_observer{shard, wakeup};
    std::optional<deadline_timer> deadline;
    if (state.end != (http::exchange_state::time_point::max)()) {
        deadline.emplace(executor, state.end, wakeup);
    }
    const auto request = std::make_shared<waiter>(executor);
    const abandon_on_exit guard{request, wakeup};

    std::shared_ptr<login_flight> flight;
    bool starts_flight = false;
    credentials_reason reason = credentials_reason::initial;
    {
        const std::lock_guard lock{mutex_};
        if (current_ && current_ != rejected) {
            co_return current_; // another request's flight has finished meanwhile
        }
        current_.reset();
        starts_flight = !flight_ && !shard.stopped();
        if (starts_flight) {
            flight_ = std::make_shared<login_flight>();
            reason = provided_before_ ? credentials_reason::refresh : credentials_reason::initial;
        }
        flight = flight_;
        if (flight) {
            flight->waiters.push_back(request);
        }
    }
    if (starts_flight) {
        try {
            boost::asio::co_spawn(service_->pool()->executor(),
                                  run_flight(shared_from_this(), flight, reason, state.terms),
                                  boost::asio::detached);
        }
        catch (...) {
            // Out of memory. The other waiters would wait for ever for a flight that never began.
            login_failure failure;
            failure.set_exception(std::current_exception());
            finish_flight(*flight, nullptr, std::move(failure));
        }
    }
    for (;;) {
        if (wakeup.cancelled()) {
            state.fail(errc::cancelled);
        }
        if (flight && is_finished(*flight)) {
            break;
        }
        if (!flight || shard.stopped()) {
            state.fail(errc::client_closed);
        }
        if (deadline && deadline->due()) {
            state.fail(errc::total_timeout);
        }
        co_await wakeup.wait();
    }
    if (!flight->result) {
        flight->failure.throw_for(state);
    }
    co_return flight->result;
}

CYCLOS_DECL boost::asio::awaitable<void>
authenticator::run_flight(std::shared_ptr<authenticator> self, std::shared_ptr<login_flight> flight,
                          credentials_reason reason, std::shared_ptr<const http::call_terms> terms)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    authorization_ptr result;
    login_failure failure;
    try {
        result = co_await self->run_login(reason, failure, std::move(terms));
    }
    catch (const error& e) {
        failure.set_error(e.code(), e.context().detail);
    }
    catch (const boost::system::system_error& e) {
        failure.set_error(e.code(), "the provider of the credentials");
    }
    catch (...) {
        failure.set_exception(std::current_exception());
    }
    self->finish_flight(*flight, std::move(result), std::move(failure));
}

CYCLOS_DECL void authenticator::finish_flight(login_flight& flight, authorization_ptr result,
                                              login_failure failure)
{
    std::vector<std::shared_ptr<waiter>> waiters;
    bool abandoned = false;
    {
        const std::lock_guard lock{mutex_};
        // The server may have rejected the same credentials while the flight was running.
        if (result && bad_login_reply_ && result->value().field() == bad_login_) {
            failure.set_reply(bad_login_reply_);
            result = nullptr;
        }
        abandoned = abandoned_;
        current_ = abandoned ? nullptr : result;
        flight_.reset();
        flight.result = result;
        flight.failure = std::move(failure);
        flight.finished = true;
        waiters = std::move(flight.waiters);
    }
    if (abandoned && result && result->log_out()) {
        log_out_in_background(service_, session_of(std::move(result)));
    }
    for (auto& each : waiters) {
        const auto executor = each->executor;
        boost::asio::post(executor, [request = std::move(each)] {
            if (request->owner != nullptr) {
                request->owner->notify();
            }
        });
    }
}

CYCLOS_DECL boost::asio::awaitable<authorization_ptr>
authenticator::run_login(credentials_reason reason, login_failure& failure,
                         std::shared_ptr<const http::call_terms> terms)
{
    credentials value = configured_;
    if (value.type() == credentials::kind::provided) {
        value = co_await run_provider(reason);
    }
    if (reject_known_bad_login(value, failure)) {
        co_return nullptr;
    }
    const bool log_out = value.log_out_on_close();
    if (value.type() == credentials::kind::session_login) {
        const credentials login = std::move(value);
        value = co_await service_->log_in(login, failure, std::move(terms));
        if (failure) {
            if (const auto& reply = failure.reply(); reply && reply->is_bad_login()) {
                store_bad_login(login, reply);
            }
            co_return nullptr;
        }
    }
    co_return std::make_shared<const authorization>(std::move(value), log_out);
}

/// Calls the provider, and keeps the function alive until its coroutine ends: the coroutine of a
/// lambda refers to the captures of the lambda.
inline boost::asio::awaitable<credentials>
invoke_provider(std::shared_ptr<const credentials::provider> function, credentials_reason reason)
{
    co_return co_await (*function)(reason);
}

CYCLOS_DECL void authenticator::start_provider(const std::shared_ptr<provider_call>& call,
                                               credentials_reason reason)
{
    auto completion = [call](std::exception_ptr failure, credentials result) {
        call->done = true;
        call->failure = std::move(failure);
        call->result = std::move(result);
        if (call->owner != nullptr) {
            call->owner->notify();
        }
    };
    boost::asio::co_spawn(
        service_->pool()->executor(), invoke_provider(provider_, reason),
        boost::asio::bind_cancellation_slot(call->cancel.slot(), std::move(completion)));
}

/// Runs the provider until it returns, its timeout passes or the client closes.
CYCLOS_DECL boost::asio::awaitable<credentials>
authenticator::run_provider(credentials_reason reason)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    notifier wakeup{executor};
    net::pool& pool = *service_->pool();
    const net::pool::observer stop_observer{pool, wakeup};
    std::optional<deadline_timer> deadline;
    if (const auto limit = service_->provider_timeout(); limit.count() > 0) {
        deadline.emplace(executor, http::exchange_state::time_point::clock::now() + limit, wakeup);
    }
    const auto call = std::make_shared<provider_call>();
    const abandon_on_exit guard{call, wakeup};
    start_provider(call, reason);
    while (!call->done && !pool.stopped() && !(deadline && deadline->due())) {
        co_await wakeup.wait();
    }
    if (!call->done) {
        // The provider may ignore the cancellation, and is not waited for. It must not notify a
        // flight that has gone on.
        call->owner = nullptr;
        call->cancel.emit(boost::asio::cancellation_type::terminal);
        throw error(pool.stopped() ? errc::client_closed : errc::provider_timeout, {});
    }
    if (call->failure) {
        std::rethrow_exception(call->failure);
    }
    if (call->result.type() == credentials::kind::provided) {
        throw error(errc::invalid_config,
                    error_context{.detail = "the provider of the credentials gave a provider"});
    }
    {
        const std::lock_guard lock{mutex_};
        provided_before_ = true;
    }
    co_return std::move(call->result);
}

CYCLOS_DECL authorization_ptr authenticator::take_session(bool only_to_log_out)
{
    const std::lock_guard lock{mutex_};
    const bool is_taken = current_ && current_->value().type() == credentials::kind::session &&
                          (current_->log_out() || !only_to_log_out);
    return is_taken ? std::exchange(current_, nullptr) : nullptr;
}

CYCLOS_DECL std::shared_ptr<const error_reply> authenticator::rejection()
{
    const std::lock_guard lock{mutex_};
    return bad_login_reply_ && bad_login_ == configured_.field() ? bad_login_reply_ : nullptr;
}

CYCLOS_DECL void authenticator::set_rejection(std::shared_ptr<const error_reply> reply)
{
    store_bad_login(configured_, std::move(reply));
}

CYCLOS_DECL void authenticator::abandon() noexcept
{
    authorization_ptr last;
    {
        const std::lock_guard lock{mutex_};
        abandoned_ = true;
        last = std::exchange(current_, nullptr);
    }
    if (last && last->log_out()) {
        log_out_in_background(service_, session_of(std::move(last)));
    }
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_AUTHENTICATOR_IPP
