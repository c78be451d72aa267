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
#include <cyclos/error_code.hpp>

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
/// @return Whether the pool was open, so that there is nothing left to do.
inline boost::asio::awaitable<bool> try_log_out(session_service& service, net::pool& pool,
                                                const credentials& session,
                                                session_service::time_point end)
{
    try {
        co_await service.log_out(pool, session, nullptr, end);
    }
    catch (const boost::system::system_error& e) {
        co_return e.code() != errc::client_closed;
    }
    catch (...) { // NOLINT(bugprone-empty-catch): out of memory. The session expires by itself.
    }
    co_return true;
}

inline boost::asio::awaitable<void>
run_background_logout(std::shared_ptr<session_service> service,
                      std::shared_ptr<const credentials> session)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    const auto end = session_service::time_point::clock::now() + background_logout_limit;
    const auto pool = service->pool();
    if (co_await try_log_out(*service, *pool, *session, end)) {
        service->background_logouts().remove(session);
    }
}

CYCLOS_DECL void log_out_in_background(std::shared_ptr<session_service> service,
                                       std::shared_ptr<const credentials> session) noexcept
{
    try {
        service->background_logouts().add(session);
        const auto executor = service->pool()->executor();
        boost::asio::co_spawn(executor,
                              run_background_logout(std::move(service), std::move(session)),
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
    using entry = logout_list::entry;

    explicit logout_queue(std::vector<entry> to_end)
        : sessions(std::move(to_end))
    {}

    void abandon() noexcept { owner = nullptr; }

    std::vector<entry> sessions;
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
        const logout_queue::entry session = queue->sessions[queue->next++];
        co_await try_log_out(*service, *pool, *session, end);
    }
    --queue->running;
    if (queue->owner != nullptr) {
        queue->owner->notify();
    }
}

CYCLOS_DECL boost::asio::awaitable<void>
log_out_all(std::shared_ptr<session_service> service,
            std::vector<std::shared_ptr<const credentials>> sessions,
            session_service::time_point end)
{
    const auto interrupted = service->background_logouts().take();
    sessions.insert(sessions.end(), interrupted.begin(), interrupted.end());
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
