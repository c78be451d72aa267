//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_API_RUN_ALL_HPP
#define CYCLOS_DETAIL_API_RUN_ALL_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
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

// Runs one operation for each element of a range with bounded concurrency, for upload_all() and
// download_all().
//
// Parts: run() is a coroutine that starts operations in the order of the range, as long as fewer
// than the limit run, and then waits for a notification. Each operation is a coroutine of its own,
// with a cancellation signal of its own. Its completion handler stores the result and notifies
// run().
//
// States: starting, until the end of the range, a cancellation or a foreign exception; stopped_,
// after one of the latter two: the running operations are cancelled, and no more are started. In
// both cases run() returns once running_ is empty.
//
// Threads: run(), the operations and their completion handlers run on one strand, that of run().
//
// Invariants: results_ has an entry for each operation that was started, at the index of its
// element in the range; it is empty as long as the operation runs. An element outlives its
// operation: the range keeps it, or else running_ has a copy. The completion handlers own the
// batch, so that an operation may outlive run() when the execution context is destroyed; owner_ is
// null then. A foreign exception, which is not an error of the library, is kept until all
// operations have ended, and is thrown by run().

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Whether a range keeps its elements in place while their operations run.
template <class Range>
inline constexpr bool keeps_items =
    std::ranges::forward_range<Range> &&
    std::is_lvalue_reference_v<std::ranges::range_reference_t<Range>>;

/// The argument of an operation: the element in the range, or a copy that lasts as long as the
/// operation.
template <class Range>
using item_of = std::conditional_t<keeps_items<Range>, std::ranges::range_reference_t<Range>,
                                   std::ranges::range_value_t<Range>&>;

/// The operations of a range, and their results.
template <class T, class View, class Operation>
class batch : public std::enable_shared_from_this<batch<T, View, Operation>>
{
public:
    batch(View items, Operation operation)
        : items_(std::move(items))
        , operation_(std::move(operation))
    {}

    /// Runs all operations. Must be awaited on a strand, in a coroutine whose awaits do not throw
    /// on cancellation.
    asio::awaitable<std::vector<result<T>>> run(std::size_t max_concurrency)
    {
        const auto self = this->shared_from_this(); // the caller may be destroyed earlier
        const asio::any_io_executor strand = co_await asio::this_coro::executor;
        notifier wakeup{strand};
        wakeup.follow(co_await asio::this_coro::cancellation_state);
        const owner_guard guard{*this, wakeup};
        auto next = std::ranges::begin(items_);
        const auto end = std::ranges::end(items_);
        for (;;) {
            running_.remove_if([](const running_operation& each) { return each.ended; });
            try {
                for (; !stopped_ && !wakeup.cancelled() && running_.size() < max_concurrency &&
                       next != end;
                     ++next) {
                    start(strand, next);
                }
            }
            catch (...) {
                fail(std::current_exception()); // an exception of the range, or out of memory
            }
            if (running_.empty()) {
                break;
            }
            co_await wakeup.wait();
            if (wakeup.cancelled()) {
                stop();
            }
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        for (; next != end; ++next) {
            results_.emplace_back(error{errc::cancelled, error_context{}}); // not started
        }
        std::vector<result<T>> all;
        all.reserve(results_.size());
        for (auto& each : results_) {
            all.push_back(std::move(*each));
        }
        co_return all;
    }

private:
    struct running_operation
    {
        asio::cancellation_signal cancel;
        std::optional<std::ranges::range_value_t<View>> item; // if the range does not keep it
        bool ended = false;
    };

    class owner_guard
    {
    public:
        owner_guard(batch& guarded, notifier& owner)
            : batch_(guarded)
        {
            batch_.owner_ = &owner;
        }

        owner_guard(const owner_guard&) = delete;
        owner_guard& operator=(const owner_guard&) = delete;
        ~owner_guard() { batch_.owner_ = nullptr; }

    private:
        batch& batch_;
    };

    template <class Iterator>
    void start(const asio::any_io_executor& strand, const Iterator& next)
    {
        running_operation& operation = running_.emplace_back();
        operation.ended = true; // in case an exception is thrown before it runs
        const std::size_t index = results_.size();
        results_.emplace_back();
        auto completion = [self = this->shared_from_this(), index,
                           &operation](std::exception_ptr failure, result<T> outcome) {
            operation.ended = true;
            self->results_[index] = std::move(outcome);
            if (failure) {
                self->fail(std::move(failure));
            }
            if (self->owner_ != nullptr) {
                self->owner_->notify_later();
            }
        };
        auto bound = asio::bind_cancellation_slot(operation.cancel.slot(), std::move(completion));
        if constexpr (keeps_items<View>) {
            asio::co_spawn(strand, as_result(invoke(operation_, *next)), std::move(bound));
        }
        else {
            operation.item.emplace(*next);
            asio::co_spawn(strand, as_result(invoke(operation_, *operation.item)),
                           std::move(bound));
        }
        operation.ended = false;
    }

    /// Calls the function object inside a coroutine, so that an error which it throws before it
    /// returns its awaitable is the result of that operation alone.
    static asio::awaitable<T> invoke(Operation& operation, item_of<View> item)
    {
        co_return co_await operation(item);
    }

    /// Ends the batch with a foreign exception.
    void fail(std::exception_ptr failure)
    {
        failure_ = failure_ ? failure_ : std::move(failure);
        stop();
    }

    void stop()
    {
        if (!std::exchange(stopped_, true)) {
            for (running_operation& each : running_) {
                each.cancel.emit(asio::cancellation_type::terminal);
            }
        }
    }

    View items_;
    Operation operation_; // kept because the coroutines of a lambda refer to its captures
    std::vector<std::optional<result<T>>> results_;
    std::list<running_operation> running_;
    std::exception_ptr failure_;
    notifier* owner_ = nullptr;
    bool stopped_ = false;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_API_RUN_ALL_HPP
