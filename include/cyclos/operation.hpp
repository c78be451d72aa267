//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_OPERATION_HPP
#define CYCLOS_OPERATION_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

/// The outermost coroutine of a spawned operation. It enables all types of cancellation.
template <class T, class Executor>
boost::asio::awaitable<T, Executor>
with_total_cancellation(boost::asio::awaitable<T, Executor> operation)
{
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_total_cancellation());
    co_return co_await std::move(operation);
}

} // namespace detail

/** An operation that has not started: an `asio::awaitable` that supports all types of cancellation
    when it is spawned.

    It is awaited like any other awaitable, and converts to one.

    @par Cancellation
    If an operation itself is passed to `asio::co_spawn`, it supports terminal, partial and total
    cancellation. For an awaitable, `co_spawn` enables terminal cancellation only. But it prefers to
    call this object as a function, and the coroutine that the call returns enables all three.

    A lambda that returns an operation and is passed to `co_spawn` must declare an awaitable as its
    return type: `-> asio::awaitable<T>`.

    If an operation is awaited in a coroutine, the cancellation filter of that coroutine applies and
    is not changed. In a spawned coroutine that is terminal cancellation, unless the coroutine calls
    `reset_cancellation_state()`.

    @code
    asio::cancellation_signal stop;
    asio::co_spawn(executor, images.view_image("17"),
                   asio::bind_cancellation_slot(stop.slot(), handler));
    stop.emit(asio::cancellation_type::total);
    @endcode
*/
template <class T, class Executor = boost::asio::any_io_executor>
class [[nodiscard]] operation : public boost::asio::awaitable<T, Executor>
{
public:
    using awaitable_type = boost::asio::awaitable<T, Executor>;

    /// Takes over an awaitable.
    operation(awaitable_type awaited) noexcept // NOLINT(google-explicit-constructor): functions
                                               // return coroutines
        : awaitable_type(std::move(awaited))
    {}

    /// Is called by `asio::co_spawn`. The operation is moved from.
    awaitable_type operator()()
    {
        return detail::with_total_cancellation(
            awaitable_type(std::move(static_cast<awaitable_type&>(*this))));
    }
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_OPERATION_HPP
