//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Requests through a real CONNECT proxy.

#include "integration/support/child_process.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/temporary_directory.hpp"
#include "test_paths.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <sys/socket.h>

namespace {

using namespace cyclos::test;

/// A tinyproxy with the user "somebody" and the password "se-cret.1", for some ports only.
class tinyproxy
{
public:
    explicit tinyproxy(unsigned short allowed_port)
    {
        directory_.write("tinyproxy.conf", "Port " + std::to_string(port_.number()) +
                                               "\n"
                                               "Listen 127.0.0.1\n"
                                               "LogLevel Info\n"
                                               "MaxClients 50\n"
                                               "BasicAuth somebody se-cret.1\n"
                                               "ConnectPort " +
                                               std::to_string(allowed_port) + "\n");
        process_options options;
        options.command = {paths::tinyproxy, "-d", "-c", (directory_ / "tinyproxy.conf").string()};
        process_.emplace(options);
        process_->wait_for_text("Accepting connections");
    }

    adjustment through(const std::string& username, const std::string& password) const
    {
        return [=, port = std::to_string(port_.number())](cyclos::config& c) {
            // Loopback bypasses the proxy. This is loopback for the proxy, and an ordinary name for
            // the client.
            if (const auto at = c.base_url.find("localhost"); at != std::string::npos) {
                c.base_url.replace(at, 9, "127.1");
            }
            c.proxy.host = "localhost";
            c.proxy.port = port;
            c.proxy.username = username;
            c.proxy.password = password;
        };
    }

    void wait_for_log(std::string_view text) { process_->wait_for_text(text); }

private:
    temporary_directory directory_;
    reserved_port port_;
    std::optional<child_process> process_;
};

/// A proxy that responds to one CONNECT with the given bytes, and leaves the connection open.
class scripted_proxy
{
public:
    explicit scripted_proxy(std::string answer)
        : thread_([this, answer = std::move(answer)] { serve(answer); })
    {}

    scripted_proxy(const scripted_proxy&) = delete;
    scripted_proxy& operator=(const scripted_proxy&) = delete;

    ~scripted_proxy()
    {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

    std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

private:
    void serve(const std::string& answer)
    {
        boost::system::error_code ec;
        asio::ip::tcp::socket socket{context_};
        acceptor_.accept(socket, ec);
        std::string request;
        asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", ec);
        asio::write(socket, asio::buffer(answer), ec);
        asio::read_until(socket, asio::dynamic_buffer(request), "never said",
                         ec); // until the client closes
    }

    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::thread thread_;
};

/// The result of a request through a proxy with this response.
cyclos::result<cyclos::image_view> answered(std::string answer)
{
    const scripted_proxy proxy{std::move(answer)};
    cyclos::config settings{"https://cyclos.invalid/api", demo()};
    settings.proxy.host = "127.0.0.1";
    settings.proxy.port = proxy.port();
    client_session session{settings};
    return session.attempt(session.images.view_image("1"));
}

} // namespace

TEST_SUITE("CONNECT response of a proxy")
{
    TEST_CASE("CONNECT response of a proxy: a bare LF or input that is not HTTP fails at once")
    {
        for (const std::string text :
             {"HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\nVia: x\n", "SSH-2.0-x\r\n"}) {
            CAPTURE(text);
            const auto begin = std::chrono::steady_clock::now();
            CHECK(failure_of(answered(text)) ==
                  failure{errc::proxy_refused, phase::connecting, sent_state::none, 0});
            CHECK(std::chrono::steady_clock::now() - begin <
                  5s); // and not after the 10 s of timeouts.connect
        }
    }

    TEST_CASE(
        "CONNECT response of a proxy: its status line is in the message, truncated and printable")
    {
        const auto outcome = answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\x1b[31m\xff" +
                                      std::string(5000, 'x') + "\r\n\r\n");
        CHECK(failure_of(outcome) ==
              failure{errc::proxy_refused, phase::connecting, sent_state::none, 0});
        const std::string& detail = outcome.error().context().detail;
        CHECK(detail.find("HTTP/1.1 403 No?[31m?xxx") != std::string::npos);
        CHECK(detail.size() < 200);
    }
}

TEST_SUITE("proxy")
{
    TEST_CASE("proxy: requests use a tunnel, and TLS is with the server")
    {
        cyclos::sandbox::server server;
        tinyproxy proxy{server.port()};
        client_session session{config_for(server, demo(), proxy.through("somebody", "se-cret.1"))};
        const auto stored =
            session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(1'000'000)) == pattern(1'000'000));
        CHECK(session.stats().opened == 1);
        proxy.wait_for_log("CONNECT 127.1:" + std::to_string(server.port()));
        const auto seen = server.requests();
        CHECK(seen.front().tls_version == "TLSv1.3");
        CHECK(seen.front().server_name == "127.1");
        CHECK_FALSE(seen.front().header("Proxy-Authorization"));
    }

    TEST_CASE("proxy: loopback hosts bypass it")
    {
        const scripted_proxy proxy{"HTTP/1.1 403 Forbidden\r\n\r\n"};
        for (const bool tls : {true, false}) {
            cyclos::sandbox::server server{{.tls = tls}};
            for (const std::string host : {"localhost", "LOCALHOST", "127.0.0.1"}) {
                CAPTURE(host);
                auto settings = config_for(server, demo());
                settings.base_url.replace(settings.base_url.find("localhost"), 9, host);
                settings.proxy.host = "127.0.0.1";
                settings.proxy.port = proxy.port();
                client_session session{settings};
                CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            }
        }
    }

    TEST_CASE("proxy: a wrong password fails with proxy_refused")
    {
        cyclos::sandbox::server server;
        tinyproxy proxy{server.port()};
        for (const std::string password : {"wrong", ""}) {
            client_session session{config_for(
                server, demo(), proxy.through(password.empty() ? "" : "somebody", password))};
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(failure_of(outcome) ==
                  failure{errc::proxy_refused, phase::connecting, sent_state::none, 0});
            CHECK(outcome.error().context().detail.find(" 40") != std::string::npos); // 401 or 407
            CHECK(std::string{outcome.error().what()}.find("wrong") == std::string::npos);
        }
        CHECK(server.statistics().accepted == 0);
    }

    TEST_CASE("proxy: a port that it does not allow fails with proxy_refused")
    {
        cyclos::sandbox::server server;
        tinyproxy proxy{1};
        client_session session{config_for(server, demo(), proxy.through("somebody", "se-cret.1"))};
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) ==
              failure{errc::proxy_refused, phase::connecting, sent_state::none, 0});
        CHECK(outcome.error().context().detail.find("403") != std::string::npos);
    }

    TEST_CASE("proxy: an unreachable server fails with proxy_refused")
    {
        const reserved_port closed_port;
        tinyproxy proxy{closed_port.number()};
        cyclos::config settings{"https://127.1:" + std::to_string(closed_port.number()) + "/api",
                                demo()};
        proxy.through("somebody", "se-cret.1")(settings);
        client_session session{settings};
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) ==
              failure{errc::proxy_refused, phase::connecting, sent_state::none, 0});
    }
}
