//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_CLIENT_IPP
#define CYCLOS_DETAIL_IMPL_CLIENT_IPP

#include <cyclos/client.hpp>

#include <cyclos/detail/base/durations.hpp>
#include <cyclos/detail/base/on_strand.hpp>
#include <cyclos/detail/client/client_state.hpp>
#include <cyclos/detail/net/warm_up.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

CYCLOS_DECL client::client(boost::asio::any_io_executor executor, config settings)
    : state_(std::make_shared<detail::client_state>(std::move(executor), std::move(settings)))
{}

CYCLOS_DECL client& client::operator=(client&& other) noexcept
{
    if (this != &other) {
        if (state_) {
            state_->abort_all();
        }
        state_ = std::move(other.state_);
    }
    return *this;
}

CYCLOS_DECL client::~client()
{
    if (state_) {
        state_->abort_all();
    }
}

CYCLOS_DECL boost::asio::any_io_executor client::get_executor() const noexcept
{
    return state_ ? state_->executor() : boost::asio::any_io_executor{};
}

CYCLOS_DECL boost::asio::any_io_executor client::shard_executor(std::size_t n) const noexcept
{
    if (!state_) {
        return {};
    }
    const auto& shards = state_->shards();
    return shards[n % shards.size()]->executor();
}

namespace detail {

inline boost::asio::awaitable<cyclos::pool_stats> read_stats(std::shared_ptr<net::pool> shard)
{
    co_return shard->stats();
}

inline boost::asio::awaitable<cyclos::pool_stats> total_stats(std::shared_ptr<client_state> state)
{
    cyclos::pool_stats total;
    for (const auto& shard : state->shards()) {
        total += co_await on_strand(shard->executor(), read_stats(shard));
    }
    co_return total;
}

// For a client that was moved from.

inline boost::asio::awaitable<cyclos::pool_stats> no_stats()
{
    co_return cyclos::pool_stats{};
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
    co_await state->log_out_all(end);
}

/// Aborts all operations on destruction, also if the coroutine that closes the client is cancelled.
class abort_on_exit
{
public:
    explicit abort_on_exit(std::shared_ptr<client_state> state)
        : state_(std::move(state))
    {}

    abort_on_exit(const abort_on_exit&) = delete;
    abort_on_exit& operator=(const abort_on_exit&) = delete;
    ~abort_on_exit() { state_->abort_all(); }

private:
    std::shared_ptr<client_state> state_;
};

inline boost::asio::awaitable<void> close_shards(std::shared_ptr<client_state> state,
                                                 std::chrono::steady_clock::duration grace)
{
    // All shards stop at once. Waiting for one after the other takes no longer: they share the end
    // of the grace period.
    const abort_on_exit guard{state};
    const auto max_grace = std::chrono::steady_clock::duration{std::chrono::hours{24}};
    const auto end = std::chrono::steady_clock::now() + (std::min)(grace, max_grace);
    for (const auto& shard : state->shards()) {
        boost::asio::dispatch(shard->executor(), [shard] { shard->stop(); });
    }
    for (const auto& shard : state->shards()) {
        const auto left = (std::max)(end - std::chrono::steady_clock::now(),
                                     std::chrono::steady_clock::duration{});
        co_await on_strand(shard->executor(), close_shard(shard, left));
    }
    co_await on_strand(state->executor(), log_out(state, end));
}

inline boost::asio::awaitable<void> warm_up_shards(std::shared_ptr<client_state> state,
                                                   std::size_t count)
{
    const auto& shards = state->shards();
    count = (std::min)(count, state->settings().pool.max_connections);
    for (std::size_t n = 0; n < shards.size(); ++n) {
        const std::size_t share = count / shards.size() + (n < count % shards.size() ? 1 : 0);
        net::connect_failure failure =
            co_await on_strand(shards[n]->executor(), net::warm_up(shards[n], share));
        if (failure.code) {
            error_context context;
            context.phase = failure.phase;
            context.detail = std::move(failure.detail);
            context.operation = "warm_up";
            throw error(failure.code, std::move(context));
        }
    }
}

inline boost::asio::awaitable<void> warm_up_nothing()
{
    co_return;
}

} // namespace detail

CYCLOS_DECL operation<void> client::warm_up(std::size_t count)
{
    return state_ ? detail::warm_up_shards(state_, count) : detail::warm_up_nothing();
}

CYCLOS_DECL void client::close_idle_connections()
{
    if (state_) {
        for (const auto& shard : state_->shards()) {
            // Not dispatch: a hook may call this while the pool carries out its actions.
            boost::asio::post(shard->executor(), [shard] { shard->close_idle(); });
        }
    }
}

CYCLOS_DECL void client::set_tls(const tls_config& settings)
{
    if (state_) {
        state_->set_tls(settings);
    }
}

CYCLOS_DECL operation<void> client::close(std::chrono::steady_clock::duration grace)
{
    return state_ ? detail::close_shards(state_, detail::clamped(grace)) : detail::close_nothing();
}

CYCLOS_DECL operation<cyclos::pool_stats> client::stats() const
{
    return state_ ? detail::total_stats(state_) : detail::no_stats();
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_CLIENT_IPP
