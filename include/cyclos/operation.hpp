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

/// The first coroutine of a spawned operation: its filter lets all types of cancellation through.
template <class T, class Executor>
boost::asio::awaitable<T, Executor> with_total_cancellation(boost::asio::awaitable<T, Executor> operation)
{
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
    co_return co_await std::move(operation);
}

} // namespace detail

/** An operation that has not started: an `asio::awaitable` that takes all types of cancellation when it is spawned.

    It is awaited like any awaitable, and converts to one.

    @par Cancellation
    Passed to `asio::co_spawn` itself, it takes terminal, partial and total cancellation. `co_spawn` lets terminal
    cancellation alone through to an awaitable, but it prefers to call this object, and the coroutine that the call
    returns begins by asking for all three.

    A lambda that is passed to `co_spawn` and returns an operation has to name an awaitable as its return type:
    `-> asio::awaitable<T>`.

    Awaited inside a coroutine, it receives what the filter of that coroutine lets through, which is not changed: for a
    coroutine that was spawned, terminal cancellation, unless it calls `reset_cancellation_state()`.

    @code
    asio::cancellation_signal stop;
    asio::co_spawn(executor, images.view_image("17"), asio::bind_cancellation_slot(stop.slot(), handler));
    stop.emit(asio::cancellation_type::total);
    @endcode
*/
template <class T, class Executor = boost::asio::any_io_executor>
class [[nodiscard]] operation : public boost::asio::awaitable<T, Executor>
{
public:
    using awaitable_type = boost::asio::awaitable<T, Executor>;

    /// Takes over what is to be awaited.
    operation(awaitable_type awaited) noexcept // NOLINT(google-explicit-constructor): functions return coroutines
        : awaitable_type(std::move(awaited))
    {}

    /// What `asio::co_spawn` calls. The operation is moved from.
    awaitable_type operator()()
    {
        return detail::with_total_cancellation(awaitable_type(std::move(static_cast<awaitable_type&>(*this))));
    }
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_OPERATION_HPP
