//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// TLS and framing against a real nginx, which stands before the embedded server as
// it does before Cyclos.

#include "integration/support/nginx.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/sandbox_session.hpp"
#include "integration/support/temporary_directory.hpp"

#include <cyclos/images.hpp>
#include <cyclos/sandbox/certificates.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::sent_state;

/// An embedded server behind nginx.
class upstream
{
public:
    explicit upstream(const std::string& directives = {}, bool static_files = false)
        : server({.tls = false})
    {
        const cyclos::sandbox::authority authority;
        const auto pem = authority.issue_server();
        ca_pem = authority.ca_pem();
        nginx_options options;
        options.certificate = pem.certificate;
        options.private_key = pem.key;
        options.directives = directives;
        if (static_files) {
            options.root = files.path();
        }
        else {
            options.upstream = "http://127.0.0.1:" + std::to_string(server.port());
        }
        front.emplace(options);
    }

    cyclos::config config() const
    {
        cyclos::config settings{front->url() + "/api", demo()};
        settings.tls.use_system_ca = false;
        settings.tls.ca_pem = ca_pem;
        return settings;
    }

    temporary_directory files;
    cyclos::sandbox::server server;
    std::string ca_pem;
    std::optional<nginx> front;
};

class nginx_session : private upstream, public client_session
{
public:
    explicit nginx_session(const std::string& directives = {}, bool static_files = false)
        : upstream(directives, static_files)
        , client_session(upstream::config())
    {}

    using upstream::files;
    using upstream::front;
    using upstream::server;

    void view() { CHECK(run(images.view_image(fixture::portrait)).width == 64); }
};

} // namespace

TEST_SUITE("behind nginx")
{
    TEST_CASE("one connection serves request after request")
    {
        nginx_session session;
        for (int i = 0; i < 10; ++i) {
            session.view();
        }
        const auto stored =
            session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(1'000'000)) == pattern(1'000'000));
        session.run(session.images.delete_image(stored.id));
        CHECK(session.attempt(session.images.view_image(stored.id)).as<cyclos::not_found>() !=
              nullptr);
        CHECK(session.stats().opened == 1);
    }

    TEST_CASE("uploads of unknown length")
    {
        nginx_session session{"client_max_body_size 0; proxy_request_buffering off;"};
        for (const std::size_t size : {0U, 1U, 131'072U, 3'000'000U}) {
            pattern_source source{size};
            source.told.reset();
            const auto stored = session.run(session.images.upload_temp_image(std::move(source)));
            CHECK(session.server.store().find_image(stored.id)->sha256 == sha256(pattern(size)));
        }
        CHECK(session.stats().opened == 1);
    }

    TEST_CASE("chunked contents")
    {
        nginx_session session;
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(1'000'000)});
        session.server.misbehave(
            {.target = "content", .framing = cyclos::sandbox::framing::chunked});
        for (int i = 0; i < 3; ++i) {
            auto content = session.run(session.images.get_image_content("1"));
            CHECK_FALSE(content.content_length());
            CHECK(session.run(content.read_all(1'000'000)) == pattern(1'000'000));
        }
        CHECK(session.stats().opened == 1);
    }

    TEST_CASE("static files")
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

    TEST_CASE("a server that closes after each response")
    {
        nginx_session session{"keepalive_timeout 0;"};
        for (int i = 0; i < 3; ++i) {
            session.view();
            CHECK(session.stats().idle == 0);
        }
        CHECK(session.stats().opened == 3);
    }

    TEST_CASE("a server that closes after some responses")
    {
        nginx_session session{"keepalive_requests 2;"};
        for (int i = 0; i < 6; ++i) {
            session.view();
        }
        CHECK(session.stats().opened == 3);
    }

    TEST_CASE("a server that closes idle connections: seen at once, and nobody minds")
    {
        nginx_session session{"keepalive_timeout 100ms;"};
        for (int i = 0; i < 3; ++i) {
            session.view();
            session.until([&] { return session.stats().idle == 0; });
        }
        CHECK(session.stats().opened == 3);
        CHECK(session.stats().evicted == 3);
        // In TLS 1.3 each of those resumes the session of the one before.
        CHECK(session.stats().resumed == 2);
    }

    TEST_CASE("the session tickets that it sends are no reason to go")
    {
        nginx_session session;
        for (int i = 0; i < 5; ++i) {
            session.view();
            const auto until = std::chrono::steady_clock::now() + 20ms;
            session.until([&] { return std::chrono::steady_clock::now() > until; });
        }
        CHECK(session.stats().opened == 1);
        CHECK(session.stats().evicted == 0);
    }

    TEST_CASE(
        "a connection on which it says something unasked, be it a whole response, goes at once")
    {
        const cyclos::sandbox::authority authority;
        const auto pem = authority.issue_server();
        const nginx front{
            {.certificate = pem.certificate,
             .private_key = pem.key,
             .unasked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                        "12\r\n\r\n{\"width\":64}"}};
        cyclos::config settings{front.url() + "/api", demo()};
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

    TEST_CASE("requests meet closing connections at every moment, and none fails")
    {
        nginx_session session{"keepalive_timeout 5ms;"};
        for (int i = 0; i < 100; ++i) {
            const auto until =
                std::chrono::steady_clock::now() + std::chrono::microseconds{i * 100};
            session.until([&] { return std::chrono::steady_clock::now() > until; });
            session.view();
        }
    }

    TEST_CASE("a server that says how long it keeps connections")
    {
        nginx_session session{"keepalive_timeout 60s 1s;"};
        session.view();
        session.view();
        CHECK(session.stats().opened == 1);
        session.until(
            [&] { return session.stats().evicted == 1; }); // in good time, and not after 60 s
        session.view();
        CHECK(session.stats().opened == 2);
    }

    TEST_CASE("an upload that is too large: 413 with a page, in the middle of it")
    {
        nginx_session session{"client_max_body_size 10k;"};
        for (const bool known : {true, false}) {
            for (const std::uint64_t size : {20'000U, 5'000'000U, 50'000'000U}) {
                CAPTURE(known);
                CAPTURE(size);
                pattern_source source{size};
                if (!known) {
                    source.told.reset();
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

    TEST_CASE("an upstream that is not there: 502 with a page")
    {
        nginx_session session;
        session.server.close_all();
        session.server.misbehave({.instead = cyclos::sandbox::ending::reset});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 502);
        CHECK(outcome.as<cyclos::api_error>()->body().find("<html>") != std::string::npos);
        session.server.clear_misbehaviours();
        session.view();
    }

    TEST_CASE("a server that is stopped")
    {
        nginx_session session;
        session.view();
        session.front->stop();
        session.until([&] { return session.stats().idle == 0; });
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(outcome.error().kind() == "transport");
        CHECK(outcome.error().sent() == sent_state::none);
    }
}
