//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Connections that a coroutine of the user opens.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/relay.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::connect_target;
using cyclos::connected_socket;
using tcp = asio::ip::tcp;

/// The calls of a hook, and its behaviour.
struct dialer
{
    std::vector<std::string> targets = {};
    tcp::endpoint server = {};
    std::function<void()> before = {};        ///< Called first; may throw.
    const cyclos::client* client = nullptr;   ///< Whose executor is expected.
    bool called_on_executor_of_client = true; ///< In every call.
};

cyclos::connect_hook from(dialer& d)
{
    return [&d](connect_target target) -> asio::awaitable<connected_socket> {
        d.targets.push_back(target.host + ' ' + target.port);
        const auto executor = co_await asio::this_coro::executor;
        if (d.client != nullptr) {
            d.called_on_executor_of_client &= executor == d.client->get_executor();
        }
        if (d.before) {
            d.before();
        }
        tcp::socket socket{executor};
        co_await socket.async_connect(d.server, asio::use_awaitable);
        co_return std::move(socket);
    };
}

tcp::endpoint endpoint_of(const cyclos::sandbox::server& server)
{
    return {asio::ip::address_v4::loopback(), server.port()};
}

/// A client that connects to the server with the hook, under a name that cannot be resolved.
cyclos::config settings_for(const cyclos::sandbox::server& server, cyclos::connect_hook hook)
{
    return config_for(server, demo(), [&](cyclos::config& c) {
        c.base_url.replace(c.base_url.find("localhost"), 9, "cyclos.invalid");
        c.tls.verify = false;
        c.connect = std::move(hook);
    });
}

failure not_connected(cyclos::error_code code)
{
    return {code, phase::connecting, sent_state::none, 0};
}

/// A hook that does not return, and what happened to it.
struct sleeper
{
    bool ignores_cancellation = false;
    std::size_t calls = 0;
    std::size_t cancelled = 0;
    std::weak_ptr<asio::steady_timer> sleep = {}; ///< Ends the last call if it is cancelled.
    std::optional<tcp::socket> peer = {};         ///< The other end of the socket that it returns.
};

cyclos::connect_hook from(sleeper& s, tcp::acceptor* acceptor = nullptr)
{
    return [&s, acceptor](connect_target) -> asio::awaitable<connected_socket> {
        ++s.calls;
        const auto executor = co_await asio::this_coro::executor;
        const auto sleep = std::make_shared<asio::steady_timer>(executor, 1h);
        s.sleep = sleep;
        if (s.ignores_cancellation) {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        }
        try {
            co_await sleep->async_wait(asio::use_awaitable);
        }
        catch (const boost::system::system_error&) {
            ++s.cancelled;
            if (acceptor == nullptr) {
                throw;
            }
        }
        tcp::socket socket{executor};
        co_await socket.async_connect(acceptor->local_endpoint(), asio::use_awaitable);
        co_return std::move(socket);
    };
}

} // namespace

TEST_SUITE("connect hook")
{
    TEST_CASE("connect hook: it opens the connections, on the executor of the client, without a "
              "name look-up")
    {
        for (const bool tls : {true, false}) {
            cyclos::sandbox::server server{{.tls = tls}};
            dialer d{.server = endpoint_of(server)};
            auto settings = settings_for(server, from(d));
            settings.allow_plain_http = true;
            client_session session{settings};
            d.client = &session.client;
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(d.targets ==
                  std::vector<std::string>{"cyclos.invalid " + std::to_string(server.port())});
            CHECK(d.called_on_executor_of_client);
            CHECK(session.stats().opened == 1);
        }
    }

    TEST_CASE(
        "connect hook: with a proxy it connects to the proxy, and the library opens the tunnel")
    {
        const cyclos::sandbox::server server;
        dialer d{.server = endpoint_of(server)};
        auto settings = settings_for(server, from(d));
        settings.proxy.host = "proxy.invalid";
        settings.proxy.port = "3128";
        client_session session{settings};
        // The server expects TLS, so it is no proxy.
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(outcome.error().phase() == phase::connecting);
        CHECK(d.targets == std::vector<std::string>{"proxy.invalid 3128"});
    }

    TEST_CASE("connect hook: it may return a Unix domain socket")
    {
        cyclos::sandbox::server server{{.replace_with_pattern = true}};
        client_session session{settings_for(
            server,
            [server = endpoint_of(server)](connect_target) -> asio::awaitable<connected_socket> {
                using local = asio::local::stream_protocol;
                const auto executor = co_await asio::this_coro::executor;
                local::socket own{executor};
                const auto other = std::make_shared<local::socket>(executor);
                asio::local::connect_pair(own, *other);
                const auto onward = std::make_shared<tcp::socket>(executor);
                co_await onward->async_connect(server, asio::use_awaitable);
                asio::co_spawn(executor, relay(other, onward), asio::detached);
                asio::co_spawn(executor, relay(onward, other), asio::detached);
                co_return std::move(own);
            })};
        const auto stored = session.run(session.images.upload_temp_image(pattern_source{100'000}));
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(100'000)) == pattern(100'000));
    }

    TEST_CASE("connect hook: it may return a socket of another executor or execution context")
    {
        cyclos::sandbox::server server;
        asio::thread_pool elsewhere{2};
        asio::thread_pool threads{2};
        for (const bool same_context : {false, true}) {
            const asio::any_io_executor executor =
                same_context ? threads.get_executor() : elsewhere.get_executor();
            cyclos::client client{
                threads, settings_for(server,
                                      [executor, server = endpoint_of(server)](
                                          connect_target) -> asio::awaitable<connected_socket> {
                                          tcp::socket socket{executor};
                                          co_await socket.async_connect(server,
                                                                        asio::use_awaitable);
                                          co_return std::move(socket);
                                      })};
            const cyclos::images_api images{client};
            for (int n = 0; n < 20; ++n) {
                auto view =
                    asio::co_spawn(threads, images.view_image(fixture::portrait), asio::use_future);
                CHECK(view.get().width == 64);
            }
        }
    }

    TEST_CASE("connect hook: the code of its exception is the error of the connection")
    {
        const cyclos::sandbox::server server;
        dialer d{.server = endpoint_of(server)};
        client_session session{settings_for(server, from(d))};
        d.before = [] {
            throw boost::system::system_error{asio::error::network_unreachable, "not shown"};
        };
        const auto system = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(system) == not_connected(asio::error::network_unreachable));
        CHECK(system.error().context().detail == "the connect hook");

        client_session other{settings_for(server, from(d))};
        d.before = [] { throw std::out_of_range{"no such server"}; };
        const auto outcome = other.attempt(other.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) == not_connected(errc::connect_hook_failed));
        CHECK(outcome.error().context().detail == "the connect hook threw: no such server");
        CHECK(outcome.error().kind() == "transport");

        d.before = nullptr;
        other.until(
            [&] { return other.attempt(other.images.view_image(fixture::portrait)).has_value(); });
    }

    TEST_CASE("connect hook: an exception before its coroutine starts, or a closed socket, is an "
              "error of the connection")
    {
        const cyclos::sandbox::server server;
        client_session throwing{settings_for(
            server, [](connect_target) -> asio::awaitable<connected_socket> { throw 1; })};
        CHECK(failure_of(throwing.attempt(throwing.images.view_image("1"))) ==
              not_connected(errc::connect_hook_failed));
        client_session closed{
            settings_for(server, [](connect_target) -> asio::awaitable<connected_socket> {
                const auto executor = co_await asio::this_coro::executor;
                co_return tcp::socket{executor};
            })};
        CHECK(failure_of(closed.attempt(closed.images.view_image("1"))) ==
              not_connected(asio::error::bad_descriptor));
    }

    TEST_CASE("connect hook: if it fails, all waiting requests fail at once, and new ones without "
              "another call")
    {
        const cyclos::sandbox::server server;
        dialer d{
            .before = [] { throw boost::system::system_error{asio::error::network_unreachable}; }};
        auto settings = settings_for(server, from(d));
        settings.pool.max_connections = 4;
        client_session session{settings};
        std::vector<std::future<cyclos::result<cyclos::image_view>>> views;
        for (int i = 0; i < 100; ++i) {
            views.push_back(session.start(as_result(session.images.view_image("1"))));
        }
        for (auto& each : views) {
            CHECK(failure_of(session.get(std::move(each))) ==
                  not_connected(asio::error::network_unreachable));
        }
        CHECK(d.targets.size() <= 4);
        CHECK(session.stats().waiting == 0);
    }

    TEST_CASE("connect hook: it is cancelled at the connect timeout")
    {
        const cyclos::sandbox::server server;
        sleeper s;
        auto settings = settings_for(server, from(s));
        settings.timeouts.connect = 100ms;
        client_session session{settings};
        const auto outcome = session.attempt(session.images.view_image("1"));
        CHECK(failure_of(outcome) == not_connected(errc::connect_timeout));
        CHECK(outcome.error().is_timeout());
        session.until([&] { return s.cancelled == 1; });
    }

    TEST_CASE("connect hook: if it ignores its cancellation it is left behind, and a socket that "
              "it returns later is closed")
    {
        const cyclos::sandbox::server server;
        asio::io_context elsewhere;
        sleeper s{.ignores_cancellation = true};
        tcp::acceptor acceptor{elsewhere, {asio::ip::address_v4::loopback(), 0}};
        auto settings = settings_for(server, from(s, &acceptor));
        settings.timeouts.connect = 100ms;
        client_session session{settings};
        const auto outcome = session.attempt(session.images.view_image("1"));
        CHECK(failure_of(outcome) == not_connected(errc::connect_timeout));
        CHECK(s.cancelled == 0);
        CHECK(session.stats().connecting == 0);
        s.sleep.lock()->cancel();
        session.until([&] { return s.cancelled == 1; });
        std::optional<cyclos::error_code> end;
        acceptor.async_accept([&](cyclos::error_code, tcp::socket accepted) {
            s.peer.emplace(std::move(accepted));
            static char byte = 0;
            s.peer->async_read_some(asio::buffer(&byte, 1),
                                    [&](cyclos::error_code ec, std::size_t) { end = ec; });
        });
        session.until([&] {
            elsewhere.poll();
            return end.has_value();
        });
        CHECK(*end == asio::error::eof);
    }

    TEST_CASE("connect hook: closing or destroying the client does not wait for it")
    {
        const cyclos::sandbox::server server;
        for (const bool ignores : {false, true}) {
            for (const bool by_close : {true, false}) {
                sleeper s{.ignores_cancellation = ignores};
                std::optional<client_session> session{std::in_place, settings_for(server, from(s))};
                auto view = session->start(as_result(session->images.view_image("1")));
                session->until([&] { return s.calls == 1; });
                const auto begin = std::chrono::steady_clock::now();
                if (by_close) {
                    session->run(session->client.close(0s));
                }
                else {
                    session->client =
                        cyclos::client{session->context(), cyclos::config{"https://localhost/api"}};
                }
                CHECK(session->get(std::move(view)).error().code() == errc::client_closed);
                CHECK(std::chrono::steady_clock::now() - begin < 5s);
                if (!ignores) {
                    session->until([&] { return s.cancelled == 1; });
                }
                session.reset();
            }
        }
    }

    TEST_CASE("connect hook: it continues if the request that it connects for is cancelled")
    {
        const cyclos::sandbox::server server;
        sleeper s;
        client_session session{settings_for(server, from(s))};
        asio::cancellation_signal signal;
        auto first =
            asio::co_spawn(session.client.get_executor(), as_result(session.images.view_image("1")),
                           asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        session.until([&] { return s.calls == 1; });
        signal.emit(asio::cancellation_type::terminal);
        CHECK(session.get(std::move(first)).error().code() == errc::cancelled);
        CHECK(s.cancelled == 0);
        CHECK(session.stats().connecting == 1);
    }
}
