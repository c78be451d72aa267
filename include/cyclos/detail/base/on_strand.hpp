//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_ON_STRAND_HPP
#define CYCLOS_DETAIL_BASE_ON_STRAND_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

namespace asio = boost::asio;

template <class T>
asio::awaitable<T> on_strand(const asio::any_io_executor& strand, asio::awaitable<T> operation);

class no_result
{};

/// Turns an operation without a result into one with a result.
inline asio::awaitable<no_result> with_no_result(asio::awaitable<void> operation)
{
    co_await std::move(operation);
    co_return no_result{};
}

/// The first coroutine on the strand. It accepts every type of cancellation that the caller
/// forwards.
template <class T>
asio::awaitable<T> run_on_strand(asio::any_io_executor strand, asio::awaitable<T> operation)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_return co_await on_strand(strand, std::move(operation));
}

/// Forwards cancellations to an operation on another executor, for the lifetime of this object.
class cancellation_relay
{
public:
    cancellation_relay(asio::cancellation_slot slot, asio::any_io_executor target,
                       std::shared_ptr<asio::cancellation_signal> relay)
        : slot_(slot)
    {
        if (slot_.is_connected()) {
            slot_.assign([target = std::move(target),
                          relay = std::move(relay)](asio::cancellation_type type) {
                asio::dispatch(target, [relay, type] { relay->emit(type); });
            });
        }
    }

    cancellation_relay(const cancellation_relay&) = delete;
    cancellation_relay& operator=(const cancellation_relay&) = delete;

    ~cancellation_relay()
    {
        if (slot_.is_connected()) {
            slot_.clear();
        }
    }

private:
    asio::cancellation_slot slot_;
};

/// Awaits an operation on the strand and returns to the caller's executor.
template <class T>
asio::awaitable<T> await_on_strand(asio::any_io_executor strand, asio::awaitable<T> operation)
{
    // Before Asio 1.28.2 a cancellation that is being dispatched to the strand refers to memory of
    // the caller, which may have been freed by then (chriskohlhoff/asio#1332). So the dispatched
    // function owns the signal.
    const auto relay = std::make_shared<asio::cancellation_signal>();
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    const cancellation_relay guard{state.slot(), strand, relay};
    co_return co_await asio::co_spawn(
        strand, run_on_strand(strand, std::move(operation)),
        asio::bind_cancellation_slot(relay->slot(), asio::use_awaitable));
}

/** Awaits an operation on a strand, returns to the caller's executor, and applies a function to the
    result there.

    Within the operation, awaits do not throw on cancellation. It detects cancellations by its
    @ref notifier, and ends in an orderly way.

    @param strand Must outlive the operation.
    @param continuation Is called with the result. Doing that here saves the caller a coroutine of
    its own.
*/
template <class T, class Continuation>
    requires(!std::is_void_v<T>)
asio::awaitable<std::remove_cvref_t<std::invoke_result_t<Continuation&, T>>>
on_strand(const asio::any_io_executor& strand, asio::awaitable<T> operation,
          Continuation continuation)
{
    std::optional<T> result;
    if (co_await asio::this_coro::executor != strand) {
        result.emplace(co_await await_on_strand(strand, std::move(operation)));
    }
    else {
        // The setting also applies to the coroutines of the caller, so it is restored, even after
        // an exception.
        const bool previous = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
        std::exception_ptr failure;
        try {
            result.emplace(co_await std::move(operation));
        }
        catch (...) {
            failure = std::current_exception();
        }
        co_await asio::this_coro::throw_if_cancelled(previous);
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
    co_return continuation(std::move(*result));
}

/// The same without a function.
template <class T>
asio::awaitable<T> on_strand(const asio::any_io_executor& strand, asio::awaitable<T> operation)
{
    if constexpr (std::is_void_v<T>) {
        return on_strand(strand, with_no_result(std::move(operation)), [](no_result) {});
    }
    else {
        return on_strand(strand, std::move(operation), std::identity{});
    }
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_ON_STRAND_HPP
