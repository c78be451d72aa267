//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// SOCKS5 proxies and HTTPS proxies: minimal ones of this test, which connect each tunnel to the
// server.

#include "integration/support/freed_memory.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/relay.hpp"
#include "integration/support/silent_listener.hpp"

#include <cyclos/sandbox/certificates.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::proxy_kind;
using tcp = asio::ip::tcp;

constexpr std::string_view long_password = "a long password of a proxy";

/// How a proxy behaves.
struct behaviour
{
    std::optional<cyclos::sandbox::credentials_pem> tls = {};
    bool authenticates = false;           ///< SOCKS5: "somebody" with the long password.
    bool bytewise = false;                ///< Sends its replies byte by byte.
    std::size_t silent_from = 1000;       ///< The number of the reply that it does not send.
    bool closes_instead = false;          ///< It closes the connection instead.
    unsigned char reply = 0;              ///< SOCKS5: the code of the reply to CONNECT.
    std::string extra = {};               ///< Sent after the last reply.
    std::string status = "200 Connected"; ///< HTTP.
};

/// A proxy on a thread of its own.
class tunnel_proxy
{
public:
    tunnel_proxy(proxy_kind kind, unsigned short server, behaviour planned = {})
        : kind_(kind)
        , behaviour_(std::move(planned))
        , server_(asio::ip::address_v4::loopback(), server)
    {
        if (behaviour_.tls) {
            tls_.use_certificate_chain(asio::buffer(behaviour_.tls->certificate));
            tls_.use_private_key(asio::buffer(behaviour_.tls->key), asio::ssl::context::pem);
        }
        asio::co_spawn(context_, accept(), asio::detached);
        thread_ = std::thread{[this] { context_.run(); }};
    }

    tunnel_proxy(const tunnel_proxy&) = delete;
    tunnel_proxy& operator=(const tunnel_proxy&) = delete;

    ~tunnel_proxy()
    {
        context_.stop();
        thread_.join();
    }

    /// Configures a client to use it.
    adjustment through() const
    {
        return [this](cyclos::config& c) {
            // The client bypasses the proxy for loopback, but does not recognise this name.
            if (const auto at = c.base_url.find("localhost"); at != std::string::npos) {
                c.base_url.replace(at, 9, "127.1");
            }
            c.proxy.kind = kind_;
            c.proxy.host = "localhost";
            c.proxy.port = std::to_string(acceptor_.local_endpoint().port());
            if (behaviour_.authenticates) {
                c.proxy.username = "somebody";
                c.proxy.password = long_password;
            }
        };
    }

    /// The requests of clients, one for each tunnel.
    std::vector<std::string> requests() const
    {
        const std::lock_guard lock{mutex_};
        return requests_;
    }

private:
    asio::awaitable<void> accept()
    {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            socket.set_option(tcp::no_delay{true});
            if (behaviour_.tls) {
                using stream = asio::ssl::stream<tcp::socket>;
                auto secured = std::make_shared<stream>(std::move(socket), tls_);
                asio::co_spawn(context_, serve_tls(std::move(secured)), asio::detached);
            }
            else {
                auto plain = std::make_shared<tcp::socket>(std::move(socket));
                asio::co_spawn(context_, serve(std::move(plain)), asio::detached);
            }
        }
    }

    asio::awaitable<void> serve_tls(std::shared_ptr<asio::ssl::stream<tcp::socket>> client)
    {
        co_await client->async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
        co_await serve(std::move(client));
    }

    template <class Stream>
    asio::awaitable<void> serve(std::shared_ptr<Stream> client)
    {
        std::size_t replies = 0;
        if (kind_ == proxy_kind::socks5) {
            co_await negotiate_socks(*client, replies);
        }
        else {
            std::string request;
            co_await asio::async_read_until(*client, asio::dynamic_buffer(request), "\r\n\r\n",
                                            asio::use_awaitable);
            record(request);
            const std::string reply =
                "HTTP/1.1 " + behaviour_.status + "\r\n\r\n" + behaviour_.extra;
            co_await send(*client, reply, replies);
        }
        const auto onward = std::make_shared<tcp::socket>(context_);
        co_await onward->async_connect(server_, asio::use_awaitable);
        asio::co_spawn(context_, relay(client, onward), asio::detached);
        co_await relay(onward, client);
    }

    template <class Stream>
    asio::awaitable<void> negotiate_socks(Stream& client, std::size_t& replies)
    {
        std::string text = co_await receive(client, 2);
        text += co_await receive(client, static_cast<unsigned char>(text[1]));
        const char method = behaviour_.authenticates ? '\2' : '\0';
        const std::string chosen{'\5', method};
        co_await send(client, chosen, replies);
        if (behaviour_.authenticates) {
            std::string user = co_await receive(client, 2);
            user += co_await receive(client, static_cast<unsigned char>(user[1]));
            std::string password = co_await receive(client, 1);
            password = co_await receive(client, static_cast<unsigned char>(password[0]));
            const bool right = user.substr(2) == "somebody" && password == long_password;
            const std::string verdict{'\1', right ? '\0' : '\1'};
            co_await send(client, verdict, replies);
        }
        std::string request = co_await receive(client, 5);
        request += co_await receive(client, static_cast<unsigned char>(request[4]) + 2U);
        record(request.substr(5, request.size() - 7));
        std::string reply{
            '\5', static_cast<char>(behaviour_.reply), '\0', '\1', '\0', '\0', '\0', '\0', '\0',
            '\0'};
        reply += behaviour_.extra;
        co_await send(client, reply, replies);
    }

    template <class Stream>
    static asio::awaitable<std::string> receive(Stream& client, std::size_t size)
    {
        std::string text(size, '\0');
        co_await asio::async_read(client, asio::buffer(text), asio::use_awaitable);
        co_return text;
    }

    template <class Stream>
    asio::awaitable<void> send(Stream& client, std::string_view text, std::size_t& replies)
    {
        if (replies++ == behaviour_.silent_from) {
            if (!behaviour_.closes_instead) {
                co_await receive(client, 10'000); // until the client closes the connection
            }
            client.lowest_layer().close();
            co_return;
        }
        const std::size_t piece = behaviour_.bytewise ? 1 : text.size();
        for (; !text.empty(); text.remove_prefix(piece)) {
            co_await asio::async_write(client, asio::buffer(text.substr(0, piece)),
                                       asio::use_awaitable);
        }
    }

    void record(std::string text)
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back(std::move(text));
    }

    proxy_kind kind_;
    behaviour behaviour_;
    tcp::endpoint server_;
    asio::io_context context_;
    asio::ssl::context tls_{asio::ssl::context::tls_server};
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

/// Uploads and downloads through the proxy more than the buffers hold.
void check_transfers(client_session& session)
{
    const auto stored = session.run(session.images.upload_temp_image(pattern_source{2'000'000}));
    auto content = session.run(session.images.get_image_content(stored.id));
    CHECK(session.run(content.read_all(2'000'000)) == pattern(2'000'000));
    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    CHECK(session.stats().opened == 1);
    CHECK(session.stats().idle == 1);
}

cyclos::result<cyclos::image_view> outcome_of(const cyclos::sandbox::server& server,
                                              const adjustment& adjust)
{
    client_session session{config_for(server, demo(), adjust)};
    return session.attempt(session.images.view_image(fixture::portrait));
}

adjustment both(const adjustment& first, const adjustment& second)
{
    return [=](cyclos::config& c) {
        first(c);
        second(c);
    };
}

const failure proxy_refused{errc::proxy_refused, phase::connecting, sent_state::none, 0};

} // namespace

TEST_SUITE("SOCKS5 proxy")
{
    TEST_CASE("SOCKS5 proxy: it resolves the host name, and the TLS session is with the server")
    {
        for (const bool authenticates : {false, true}) {
            for (const bool bytewise : {false, true}) {
                cyclos::sandbox::server server{{.replace_with_pattern = true}};
                const tunnel_proxy proxy{proxy_kind::socks5,
                                         server.port(),
                                         {.authenticates = authenticates, .bytewise = bytewise}};
                client_session session{config_for(server, demo(), proxy.through())};
                check_transfers(session);
                CHECK(proxy.requests() == std::vector<std::string>{"127.1"});
                CHECK(server.requests().front().server_name == "127.1");
            }
        }
    }

    TEST_CASE("SOCKS5 proxy: a wrong or missing password is proxy_refused")
    {
        const cyclos::sandbox::server server;
        const tunnel_proxy proxy{proxy_kind::socks5, server.port(), {.authenticates = true}};
        const auto wrong =
            outcome_of(server, both(proxy.through(), [](auto& c) { c.proxy.password = "wrong"; }));
        CHECK(failure_of(wrong) == proxy_refused);
        CHECK(wrong.error().context().detail == "the proxy rejected the user name or the password");
        const auto missing =
            outcome_of(server, both(proxy.through(), [](auto& c) { c.proxy.username.clear(); }));
        CHECK(failure_of(missing) == proxy_refused);
        CHECK(server.statistics().accepted == 0);
    }

    TEST_CASE("SOCKS5 proxy: its error code is in the error")
    {
        const cyclos::sandbox::server server;
        const tunnel_proxy proxy{proxy_kind::socks5, server.port(), {.reply = 4}};
        const auto outcome = outcome_of(server, proxy.through());
        CHECK(failure_of(outcome) == proxy_refused);
        CHECK(outcome.error().context().detail == "the proxy said: the host is unreachable");
    }

    TEST_CASE("SOCKS5 proxy: unsolicited bytes after its reply are proxy_refused")
    {
        const cyclos::sandbox::server server;
        const tunnel_proxy proxy{proxy_kind::socks5, server.port(), {.extra = "HTTP/1.1 200 OK"}};
        CHECK(failure_of(outcome_of(server, proxy.through())) == proxy_refused);
    }

    TEST_CASE("SOCKS5 proxy: if it stops responding, at any step, the connect timeout applies")
    {
        const cyclos::sandbox::server server;
        for (const std::size_t reply : {0U, 1U, 2U}) {
            const tunnel_proxy proxy{
                proxy_kind::socks5, server.port(), {.authenticates = true, .silent_from = reply}};
            const auto outcome = outcome_of(server, both(proxy.through(), [](cyclos::config& c) {
                                                c.timeouts.connect = 200ms;
                                            }));
            CHECK(failure_of(outcome) ==
                  failure{errc::connect_timeout, phase::connecting, sent_state::none, 0});
        }
    }

    TEST_CASE("SOCKS5 proxy: if it closes the connection, at any step, the request fails at once")
    {
        const cyclos::sandbox::server server;
        for (const std::size_t reply : {0U, 1U, 2U}) {
            const tunnel_proxy proxy{
                proxy_kind::socks5,
                server.port(),
                {.authenticates = true, .silent_from = reply, .closes_instead = true}};
            const auto outcome = outcome_of(server, proxy.through());
            CHECK(outcome.error().phase() == phase::connecting);
            CHECK(outcome.error().sent() == sent_state::none);
            CHECK_FALSE(outcome.error().is_timeout());
        }
    }

    TEST_CASE("SOCKS5 proxy: its password is not left on the heap")
    {
        if (!freed_memory::available) {
            return;
        }
        const cyclos::sandbox::server server;
        const tunnel_proxy proxy{proxy_kind::socks5, server.port(), {.authenticates = true}};
        const freed_memory heap{{long_password}};
        CHECK(outcome_of(server, proxy.through()).has_value());
        CHECK(heap.blocks() > 100);
        CHECK(heap.found() == 0);
    }
}

TEST_SUITE("HTTPS proxy")
{
    TEST_CASE("HTTPS proxy: the tunnel runs inside the TLS connection to the proxy")
    {
        const cyclos::sandbox::authority authority;
        for (const bool tls : {true, false}) {
            cyclos::sandbox::server server{{.tls = tls, .replace_with_pattern = true}};
            const tunnel_proxy proxy{
                proxy_kind::https, server.port(), {.tls = authority.issue_server()}};
            client_session session{
                config_for(server, demo(), both(proxy.through(), [&](cyclos::config& c) {
                               c.tls.ca_pem = authority.ca_pem();
                               c.allow_plain_http = true;
                           }))};
            check_transfers(session);
            REQUIRE(proxy.requests().size() == 1);
            CHECK(proxy.requests().front().starts_with(
                "CONNECT 127.1:" + std::to_string(server.port()) + " HTTP/1.1\r\n"));
            server.close_idle();
            session.until([&] { return session.stats().idle == 0; });
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.stats().resumed == (tls ? 1 : 0));
        }
    }

    TEST_CASE("HTTPS proxy: its certificate must be for its name, and of a trusted authority")
    {
        const cyclos::sandbox::authority authority;
        const cyclos::sandbox::server server;
        const tunnel_proxy elsewhere{
            proxy_kind::https,
            server.port(),
            {.tls = authority.issue_server(cyclos::sandbox::certificate::wrong_host)}};
        const auto trusting = [&](cyclos::config& c) { c.tls.ca_pem = authority.ca_pem(); };
        const auto mismatch = outcome_of(server, both(elsewhere.through(), trusting));
        CHECK(failure_of(mismatch) ==
              failure{errc::host_name_mismatch, phase::handshaking, sent_state::none, 0});
        CHECK(mismatch.error().context().detail.starts_with("with the proxy"));

        const tunnel_proxy proxy{
            proxy_kind::https, server.port(), {.tls = authority.issue_server()}};
        const auto unknown = outcome_of(server, proxy.through());
        CHECK(unknown.error().phase() == phase::handshaking);
        CHECK(unknown.error().code().category() == asio::error::get_ssl_category());
        CHECK(elsewhere.requests().empty());
        CHECK(proxy.requests().empty());
        CHECK(server.statistics().accepted == 0);
        // set_tls() also applies to the proxy.
        client_session session{config_for(server, demo(), proxy.through())};
        session.client.set_tls(config_for(server, demo(), trusting).tls);
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("HTTPS proxy: the pins are for the key of the server, not for that of the proxy")
    {
        const cyclos::sandbox::authority authority;
        const cyclos::sandbox::server server;
        const tunnel_proxy proxy{
            proxy_kind::https, server.port(), {.tls = authority.issue_server()}};
        std::string pin = "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=";
        const auto pinning = [&](cyclos::config& c) {
            c.tls.ca_pem = authority.ca_pem();
            c.tls.pinned_public_keys = {pin};
        };
        const auto mismatch = outcome_of(server, both(proxy.through(), pinning));
        CHECK(mismatch.error().code() == cyclos::errc::public_key_mismatch);
        const std::string detail = mismatch.error().context().detail;
        CHECK_FALSE(detail.starts_with("with the proxy"));
        const auto actual = detail.find("sha256//");
        REQUIRE(actual != std::string::npos);
        pin = detail.substr(actual, pin.size());
        CHECK(outcome_of(server, both(proxy.through(), pinning)));
    }

    TEST_CASE("HTTPS proxy: its status line is in the error if it refuses the tunnel")
    {
        const cyclos::sandbox::authority authority;
        const cyclos::sandbox::server server;
        const tunnel_proxy proxy{proxy_kind::https,
                                 server.port(),
                                 {.tls = authority.issue_server(), .status = "403 Forbidden"}};
        const auto outcome = outcome_of(server, both(proxy.through(), [&](cyclos::config& c) {
                                            c.tls.ca_pem = authority.ca_pem();
                                        }));
        CHECK(failure_of(outcome) == proxy_refused);
        CHECK(outcome.error().context().detail == "the proxy said: HTTP/1.1 403 Forbidden");
    }

    TEST_CASE("HTTPS proxy: if it stops responding, the connect or the handshake timeout applies")
    {
        const cyclos::sandbox::authority authority;
        const cyclos::sandbox::server server;
        const tunnel_proxy proxy{
            proxy_kind::https, server.port(), {.tls = authority.issue_server(), .silent_from = 0}};
        const auto tunnel = outcome_of(server, both(proxy.through(), [&](cyclos::config& c) {
                                           c.tls.ca_pem = authority.ca_pem();
                                           c.timeouts.connect = 500ms;
                                       }));
        CHECK(failure_of(tunnel) ==
              failure{errc::connect_timeout, phase::connecting, sent_state::none, 0});

        const silent_listener listener;
        const auto handshake = outcome_of(server, both(proxy.through(), [&](cyclos::config& c) {
                                              c.proxy.port = std::to_string(listener.port());
                                              c.timeouts.handshake = 200ms;
                                          }));
        CHECK(failure_of(handshake) ==
              failure{errc::handshake_timeout, phase::handshaking, sent_state::none, 0});
    }
}
