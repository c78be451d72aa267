//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_CLIENT_IPP
#define CYCLOS_IMPL_CLIENT_IPP

#include <cyclos/client.hpp>

#include <cyclos/detail/durations.hpp>
#include <cyclos/detail/on_strand.hpp>
#include <cyclos/impl/client_state.hpp>

#include <boost/asio/dispatch.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace cyclos::inline CYCLOS_ABI {

CYCLOS_DECL client::client(boost::asio::any_io_executor executor, config settings)
    : state_(std::make_shared<detail::client_state>(std::move(executor), std::move(settings)))
{}

CYCLOS_DECL client& client::operator=(client&& other) noexcept
{
    if (this != &other) {
        if (state_) {
            state_->cut();
        }
        state_ = std::move(other.state_);
    }
    return *this;
}

CYCLOS_DECL client::~client()
{
    if (state_) {
        state_->cut();
    }
}

CYCLOS_DECL boost::asio::any_io_executor client::get_executor() const noexcept
{
    return state_ ? state_->executor() : boost::asio::any_io_executor{};
}

CYCLOS_DECL boost::asio::any_io_executor client::get_executor(std::size_t n) const noexcept
{
    if (!state_) {
        return {};
    }
    const auto& shards = state_->shards();
    return shards[n % shards.size()]->executor();
}

namespace detail {

inline boost::asio::awaitable<net::pool_stats> read_stats(std::shared_ptr<net::pool> shard)
{
    co_return shard->stats();
}

inline boost::asio::awaitable<net::pool_stats> add_stats(std::shared_ptr<client_state> state)
{
    net::pool_stats all;
    for (const auto& shard : state->shards()) {
        all += co_await on_strand(shard->executor(), read_stats(shard));
    }
    co_return all;
}

// Of a client that was moved from.

inline boost::asio::awaitable<net::pool_stats> no_stats()
{
    co_return net::pool_stats{};
}

inline boost::asio::awaitable<void> close_nothing()
{
    co_return;
}

inline boost::asio::awaitable<void> close_shard(std::shared_ptr<net::pool> shard,
                                                std::chrono::steady_clock::duration grace)
{
    co_await shard->close(grace);
}

inline boost::asio::awaitable<void> log_out(std::shared_ptr<client_state> state,
                                            std::chrono::steady_clock::time_point end)
{
    co_await state->log_out(end);
}

/// Cuts whatever is left, also where the coroutine that closes is cancelled.
class cut_at_end
{
public:
    explicit cut_at_end(std::shared_ptr<client_state> state)
        : state_(std::move(state))
    {}

    cut_at_end(const cut_at_end&) = delete;
    cut_at_end& operator=(const cut_at_end&) = delete;
    ~cut_at_end() { state_->cut(); }

private:
    std::shared_ptr<client_state> state_;
};

inline boost::asio::awaitable<void> close_shards(std::shared_ptr<client_state> state,
                                                 std::chrono::steady_clock::duration grace)
{
    // All stop at once, and are waited for one after the other.
    const cut_at_end whatever_happens{state};
    const auto longest = std::chrono::steady_clock::duration{std::chrono::hours{24}};
    const auto end = std::chrono::steady_clock::now() + (std::min)(grace, longest);
    for (const auto& shard : state->shards()) {
        boost::asio::dispatch(shard->executor(), [shard] { shard->stop(); });
    }
    for (const auto& shard : state->shards()) {
        const auto left = (std::max)(end - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration{});
        co_await on_strand(shard->executor(), close_shard(shard, left));
    }
    co_await on_strand(state->executor(), log_out(state, end));
}

} // namespace detail

CYCLOS_DECL operation<void> client::close(std::chrono::steady_clock::duration grace)
{
    return state_ ? detail::close_shards(state_, detail::clamped(grace)) : detail::close_nothing();
}

CYCLOS_DECL operation<net::pool_stats> client::stats() const
{
    return state_ ? detail::add_stats(state_) : detail::no_stats();
}

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_IMPL_CLIENT_IPP
