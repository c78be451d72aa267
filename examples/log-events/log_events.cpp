//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Tells what a client does, as it happens, in the log of spdlog:
//
//   log-events URL USERNAME PASSWORD [CA-FILE]

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <string_view>
#include <variant>

namespace asio = boost::asio;
namespace events = cyclos::events;

namespace {

double milliseconds(events::duration time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

/// One function for each event; the compiler says so if one is missing.
class logger
{
public:
    void operator()(const events::connect_started& e) const
    {
        spdlog::debug("connection {}: opening, to {}", e.connection, e.endpoint);
    }

    void operator()(const events::connected& e) const
    {
        spdlog::info("connection {}: open; resolve {:.1f} ms, connect {:.1f} ms, TLS {:.1f} ms{}", e.connection,
                     milliseconds(e.resolve), milliseconds(e.connect), milliseconds(e.handshake),
                     e.resumed ? ", resumed" : "");
    }

    void operator()(const events::connect_failed& e) const
    {
        spdlog::warn("connection {}: failed while {}, after {:.1f} ms: {} {}", e.connection, to_string(e.phase),
                     milliseconds(e.after), e.code.message(), e.detail);
    }

    void operator()(const events::acquired& e) const
    {
        spdlog::debug("{}: has {} connection {}, waited {:.1f} ms", e.operation, e.reused ? "the used" : "the new",
                      e.connection, milliseconds(e.waited));
    }

    void operator()(const events::retried& e) const
    {
        spdlog::info("{}: connection {} had ended ({}), trying another one", e.operation, e.connection,
                     e.code.message());
    }

    void operator()(const events::closed& e) const
    {
        spdlog::debug("connection {}: closed, {}", e.connection, to_string(e.reason));
    }

    void operator()(const events::request_done& e) const
    {
        const auto level = e.code ? spdlog::level::err : spdlog::level::info;
        spdlog::log(level, "{}: {} {}, {} bytes sent, {} received, first byte {:.1f} ms, total {:.1f} ms", e.operation,
                    e.status, e.code ? e.code.message() : "done", e.sent, e.received, milliseconds(e.first_byte),
                    milliseconds(e.total));
    }
};

asio::awaitable<void> look_twice(cyclos::config settings)
{
    // The client ends with the coroutine, and its idle connections with it.
    cyclos::client client{co_await asio::this_coro::executor, std::move(settings)};
    const cyclos::images_api images{client};
    for (int n = 0; n < 2; ++n) {
        const auto list = co_await images.list_user_images("self");
        spdlog::info("there are {} images", list.size());
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 4) {
        spdlog::error("usage: log-events URL USERNAME PASSWORD [CA-FILE]");
        return 2;
    }
    spdlog::set_level(spdlog::level::debug);
    int status = 0;
    try {
        cyclos::config settings{argv[1], cyclos::credentials::basic(argv[2], argv[3])};
        if (argc > 4) {
            settings.tls.ca_file = argv[4];
        }
        settings.on_event = [](const cyclos::client_event& e) { std::visit(logger{}, e); };

        asio::io_context context;
        asio::co_spawn(context, look_twice(std::move(settings)), [&](const std::exception_ptr& failure) {
            try {
                if (failure) {
                    std::rethrow_exception(failure);
                }
            }
            catch (const std::exception& e) {
                spdlog::error("{}", e.what());
                status = 1;
            }
        });
        context.run();
    }
    catch (const cyclos::error& e) {
        spdlog::error("{}", e.what());
        status = 2;
    }
    return status;
}
