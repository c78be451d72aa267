//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_RUN_ALL_HPP
#define CYCLOS_DETAIL_RUN_ALL_HPP

#include <cyclos/detail/config.hpp>
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
#include <type_traits>
#include <utility>
#include <vector>

namespace cyclos::inline CYCLOS_ABI::detail {

/// Whether the elements of a range stay where they are while their operations run.
template <class Range>
inline constexpr bool keeps_items =
    std::ranges::forward_range<Range> && std::is_lvalue_reference_v<std::ranges::range_reference_t<Range>>;

/// What an operation is given: the element where it is, or else a copy that lasts as long as the operation.
template <class Range>
using item_of =
    std::conditional_t<keeps_items<Range>, std::ranges::range_reference_t<Range>, std::ranges::range_value_t<Range>&>;

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
            running_.remove_if([](const running& each) { return each.ended; });
            try {
                for (; !stopped_ && !mailbox.cancelled() && running_.size() < at_once && next != end; ++next) {
                    start(strand, next);
                }
            }
            catch (...) {
                fail(std::current_exception()); // of the range
            }
            if (running_.empty()) {
                break;
            }
            co_await mailbox.wait();
            if (mailbox.cancelled()) {
                stop();
            }
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        for (; next != end; ++next) {
            outcomes_.emplace_back(error{errc::cancelled, error_context{}}); // not begun
        }
        std::vector<result<T>> all;
        all.reserve(outcomes_.size());
        for (auto& each : outcomes_) {
            all.push_back(std::move(*each));
        }
        co_return all;
    }

private:
    struct running
    {
        asio::cancellation_signal cancel;
        std::optional<std::ranges::range_value_t<View>> item; // where the range does not keep it
        bool ended = false;
    };

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

    template <class Iterator>
    void start(const asio::any_io_executor& strand, const Iterator& next)
    {
        running& one = running_.emplace_back();
        one.ended = true; // until it runs
        const std::size_t place = outcomes_.size();
        outcomes_.emplace_back();
        auto at_end = [self = this->shared_from_this(), place, &one](std::exception_ptr failure, result<T> outcome) {
            one.ended = true;
            self->outcomes_[place] = std::move(outcome);
            if (failure) {
                self->fail(std::move(failure));
            }
            if (self->owner_ != nullptr) {
                self->owner_->notify_later();
            }
        };
        auto bound = asio::bind_cancellation_slot(one.cancel.slot(), std::move(at_end));
        if constexpr (keeps_items<View>) {
            asio::co_spawn(strand, as_result(call(operation_, *next)), std::move(bound));
        }
        else {
            one.item.emplace(*next);
            asio::co_spawn(strand, as_result(call(operation_, *one.item)), std::move(bound));
        }
        one.ended = false;
    }

    /// The operation, so that what it throws before it is a coroutine is the outcome of that one alone.
    static asio::awaitable<T> call(Operation& operation, item_of<View> item) { co_return co_await operation(item); }

    /// Nothing of the library's: it ends all.
    void fail(std::exception_ptr failure)
    {
        failure_ = failure_ ? failure_ : std::move(failure);
        stop();
    }

    void stop()
    {
        if (!std::exchange(stopped_, true)) {
            for (running& each : running_) {
                each.cancel.emit(asio::cancellation_type::terminal);
            }
        }
    }

    View items_;
    Operation operation_; // the coroutines may be of it
    std::vector<std::optional<result<T>>> outcomes_;
    std::list<running> running_;
    std::exception_ptr failure_;
    event* owner_ = nullptr;
    bool stopped_ = false;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_RUN_ALL_HPP
