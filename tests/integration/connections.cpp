//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Resolve overrides and the spreading of addresses, TCP keep-alive, warm_up() and
// close_idle_connections().

#include "integration/support/integration_test.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/silent_listener.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace {

using namespace cyclos::test;
using tcp = asio::ip::tcp;

/// Listens on several loopback addresses with the same port, and counts the connections.
class listeners
{
public:
    listeners(asio::io_context& context, const std::vector<std::string>& addresses)
    {
        for (const std::string& text : addresses) {
            const auto address = asio::ip::make_address(text);
            listener& added = listeners_.emplace_back(tcp::acceptor{context, {address, port_}});
            port_ = added.acceptor.local_endpoint().port();
            accept(added);
        }
    }

    std::string port() const { return std::to_string(port_); }

    std::vector<std::size_t> counts() const
    {
        std::vector<std::size_t> all;
        for (const listener& each : listeners_) {
            all.push_back(each.accepted.size());
        }
        return all;
    }

private:
    struct listener
    {
        tcp::acceptor acceptor;
        std::list<tcp::socket> accepted = {};
    };

    static void accept(listener& target)
    {
        target.acceptor.async_accept([&target](cyclos::error_code ec, tcp::socket socket) {
            if (!ec) {
                target.accepted.push_back(std::move(socket));
                accept(target);
            }
        });
    }

    std::list<listener> listeners_;
    unsigned short port_ = 0;
};

int tcp_option(int socket, int level, int name)
{
    int value = -1;
    ::socklen_t size = sizeof value;
    CHECK(::getsockopt(socket, level, name, &value, &size) == 0);
    return value;
}

failure not_warm(cyclos::error_code code, phase during)
{
    return {code, during, sent_state::none, 0};
}

} // namespace

TEST_SUITE("resolve overrides")
{
    TEST_CASE("resolve overrides: they replace the name look-up, and the certificate must still be "
              "for the name")
    {
        cyclos::sandbox::server server;
        const std::string port = std::to_string(server.port());
        auto settings = config_for(server, demo());
        settings.base_url = "https://Cyclos.invalid:" + port + "/api";
        settings.resolve = {{.host = "other.invalid", .port = port, .addresses = {"192.0.2.1"}},
                            {.host = "cyclos.INVALID",
                             .port = port,
                             // Nothing listens on the first one.
                             .addresses = {"127.0.0.2", "127.0.0.1"}}};
        {
            client_session session{settings};
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(failure_of(outcome) ==
                  failure{errc::host_name_mismatch, phase::handshaking, sent_state::none, 0});
        }
        settings.tls.verify = false;
        client_session session{settings};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(server.requests().back().server_name == "cyclos.invalid");
    }

    TEST_CASE(
        "resolve overrides: connections begin with each address in turn if spread_addresses is set")
    {
        for (const bool spread : {false, true}) {
            asio::io_context context;
            const listeners all{context, {"127.0.0.1", "127.0.0.2", "127.0.0.3"}};
            cyclos::config settings{"http://cyclos.invalid:" + all.port() + "/api"};
            settings.allow_plain_http = true;
            settings.pool.spread_addresses = spread;
            settings.resolve = {{.host = "cyclos.invalid",
                                 .port = all.port(),
                                 .addresses = {"127.0.0.1", "127.0.0.2", "127.0.0.3"}}};
            client_session session{settings};
            session.run(session.client.warm_up(6));
            const std::vector<std::size_t> expected =
                spread ? std::vector<std::size_t>{2, 2, 2} : std::vector<std::size_t>{6, 0, 0};
            session.until([&] {
                context.poll();
                return all.counts() == expected;
            });
        }
    }
}

TEST_SUITE("TCP keep-alive")
{
    TEST_CASE("TCP keep-alive: it is set on each connection if tcp_keep_alive is set")
    {
        for (const bool enabled : {false, true}) {
            const cyclos::sandbox::server server;
            int socket = -1;
            auto settings = config_for(server, demo());
            settings.connect =
                [&](cyclos::connect_target) -> asio::awaitable<cyclos::connected_socket> {
                tcp::socket opened{co_await asio::this_coro::executor};
                const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), server.port()};
                co_await opened.async_connect(endpoint, asio::use_awaitable);
                socket = opened.native_handle();
                co_return std::move(opened);
            };
            if (enabled) {
                settings.pool.tcp_keep_alive = 29'001ms;
            }
            client_session session{settings};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK((tcp_option(socket, SOL_SOCKET, SO_KEEPALIVE) != 0) == enabled);
            if (enabled) {
                CHECK(tcp_option(socket, IPPROTO_TCP, TCP_KEEPIDLE) == 30);
                CHECK(tcp_option(socket, IPPROTO_TCP, TCP_KEEPINTVL) == 30);
                CHECK(tcp_option(socket, IPPROTO_TCP, TCP_KEEPCNT) == 3);
            }
        }
    }
}

TEST_SUITE("warm_up()")
{
    TEST_CASE("warm_up(): it opens the requested number of connections, up to max_connections")
    {
        for (const std::size_t shards : {1U, 2U}) {
            sandbox_session session{{}, [&](cyclos::config& c) {
                                        c.shards = shards;
                                        c.pool.max_connections = 8;
                                    }};
            session.run(session.client.warm_up(0));
            CHECK(session.stats().opened == 0);
            session.run(session.client.warm_up(3));
            CHECK(session.stats().idle == 3);
            session.run(session.client.warm_up(3));
            CHECK(session.stats().opened == 3);
            session.run(session.client.warm_up(100));
            CHECK(session.stats().idle == 8);
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.stats().opened == 8);
        }
    }

    TEST_CASE("warm_up(): concurrent calls never wait for each other's connections without end")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.pool.max_connections = 4;
                                    c.timeouts.acquire = 0ms;
                                }};
        std::vector<std::future<void>> all;
        for (int n = 0; n < 5; ++n) {
            all.push_back(session.start(session.client.warm_up(4)));
        }
        auto view = session.start(session.images.view_image(fixture::portrait));
        for (auto& each : all) {
            session.get(std::move(each));
        }
        CHECK(session.get(std::move(view)).width == 64);
        CHECK(session.stats().opened == 4);
    }

    TEST_CASE("warm_up(): it fails with the reason if a connection cannot be opened")
    {
        const reserved_port unused;
        client_session session{
            cyclos::config{"http://127.0.0.1:" + std::to_string(unused.number()) + "/api"}};
        const auto outcome = session.attempt(session.client.warm_up(3));
        CHECK(failure_of(outcome) == not_warm(asio::error::connection_refused, phase::connecting));
        CHECK(outcome.error().operation() == "warm_up");
    }

    TEST_CASE("warm_up(): it ends on cancellation, when the client is closed, and at the handshake "
              "timeout")
    {
        const silent_listener listener;
        cyclos::config settings{listener.url()};
        client_session session{settings};
        asio::cancellation_signal signal;
        auto first =
            asio::co_spawn(session.client.get_executor(), as_result(session.client.warm_up(2)),
                           asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        auto second = session.start(as_result(session.client.warm_up(2)));
        session.until([&] { return session.stats().connecting == 2; });
        signal.emit(asio::cancellation_type::terminal);
        CHECK(failure_of(session.get(std::move(first))) ==
              not_warm(errc::cancelled, phase::acquiring));
        auto third = session.start(as_result(session.client.warm_up(2)));
        session.run(session.client.close(0s));
        CHECK(session.get(std::move(second)).error().code() == errc::client_closed);
        CHECK(session.get(std::move(third)).error().code() == errc::client_closed);

        settings.timeouts.handshake = 200ms;
        client_session with_timeout{settings};
        const auto outcome = with_timeout.attempt(with_timeout.client.warm_up(2));
        CHECK(failure_of(outcome) == not_warm(errc::handshake_timeout, phase::handshaking));
    }
}

TEST_SUITE("close_idle_connections()")
{
    TEST_CASE("close_idle_connections(): it closes the idle connections, but none that is in use")
    {
        std::vector<cyclos::close_reason> reasons;
        sandbox_session session{{}, [&](cyclos::config& c) {
                                    c.on_event = [&](const cyclos::client_event& event) {
                                        if (const auto* closed =
                                                std::get_if<cyclos::events::closed>(&event)) {
                                            reasons.push_back(closed->reason);
                                        }
                                    };
                                }};
        session.client.close_idle_connections(); // none exists yet
        session.run(session.client.warm_up(3));
        auto content = session.run(session.images.get_image_content(fixture::portrait));
        session.client.close_idle_connections();
        session.until([&] { return session.stats().idle == 0; });
        CHECK(session.stats().in_use == 1);
        CHECK_FALSE(session.run(content.read_all(1'000'000)).empty());
        CHECK(session.stats().idle == 1);
        CHECK(reasons == std::vector<cyclos::close_reason>(2, cyclos::close_reason::requested));
        CHECK(session.stats().evicted == 2);
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.stats().opened == 3);
    }

    TEST_CASE("close_idle_connections(): as many as min_connections are opened again")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.min_connections = 2; }};
        session.until([&] { return session.stats().idle == 2; });
        session.client.close_idle_connections();
        session.until([&] { return session.stats().opened == 4 && session.stats().idle == 2; });
    }
}
