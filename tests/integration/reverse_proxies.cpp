//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// TLS, framing and connection handling with real reverse proxies in front of the embedded server,
// as they are in front of Cyclos.

#include "integration/support/await.hpp"
#include "integration/support/child_process.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/nginx.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/temporary_directory.hpp"
#include "test_paths.hpp"

#include <cyclos/sandbox/certificates.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace {

using namespace cyclos::test;

/// What a reverse proxy needs to serve: a certificate, and the port of its backend.
struct proxy_settings
{
    std::string certificate = {};
    std::string private_key = {};
    unsigned short backend = 0;
    std::string directives = {}; ///< More of the configuration of the frontend.
    std::filesystem::path root = {};
};

class nginx_proxy
{
public:
    static constexpr std::string_view idle_100_ms = "keepalive_timeout 100ms;";
    static constexpr std::string_view idle_5_ms = "keepalive_timeout 5ms;";

    explicit nginx_proxy(const proxy_settings& settings)
        : nginx_(
              nginx_options{.certificate = settings.certificate,
                            .private_key = settings.private_key,
                            .upstream = settings.root.empty()
                                            ? "http://127.0.0.1:" + std::to_string(settings.backend)
                                            : std::string{},
                            .root = settings.root,
                            .directives = settings.directives})
    {}

    std::string url() const { return nginx_.url(); }
    void stop() { nginx_.stop(); }

private:
    nginx nginx_;
};

class haproxy_proxy
{
public:
    static constexpr std::string_view idle_100_ms = "    timeout http-keep-alive 100ms\n";
    static constexpr std::string_view idle_5_ms = "    timeout http-keep-alive 5ms\n";

    explicit haproxy_proxy(const proxy_settings& settings)
    {
        directory_.write("certificate.pem", settings.certificate + settings.private_key);
        directory_.write("haproxy.cfg", "defaults\n"
                                        "    mode http\n"
                                        "    timeout connect 10s\n"
                                        "    timeout client 60s\n"
                                        "    timeout server 60s\n"
                                        "frontend proxy\n"
                                        "    bind 127.0.0.1:" +
                                            std::to_string(port_.number()) + " ssl crt " +
                                            (directory_ / "certificate.pem").string() + "\n" +
                                            settings.directives +
                                            "    default_backend server\n"
                                            "backend server\n"
                                            "    server only 127.0.0.1:" +
                                            std::to_string(settings.backend) + "\n");
        process_options options;
        options.command = {paths::haproxy, "-db", "-f", (directory_ / "haproxy.cfg").string()};
        process_.emplace(options);
        // It does not report that it is ready.
        await("haproxy accepts no connections", [this] {
            asio::io_context context;
            asio::ip::tcp::socket probe{context};
            boost::system::error_code ec;
            probe.connect({asio::ip::address_v4::loopback(), port_.number()}, ec);
            return !ec;
        });
    }

    std::string url() const { return "https://127.0.0.1:" + std::to_string(port_.number()); }
    void stop() { process_.reset(); }

private:
    temporary_directory directory_;
    reserved_port port_;
    std::optional<child_process> process_;
};

/// The embedded server behind a reverse proxy.
template <class Proxy>
struct proxied_server
{
    explicit proxied_server(std::string_view directives = {}, bool static_files = false)
        : server({.tls = false})
    {
        const cyclos::sandbox::authority authority;
        const auto pem = authority.issue_server();
        ca_pem = authority.ca_pem();
        proxy.emplace(
            proxy_settings{.certificate = pem.certificate,
                           .private_key = pem.key,
                           .backend = server.port(),
                           .directives = std::string{directives},
                           .root = static_files ? files.path() : std::filesystem::path{}});
    }

    cyclos::config config() const
    {
        cyclos::config settings{proxy->url() + "/api", demo()};
        settings.tls.use_system_ca = false;
        settings.tls.ca_pem = ca_pem;
        return settings;
    }

    temporary_directory files;
    cyclos::sandbox::server server;
    std::string ca_pem;
    std::optional<Proxy> proxy;
};

/// A client of the embedded server through a reverse proxy.
template <class Proxy>
class proxy_session : private proxied_server<Proxy>, public client_session
{
public:
    explicit proxy_session(std::string_view directives = {}, bool static_files = false)
        : proxied_server<Proxy>(directives, static_files)
        , client_session(proxied_server<Proxy>::config())
    {}

    using proxied_server<Proxy>::files;
    using proxied_server<Proxy>::proxy;
    using proxied_server<Proxy>::server;

    void view() { CHECK(run(images.view_image(fixture::portrait)).width == 64); }

    void wait(std::chrono::microseconds time)
    {
        const auto end = std::chrono::steady_clock::now() + time;
        until([&] { return std::chrono::steady_clock::now() > end; });
    }
};

using nginx_session = proxy_session<nginx_proxy>;
using haproxy_session = proxy_session<haproxy_proxy>;

} // namespace

TYPE_TO_STRING_AS("nginx", nginx_proxy);
TYPE_TO_STRING_AS("haproxy", haproxy_proxy);

TEST_SUITE("reverse proxy")
{
    TEST_CASE_TEMPLATE("reverse proxy: one connection serves consecutive uploads and downloads",
                       Proxy, nginx_proxy, haproxy_proxy)
    {
        proxy_session<Proxy> session;
        for (int i = 0; i < 10; ++i) {
            session.view();
        }
        const auto stored =
            session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(1'000'000)) == pattern(1'000'000));
        session.run(session.images.delete_image(stored.id));
        const auto outcome = session.attempt(session.images.view_image(stored.id));
        CHECK(outcome.template as<cyclos::not_found>() != nullptr);
        CHECK(session.stats().opened == 1);
    }

    TEST_CASE_TEMPLATE("reverse proxy: an idle connection that it closes is removed at once", Proxy,
                       nginx_proxy, haproxy_proxy)
    {
        proxy_session<Proxy> session{Proxy::idle_100_ms};
        for (int i = 0; i < 3; ++i) {
            session.view();
            session.until([&] { return session.stats().idle == 0; });
        }
        CHECK(session.stats().opened == 3);
        CHECK(session.stats().evicted == 3);
        // In TLS 1.3 each of those resumes the session of the one before.
        CHECK(session.stats().resumed == 2);
    }

    TEST_CASE_TEMPLATE("reverse proxy: session tickets keep the connection open", Proxy,
                       nginx_proxy, haproxy_proxy)
    {
        proxy_session<Proxy> session;
        for (int i = 0; i < 5; ++i) {
            session.view();
            session.wait(20ms);
        }
        CHECK(session.stats().opened == 1);
        CHECK(session.stats().evicted == 0);
    }

    TEST_CASE_TEMPLATE(
        "reverse proxy: no request fails while it closes idle connections at any moment", Proxy,
        nginx_proxy, haproxy_proxy)
    {
        proxy_session<Proxy> session{Proxy::idle_5_ms};
        for (int i = 0; i < 100; ++i) {
            session.wait(std::chrono::microseconds{i * 100});
            session.view();
        }
    }

    TEST_CASE_TEMPLATE("reverse proxy: an unreachable backend gives an HTML page with status 5xx",
                       Proxy, nginx_proxy, haproxy_proxy)
    {
        for (const bool at_connect : {false, true}) {
            CAPTURE(at_connect);
            proxy_session<Proxy> session;
            if (at_connect) {
                session.server.pause_accepting(true);
                session.server.close_all();
                session.server.misbehave_on_connect({.before_handshake = ending::reset});
                session.server.pause_accepting(false);
            }
            else {
                session.server.close_all();
                session.server.misbehave({.instead = ending::reset});
            }
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            const auto* const error = outcome.template as<cyclos::api_error>();
            REQUIRE(error);
            CHECK(error->status() / 100 == 5);
            CHECK((error->status() == 502 || !std::is_same_v<Proxy, nginx_proxy>));
            CHECK(error->body().find("<html>") != std::string::npos);
            session.server.clear_misbehaviours();
            session.view();
        }
    }

    TEST_CASE_TEMPLATE("reverse proxy: after it has stopped, requests fail with nothing sent",
                       Proxy, nginx_proxy, haproxy_proxy)
    {
        proxy_session<Proxy> session;
        session.view();
        session.proxy->stop();
        session.until([&] { return session.stats().idle == 0; });
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(outcome.error().kind() == "transport");
        CHECK(outcome.error().sent() == sent_state::none);
    }
}

TEST_SUITE("nginx")
{
    TEST_CASE("nginx: uploads of unknown length arrive unchanged over one connection")
    {
        nginx_session session{"client_max_body_size 0; proxy_request_buffering off;"};
        for (const std::size_t size : {0U, 1U, 131'072U, 3'000'000U}) {
            pattern_source source{size};
            source.announced_length.reset();
            const auto stored = session.run(session.images.upload_temp_image(std::move(source)));
            CHECK(session.server.store().find_image(stored.id)->sha256 == sha256(pattern(size)));
        }
        CHECK(session.stats().opened == 1);
    }

    TEST_CASE("nginx: chunked contents are read over one connection")
    {
        nginx_session session;
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(1'000'000)});
        session.server.misbehave({.target = "content", .framing = framing::chunked});
        for (int i = 0; i < 3; ++i) {
            auto content = session.run(session.images.get_image_content("1"));
            CHECK_FALSE(content.content_length());
            CHECK(session.run(content.read_all(1'000'000)) == pattern(1'000'000));
        }
        CHECK(session.stats().opened == 1);
    }

    TEST_CASE("nginx: static files are read over one connection")
    {
        nginx_session session{{}, true};
        std::filesystem::create_directories(session.files / "api" / "images" / "content");
        session.files.write("api/images/content/key.png", pattern(5'000'000));
        for (int i = 0; i < 2; ++i) {
            auto content = session.run(session.images.get_image_content("key.png"));
            CHECK(content.content_type() == "image/png");
            CHECK(content.content_length() == 5'000'000);
            CHECK(content.headers()["server"].starts_with("nginx"));
            CHECK(session.run(content.read_all(5'000'000)) == pattern(5'000'000));
        }
        CHECK(session.stats().opened == 1);
    }

    TEST_CASE("nginx: with keepalive_timeout 0 each request has its own connection")
    {
        nginx_session session{"keepalive_timeout 0;"};
        for (int i = 0; i < 3; ++i) {
            session.view();
            CHECK(session.stats().idle == 0);
        }
        CHECK(session.stats().opened == 3);
    }

    TEST_CASE("nginx: with keepalive_requests 2 each connection serves two requests")
    {
        nginx_session session{"keepalive_requests 2;"};
        for (int i = 0; i < 6; ++i) {
            session.view();
        }
        CHECK(session.stats().opened == 3);
    }

    TEST_CASE("nginx: a connection with unsolicited data, even a whole response, is closed at once")
    {
        const cyclos::sandbox::authority authority;
        const auto pem = authority.issue_server();
        const nginx proxy{
            {.certificate = pem.certificate,
             .private_key = pem.key,
             .unsolicited = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                            "12\r\n\r\n{\"width\":64}"}};
        cyclos::config settings{proxy.url() + "/api", demo()};
        settings.tls.use_system_ca = false;
        settings.tls.ca_pem = authority.ca_pem();
        settings.pool.min_connections = 1;
        std::vector<std::string> reasons;
        settings.on_event = [&](const cyclos::client_event& event) {
            if (const auto* closed = std::get_if<cyclos::events::closed>(&event)) {
                reasons.emplace_back(to_string(closed->reason));
            }
        };
        client_session session{settings};
        session.until([&] { return session.stats().evicted == 3; });
        CHECK(reasons == std::vector<std::string>(3, "peer"));
    }

    TEST_CASE("nginx: a connection is closed before its announced keep-alive timeout")
    {
        nginx_session session{"keepalive_timeout 60s 1s;"};
        session.view();
        session.view();
        CHECK(session.stats().opened == 1);
        session.until([&] { return session.stats().evicted == 1; }); // and not after 60 s
        session.view();
        CHECK(session.stats().opened == 2);
    }

    TEST_CASE("nginx: an upload that is too large fails with its 413 page, and stores nothing")
    {
        nginx_session session{"client_max_body_size 10k;"};
        for (const bool known : {true, false}) {
            for (const std::uint64_t size : {20'000U, 5'000'000U, 50'000'000U}) {
                CAPTURE(known);
                CAPTURE(size);
                pattern_source source{size};
                if (!known) {
                    source.announced_length.reset();
                }
                const auto outcome =
                    session.attempt(session.images.upload_temp_image(std::move(source)));
                REQUIRE(outcome.as<cyclos::api_error>());
                const auto& e = *outcome.as<cyclos::api_error>();
                CHECK(e.status() == 413);
                CHECK(e.content_type() == "text/html");
                CHECK(e.body().find("413 Request Entity Too Large") != std::string::npos);
                CHECK(e.kind() == "api");
                session.view();
            }
        }
        CHECK(session.server.store().temp_images().empty());
    }
}

TEST_SUITE("haproxy")
{
    TEST_CASE("haproxy: an idle connection that it resets is removed at once")
    {
        haproxy_session session{"    timeout http-keep-alive 100ms\n    option nolinger\n"};
        for (int i = 0; i < 3; ++i) {
            session.view();
            session.until([&] { return session.stats().idle == 0; });
        }
        CHECK(session.stats().evicted == 3);
    }

    TEST_CASE("haproxy: an unsolicited 408 on a connection opened in advance fails no request")
    {
        const proxied_server<haproxy_proxy> server{"    timeout http-request 200ms\n"};
        auto settings = server.config();
        settings.pool.min_connections = 1;
        client_session session{settings};
        session.until([&] { return session.stats().idle == 1; });
        session.until([&] { return session.stats().evicted >= 1; });
        for (int i = 0; i < 5; ++i) {
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        }
    }
}
