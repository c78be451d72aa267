//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_RUN_ALL_HPP
#define CYCLOS_DETAIL_RUN_ALL_HPP

#include <cyclos/detail/event.hpp>
#include <cyclos/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

namespace cyclos::detail {

/// The operations of a range, of which so many run at the same time. Shared with the completions of those that run.
template <class T, class View, class Operation>
class batch : public std::enable_shared_from_this<batch<T, View, Operation>>
{
public:
    batch(View items, Operation operation)
        : items_(std::move(items))
        , operation_(std::move(operation))
    {}

    /// Runs all of them, on a strand, in a coroutine whose awaits do not throw on cancellation.
    asio::awaitable<std::vector<result<T>>> run(std::size_t at_once)
    {
        const auto self = this->shared_from_this(); // the completions may outlive the coroutine
        const asio::any_io_executor strand = co_await asio::this_coro::executor;
        event mailbox{strand};
        mailbox.follow(co_await asio::this_coro::cancellation_state);
        const owner_guard guard{*this, mailbox};
        auto next = std::ranges::begin(items_);
        const auto end = std::ranges::end(items_);
        for (;;) {
            for (; next != end && running_.size() < at_once && !stopped_ && !mailbox.cancelled(); ++next) {
                start(strand, *next);
            }
            if (running_.empty()) {
                break;
            }
            co_await mailbox.wait();
            if (mailbox.cancelled()) {
                stop();
            }
        }
        for (; next != end; ++next) {
            outcomes_.emplace_back(error{errc::cancelled, error_context{}}); // not begun
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        std::vector<result<T>> all;
        all.reserve(outcomes_.size());
        for (auto& each : outcomes_) {
            all.push_back(std::move(*each));
        }
        co_return all;
    }

private:
    class owner_guard
    {
    public:
        owner_guard(batch& whose, event& owner)
            : whose_(whose)
        {
            whose_.owner_ = &owner;
        }

        owner_guard(const owner_guard&) = delete;
        owner_guard& operator=(const owner_guard&) = delete;
        ~owner_guard() { whose_.owner_ = nullptr; }

    private:
        batch& whose_;
    };

    template <class Item>
    void start(const asio::any_io_executor& strand, Item&& item)
    {
        const std::size_t place = outcomes_.size();
        outcomes_.emplace_back();
        const auto running = running_.emplace(running_.end());
        auto at_end = [self = this->shared_from_this(), place, running](std::exception_ptr failure, result<T> outcome) {
            self->running_.erase(running);
            if (failure) {
                // Nothing of the library's: it ends all.
                self->failure_ = self->failure_ ? self->failure_ : failure;
                self->stop();
            }
            self->outcomes_[place] = std::move(outcome);
            if (self->owner_ != nullptr) {
                self->owner_->notify_later();
            }
        };
        asio::co_spawn(strand, as_result(operation_(std::forward<Item>(item))),
                       asio::bind_cancellation_slot(running->slot(), std::move(at_end)));
    }

    void stop()
    {
        if (!std::exchange(stopped_, true)) {
            for (auto& each : running_) {
                each.emit(asio::cancellation_type::terminal);
            }
        }
    }

    View items_;
    Operation operation_; // the coroutines may be of it
    std::vector<std::optional<result<T>>> outcomes_;
    std::list<asio::cancellation_signal> running_;
    std::exception_ptr failure_;
    event* owner_ = nullptr;
    bool stopped_ = false;
};

} // namespace cyclos::detail

#endif // CYCLOS_DETAIL_RUN_ALL_HPP
