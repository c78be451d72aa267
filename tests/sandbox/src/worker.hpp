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

/// A thread and its connections.
class worker
{
public:
    explicit worker(const service& served);

    /// Starts the thread.
    void start();

    /// Cuts every connection and joins the thread. What else runs on @ref io has to be over or cancelled.
    void stop();

    /// Takes a connection; from any thread.
    void take(asio::ip::tcp::socket socket, std::uint64_t number);

    /// Runs something on the thread, and waits for its result; from any other thread.
    std::size_t run(const std::function<std::size_t(connection_set&)>& task);

    asio::io_context& io() noexcept { return io_; }

private:
    asio::awaitable<void> serve(asio::ip::tcp::socket socket, std::uint64_t number);
    asio::awaitable<void> watch_deadlines();

    const service& service_;
    connection_set connections_; // Outlives the coroutines, which io_ owns.
    asio::io_context io_{1};
    asio::steady_timer tick_{io_};
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_WORKER_HPP
