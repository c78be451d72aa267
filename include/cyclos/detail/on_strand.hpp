//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_ON_STRAND_HPP
#define CYCLOS_DETAIL_ON_STRAND_HPP

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

namespace cyclos::inline CYCLOS_ABI::detail {

namespace asio = boost::asio;

template <class T>
asio::awaitable<T> on_strand(const asio::any_io_executor& strand, asio::awaitable<T> what);

class nothing
{};

/// What ends without a result, with one.
inline asio::awaitable<nothing> nothing_of(asio::awaitable<void> what)
{
    co_await std::move(what);
    co_return nothing{};
}

/// The first coroutine on another executor: it takes every cancellation that the caller lets through.
template <class T>
asio::awaitable<T> arrive(asio::any_io_executor strand, asio::awaitable<T> what)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_return co_await on_strand(strand, std::move(what));
}

/// Passes cancellations on to another executor, for as long as it lives.
class relay_guard
{
public:
    relay_guard(asio::cancellation_slot slot, asio::any_io_executor target,
                std::shared_ptr<asio::cancellation_signal> relay)
        : slot_(slot)
    {
        if (slot_.is_connected()) {
            slot_.assign([target = std::move(target), relay = std::move(relay)](asio::cancellation_type type) {
                asio::dispatch(target, [relay, type] { relay->emit(type); });
            });
        }
    }

    relay_guard(const relay_guard&) = delete;
    relay_guard& operator=(const relay_guard&) = delete;

    ~relay_guard()
    {
        if (slot_.is_connected()) {
            slot_.clear();
        }
    }

private:
    asio::cancellation_slot slot_;
};

/// Awaits something on another executor, and comes back.
template <class T>
asio::awaitable<T> on_other(asio::any_io_executor strand, asio::awaitable<T> what)
{
    // Asio before 1.28.2 lets a cancellation that is on its way to the strand refer to memory of the caller, who may
    // have gone on by then (chriskohlhoff/asio#1332). So the signal is one that the message owns.
    const auto relay = std::make_shared<asio::cancellation_signal>();
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    const relay_guard guard{state.slot(), strand, relay};
    co_return co_await asio::co_spawn(strand, arrive(strand, std::move(what)),
                                      asio::bind_cancellation_slot(relay->slot(), asio::use_awaitable));
}

/** Awaits something on the strand, wherever the caller runs, comes back, and makes something of the result there.

    Inside, a cancellation is not thrown by the next await: what runs there learns of it from its @ref event, and ends
    in order.

    @param strand Has to outlive it.
    @param then Is called with the result. To await it here takes no other coroutine.
*/
template <class T, class Then>
    requires(!std::is_void_v<T>)
asio::awaitable<std::remove_cvref_t<std::invoke_result_t<Then&, T>>> on_strand(const asio::any_io_executor& strand,
                                                                               asio::awaitable<T> what, Then then)
{
    std::optional<T> result;
    if (co_await asio::this_coro::executor != strand) {
        result.emplace(co_await on_other(strand, std::move(what)));
    }
    else {
        // The setting belongs to the caller's coroutines too, so it is put back, also on an exception.
        const bool before = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
        std::exception_ptr failure;
        try {
            result.emplace(co_await std::move(what));
        }
        catch (...) {
            failure = std::current_exception();
        }
        co_await asio::this_coro::throw_if_cancelled(before);
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
    co_return then(std::move(*result));
}

/// The same, where there is nothing to be made of the result, if any.
template <class T>
asio::awaitable<T> on_strand(const asio::any_io_executor& strand, asio::awaitable<T> what)
{
    if constexpr (std::is_void_v<T>) {
        return on_strand(strand, nothing_of(std::move(what)), [](nothing) {});
    }
    else {
        return on_strand(strand, std::move(what), std::identity{});
    }
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_ON_STRAND_HPP
