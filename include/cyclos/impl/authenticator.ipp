//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_AUTHENTICATOR_IPP
#define CYCLOS_IMPL_AUTHENTICATOR_IPP

#include <cyclos/impl/authenticator.hpp>

#include <cyclos/detail/abandon_on_exit.hpp>
#include <cyclos/detail/alarm.hpp>
#include <cyclos/impl/client_state.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

/// A request that waits. Its owner is looked at on its executor only.
class authenticator::waiter
{
public:
    explicit waiter(boost::asio::any_io_executor where)
        : executor(std::move(where))
    {}

    void abandon() noexcept { owner = nullptr; }

    boost::asio::any_io_executor executor;
    event* owner = nullptr;
};

/// A search, and who waits for it.
class authenticator::search
{
public:
    std::vector<std::shared_ptr<waiter>> waiters;
    bool ended = false;
    identity_ptr found;
    login_failure failure; // not changed once it has ended
};

/// What the coroutine of the user is to give. It may be left behind.
class authenticator::provision
{
public:
    void abandon() noexcept { owner = nullptr; }

    event* owner = nullptr;
    boost::asio::cancellation_signal cancel;
    bool done = false;
    credentials given;
    std::exception_ptr failure;
};

CYCLOS_DECL authenticator::authenticator(const config& settings, session_service service,
                                         std::shared_ptr<net::pool> connections)
    : given_(settings.credentials)
    , provider_(given_.function() ? std::make_shared<const credentials::provider>(*given_.function()) : nullptr)
    , service_(std::move(service))
    , connections_(std::move(connections))
    , head_size_(settings.max_head_size)
    , provider_timeout_(settings.timeouts.provider)
{}

CYCLOS_DECL identity_ptr authenticator::present(const identity_ptr& refused)
{
    const std::lock_guard lock{mutex_};
    if (present_ == refused) {
        present_.reset();
    }
    return present_;
}

// So long credentials are kept that were found again right after they had been refused.
inline constexpr std::chrono::seconds renewal_pause{10};

CYCLOS_DECL bool authenticator::renew(const identity_ptr& which)
{
    const std::lock_guard lock{mutex_};
    if (present_ != which) {
        return true; // another request has seen to it
    }
    const auto now = http::progress::time_point::clock::now();
    if (renewed_ && renewed_->who().field() == which->who().field() && now < renewed_at_ + renewal_pause) {
        return false;
    }
    renewed_ = which;
    renewed_at_ = now;
    present_.reset();
    return true;
}

CYCLOS_DECL void authenticator::refuse(const identity_ptr& which, std::shared_ptr<const refusal> answer)
{
    // To a token, it says that the user is blocked, say: that may pass, and asking again blocks nobody.
    if (which->who().type() == credentials::kind::basic) {
        const std::lock_guard lock{mutex_};
        if (present_ == which) {
            present_.reset();
        }
        refused_ = which->who().field();
        refusal_ = std::move(answer);
    }
}

CYCLOS_DECL void authenticator::remember(const credentials& who, std::shared_ptr<const refusal> answer)
{
    const std::lock_guard lock{mutex_};
    refused_ = who.field();
    refusal_ = std::move(answer);
}

CYCLOS_DECL bool authenticator::is_refused(const credentials& who, login_failure& failure)
{
    const std::lock_guard lock{mutex_};
    if (!refusal_ || !(who.field() == refused_)) {
        return false;
    }
    failure.answered(refusal_);
    return true;
}

CYCLOS_DECL bool authenticator::has_ended(const search& one)
{
    const std::lock_guard lock{mutex_};
    return one.ended;
}

CYCLOS_DECL boost::asio::awaitable<identity_ptr>
authenticator::find(std::shared_ptr<client_state> owner, net::pool& shard, http::progress& state, identity_ptr refused)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    state.phase = phase::logging_in;
    event mailbox{executor};
    mailbox.follow(co_await boost::asio::this_coro::cancellation_state);
    const net::pool::observer here{shard, mailbox};
    std::optional<alarm> end;
    if (state.end != (http::progress::time_point::max)()) {
        end.emplace(executor, state.end, mailbox);
    }
    const auto me = std::make_shared<waiter>(executor);
    const abandon_on_exit guard{me, mailbox};

    std::shared_ptr<search> one;
    bool first = false;
    credentials_need need = credentials_need::first;
    {
        const std::lock_guard lock{mutex_};
        if (present_ && present_ != refused) {
            co_return present_; // somebody else was faster
        }
        present_.reset();
        first = !search_ && !shard.stopped();
        if (first) {
            search_ = std::make_shared<search>();
            need = asked_ ? credentials_need::anew : credentials_need::first;
        }
        one = search_;
        if (one) {
            one->waiters.push_back(me);
        }
    }
    if (first) {
        try {
            boost::asio::co_spawn(connections_->executor(), run(std::move(owner), shared_from_this(), one, need),
                                  boost::asio::detached);
        }
        catch (...) {
            login_failure failure; // there is no memory: nobody would end the search
            failure.thrown(std::current_exception());
            this->end(*one, nullptr, std::move(failure));
        }
    }
    for (;;) {
        if (mailbox.cancelled()) {
            state.fail(errc::cancelled);
        }
        if (one && has_ended(*one)) {
            break;
        }
        if (!one || shard.stopped()) {
            state.fail(errc::client_closed);
        }
        if (end && end->due()) {
            state.fail(errc::total_timeout);
        }
        co_await mailbox.wait();
    }
    if (!one->found) {
        one->failure.raise(state);
    }
    co_return one->found;
}

CYCLOS_DECL boost::asio::awaitable<void> authenticator::run(std::shared_ptr<client_state> /*owner*/,
                                                            std::shared_ptr<authenticator> self,
                                                            std::shared_ptr<search> one, credentials_need need)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    identity_ptr found;
    login_failure failure;
    try {
        found = co_await self->look(need, failure);
    }
    catch (const error& why) {
        failure.failed(why.code(), why.context().detail);
    }
    catch (const boost::system::system_error& why) {
        failure.failed(why.code(), "the provider of the credentials");
    }
    catch (...) {
        failure.thrown(std::current_exception());
    }
    self->end(*one, std::move(found), std::move(failure));
}

CYCLOS_DECL void authenticator::end(search& one, identity_ptr found, login_failure failure)
{
    std::vector<std::shared_ptr<waiter>> waiters;
    {
        const std::lock_guard lock{mutex_};
        if (found && refusal_ && found->who().field() == refused_) { // since the search has begun
            failure.answered(refusal_);
            found = nullptr;
        }
        present_ = found;
        search_.reset();
        one.found = std::move(found);
        one.failure = std::move(failure);
        one.ended = true;
        waiters = std::move(one.waiters);
    }
    for (auto& each : waiters) {
        const auto executor = each->executor;
        boost::asio::post(executor, [w = std::move(each)] {
            if (w->owner != nullptr) {
                w->owner->notify();
            }
        });
    }
}

CYCLOS_DECL boost::asio::awaitable<identity_ptr> authenticator::look(credentials_need need, login_failure& failure)
{
    credentials who = given_;
    if (who.type() == credentials::kind::provided) {
        who = co_await ask_provider(need);
    }
    if (is_refused(who, failure)) {
        co_return nullptr;
    }
    const session_login_options options = who.options();
    if (who.type() == credentials::kind::session_login) {
        const credentials login = std::move(who);
        who = co_await service_.log_in(connections_, login, failure);
        if (failure) {
            if (const auto& answer = failure.answer(); answer && answer->is_bad_login()) {
                remember(login, answer);
            }
            co_return nullptr;
        }
    }
    co_return std::make_shared<const identity>(std::move(who), options);
}

/// The coroutine of the user, and with it the function that it is of: a lambda holds what the coroutine refers to.
inline boost::asio::awaitable<credentials> call_provider(std::shared_ptr<const credentials::provider> function,
                                                         credentials_need need)
{
    co_return co_await (*function)(need);
}

CYCLOS_DECL void authenticator::start_provider(const std::shared_ptr<provision>& asked, credentials_need need)
{
    auto at_end = [asked](std::exception_ptr failure, credentials given) {
        asked->done = true;
        asked->failure = std::move(failure);
        asked->given = std::move(given);
        if (asked->owner != nullptr) {
            asked->owner->notify();
        }
    };
    boost::asio::co_spawn(connections_->executor(), call_provider(provider_, need),
                          boost::asio::bind_cancellation_slot(asked->cancel.slot(), std::move(at_end)));
}

CYCLOS_DECL boost::asio::awaitable<credentials> authenticator::ask_provider(credentials_need need)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    event mailbox{executor};
    const net::pool::observer here{*connections_, mailbox};
    std::optional<alarm> end;
    if (provider_timeout_.count() > 0) {
        end.emplace(executor, http::progress::time_point::clock::now() + provider_timeout_, mailbox);
    }
    const auto asked = std::make_shared<provision>();
    const abandon_on_exit guard{asked, mailbox};
    start_provider(asked, need);
    while (!asked->done && !connections_->stopped() && !(end && end->due())) {
        co_await mailbox.wait();
    }
    if (!asked->done) {
        asked->owner = nullptr; // nobody waits for it any more
        asked->cancel.emit(boost::asio::cancellation_type::terminal);
        throw error(connections_->stopped() ? errc::client_closed : errc::provider_timeout, {});
    }
    if (asked->failure) {
        std::rethrow_exception(asked->failure);
    }
    if (asked->given.type() == credentials::kind::provided) {
        throw error(errc::invalid_config, error_context{.detail = "the provider of the credentials gave a provider"});
    }
    {
        const std::lock_guard lock{mutex_};
        asked_ = true;
    }
    co_return std::move(asked->given);
}

/// A pool that is cut whichever way its coroutine goes.
class passing_pool
{
public:
    explicit passing_pool(std::shared_ptr<net::pool> what)
        : what_(std::move(what))
    {}

    passing_pool(const passing_pool&) = delete;
    passing_pool& operator=(const passing_pool&) = delete;
    ~passing_pool() { what_->cut(); }

    const std::shared_ptr<net::pool>& get() const noexcept { return what_; }

private:
    std::shared_ptr<net::pool> what_;
};

CYCLOS_DECL boost::asio::awaitable<void> authenticator::log_out(http::progress::time_point end)
{
    identity_ptr last;
    {
        const std::lock_guard lock{mutex_};
        last = std::exchange(present_, nullptr);
    }
    if (!last || !last->options().log_out_on_close) {
        co_return;
    }
    pool_config one;
    one.max_connections = 1;
    const std::shared_ptr<const net::connect_settings> settings{connections_, &connections_->settings()};
    const passing_pool farewell{std::make_shared<net::pool>(connections_->executor(), one, settings, head_size_)};
    co_await service_.log_out(farewell.get(), last->who(), end);
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_IMPL_AUTHENTICATOR_IPP
