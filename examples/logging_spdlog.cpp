//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Logs the events of a client with spdlog.
//
//   logging_spdlog URL USERNAME PASSWORD [CA_FILE]

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <utility>
#include <variant>

namespace asio = boost::asio;
namespace events = cyclos::events;

double milliseconds(events::duration time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

/// Has one function for each type of event. If one is missing, std::visit() does not compile.
struct logger
{
    void operator()(const events::connect_started& e) const
    {
        spdlog::debug("connection {}: connecting to {}", e.connection, e.endpoint);
    }

    void operator()(const events::connected& e) const
    {
        spdlog::info("connection {}: open; resolve {:.1f} ms, connect {:.1f} ms, TLS {:.1f} ms{}",
                     e.connection, milliseconds(e.resolve), milliseconds(e.connect),
                     milliseconds(e.handshake), e.resumed ? ", resumed" : "");
    }

    void operator()(const events::connect_failed& e) const
    {
        spdlog::warn("connection {}: failed while {} after {:.1f} ms: {} {}", e.connection,
                     to_string(e.phase), milliseconds(e.elapsed), e.code.message(), e.detail);
    }

    void operator()(const events::connection_acquired& e) const
    {
        spdlog::debug("{}: acquired connection {} ({}) after {:.1f} ms", e.operation, e.connection,
                      e.reused ? "reused" : "new", milliseconds(e.elapsed));
    }

    void operator()(const events::retried& e) const
    {
        spdlog::info("{}: attempt on connection {} failed ({}), retrying", e.operation,
                     e.connection, e.code.message());
    }

    void operator()(const events::closed& e) const
    {
        spdlog::debug("connection {}: closed, {}", e.connection, to_string(e.reason));
    }

    void operator()(const events::request_finished& e) const
    {
        const auto level = e.code ? spdlog::level::err : spdlog::level::info;
        spdlog::log(level,
                    "{}: {} {}, {} bytes sent, {} received, first byte {:.1f} ms, total {:.1f} ms",
                    e.operation, e.status, e.code ? e.code.message() : "done", e.sent, e.received,
                    milliseconds(e.time_to_header), milliseconds(e.total));
    }
};

asio::awaitable<void> list_twice(cyclos::config config)
{
    cyclos::client client{co_await asio::this_coro::executor, std::move(config)};
    const cyclos::images_api images{client};
    for (int n = 0; n < 2; ++n) {
        const auto list = co_await images.list_user_images("self");
        spdlog::info("there are {} images", list.size());
    }
}

int main(int argc, char** argv)
try {
    if (argc < 4) {
        spdlog::error("usage: logging_spdlog URL USERNAME PASSWORD [CA_FILE]");
        return 2;
    }
    spdlog::set_level(spdlog::level::debug);
    cyclos::config config{argv[1], cyclos::credentials::basic(argv[2], argv[3])};
    config.on_event = [](const cyclos::client_event& event) { std::visit(logger{}, event); };
    if (argc > 4) {
        config.tls.ca_file = argv[4];
    }
    asio::io_context context;
    auto done = asio::co_spawn(context, list_twice(std::move(config)), asio::use_future);
    context.run();
    done.get();
    return 0;
}
catch (const std::exception& e) {
    spdlog::error("{}", e.what());
    return 1;
}
