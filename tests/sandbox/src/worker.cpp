//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <utility>
#include <vector>

namespace cyclos::sandbox {

namespace {

// One timer checks the deadlines of all connections at this interval, so that requests need not set
// timers.
constexpr std::chrono::milliseconds deadline_resolution{50};

} // namespace

worker::worker(const server_context& server)
    : server_(server)
{}

void worker::start()
{
    asio::co_spawn(io_, watch_deadlines(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
}

void worker::stop()
{
    asio::post(io_, [this] {
        stopping_ = true;
        deadline_timer_.cancel();
        for (auto* open : connections_)
            open->abort();
    });
    thread_.join();
}

void worker::add_connection(asio::ip::tcp::socket socket, std::uint64_t number)
{
    asio::co_spawn(io_, serve(std::move(socket), number), asio::detached);
}

std::size_t worker::run(const std::function<std::size_t(connection_set&)>& task)
{
    std::packaged_task<std::size_t()> packaged([this, &task] { return task(connections_); });
    auto result = packaged.get_future();
    asio::post(io_, [&packaged] { packaged(); });
    return result.get();
}

asio::awaitable<void> worker::serve(asio::ip::tcp::socket socket, std::uint64_t number)
{
    if (stopping_)
        co_return;
    connection served(server_, connections_, std::move(socket), number);
    co_await served.run();
}

asio::awaitable<void> worker::watch_deadlines()
{
    while (!stopping_) {
        error_code ignored;
        deadline_timer_.expires_after(deadline_resolution);
        co_await deadline_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        const auto now = connection::clock::now();
        for (auto* open : connections_)
            if (open->is_overdue(now))
                open->abort();
    }
}

} // namespace cyclos::sandbox
