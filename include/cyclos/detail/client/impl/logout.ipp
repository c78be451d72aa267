//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_LOGOUT_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_LOGOUT_IPP

#include <cyclos/detail/client/logout.hpp>

#include <cyclos/detail/base/abandon_on_exit.hpp>
#include <cyclos/detail/base/notifier.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Ends a session, and ignores errors.
inline boost::asio::awaitable<void> try_log_out(std::shared_ptr<session_service> service,
                                                std::shared_ptr<net::pool> pool,
                                                credentials session,
                                                session_service::time_point end)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    try {
        co_await service->log_out(*pool, session, nullptr, end);
    }
    catch (const boost::system::system_error&) { // NOLINT(bugprone-empty-catch): as below
        // Nobody could handle the error, and the session expires by itself.
    }
}

CYCLOS_DECL void log_out_in_background(std::shared_ptr<session_service> service,
                                       credentials session) noexcept
{
    const auto end = session_service::time_point::clock::now() + background_logout_limit;
    try {
        const auto pool = service->pool();
        boost::asio::co_spawn(pool->executor(),
                              try_log_out(std::move(service), pool, std::move(session), end),
                              boost::asio::detached);
    }
    catch (...) { // NOLINT(bugprone-empty-catch): out of memory. The session expires by itself.
    }
}

/// A pool whose connections are closed on destruction, also if the coroutine that uses it is
/// cancelled.
class temporary_pool
{
public:
    /// A pool for the same server as another one.
    temporary_pool(const std::shared_ptr<net::pool>& other, std::size_t max_connections,
                   std::size_t max_header_size)
    {
        pool_config limits;
        limits.max_connections = max_connections;
        const std::shared_ptr<const net::connect_settings> settings{other, &other->settings()};
        pool_ = std::make_shared<net::pool>(other->executor(), limits, settings, max_header_size);
    }

    temporary_pool(const temporary_pool&) = delete;
    temporary_pool& operator=(const temporary_pool&) = delete;
    ~temporary_pool() { pool_->abort_all(); }

    const std::shared_ptr<net::pool>& get() const noexcept { return pool_; }

private:
    std::shared_ptr<net::pool> pool_;
};

/// The sessions that log_out_all() has to end.
class logout_queue
{
public:
    explicit logout_queue(std::vector<credentials> to_end)
        : sessions(std::move(to_end))
    {}

    void abandon() noexcept { owner = nullptr; }

    std::vector<credentials> sessions;
    std::size_t next = 0;
    std::size_t running = 0; // coroutines
    notifier* owner = nullptr;
};

/// Ends one session after the other until none is left.
inline boost::asio::awaitable<void> log_out_each(std::shared_ptr<session_service> service,
                                                 std::shared_ptr<net::pool> pool,
                                                 std::shared_ptr<logout_queue> queue,
                                                 session_service::time_point end)
{
    while (queue->owner != nullptr && queue->next < queue->sessions.size()) {
        credentials session = std::move(queue->sessions[queue->next++]);
        co_await try_log_out(service, pool, std::move(session), end);
    }
    --queue->running;
    if (queue->owner != nullptr) {
        queue->owner->notify();
    }
}

CYCLOS_DECL boost::asio::awaitable<void> log_out_all(std::shared_ptr<session_service> service,
                                                     std::vector<credentials> sessions,
                                                     session_service::time_point end)
{
    if (sessions.empty()) {
        co_return;
    }
    constexpr std::size_t max_connections = 4;
    const std::size_t connections = (std::min)(sessions.size(), max_connections);
    const auto executor = co_await boost::asio::this_coro::executor;
    notifier wakeup{executor};
    wakeup.follow(co_await boost::asio::this_coro::cancellation_state);
    const temporary_pool pool{service->pool(), connections, service->max_header_size()};
    const auto queue = std::make_shared<logout_queue>(std::move(sessions));
    const abandon_on_exit guard{queue, wakeup};
    for (std::size_t n = 0; n < connections; ++n) {
        ++queue->running;
        boost::asio::co_spawn(executor, log_out_each(service, pool.get(), queue, end),
                              boost::asio::detached);
    }
    while (queue->running > 0 && !wakeup.cancelled()) {
        co_await wakeup.wait();
    }
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_LOGOUT_IPP
