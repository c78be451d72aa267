//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_WORKER_HPP
#define CYCLOS_SANDBOX_SRC_WORKER_HPP

#include "connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <thread>

namespace cyclos::sandbox {

/// A thread that serves connections.
class worker
{
public:
    explicit worker(const server_context& server);

    /// Starts the thread.
    void start();

    /// Closes every connection and joins the thread. All other operations on @ref io must have
    /// completed or been cancelled before.
    void stop();

    /// Starts to serve a connection. May be called on any thread.
    void add_connection(asio::ip::tcp::socket socket, std::uint64_t number);

    /// Runs @p task on the thread and returns its result. Must be called on another thread.
    std::size_t run(const std::function<std::size_t(connection_set&)>& task);

    asio::io_context& io() noexcept { return io_; }

private:
    asio::awaitable<void> serve(asio::ip::tcp::socket socket, std::uint64_t number);
    asio::awaitable<void> watch_deadlines();

    const server_context& server_;
    connection_set connections_; // Must outlive the coroutines, which are destroyed with io_.
    asio::io_context io_{1};
    asio::steady_timer deadline_timer_{io_};
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_WORKER_HPP
