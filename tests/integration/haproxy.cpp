//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Behind a real haproxy, which ends idle connections in ways of its own.

#include "integration/support/child_process.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/sandbox_session.hpp"
#include "integration/support/temporary_directory.hpp"
#include "test_paths.hpp"

#include <cyclos/images.hpp>
#include <cyclos/sandbox/certificates.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace {

using namespace cyclos::test;

/// An embedded server behind haproxy, which does TLS.
class front
{
public:
    explicit front(const std::string& directives)
        : server({.tls = false})
    {
        const cyclos::sandbox::authority authority;
        const auto pem = authority.issue_server();
        ca_pem = authority.ca_pem();
        directory.write("front.pem", pem.certificate + pem.key);
        directory.write("haproxy.cfg", "defaults\n"
                                       "    mode http\n"
                                       "    timeout connect 10s\n"
                                       "    timeout client 60s\n"
                                       "    timeout server 60s\n"
                                       "frontend front\n"
                                       "    bind 127.0.0.1:" +
                                           std::to_string(port.number()) + " ssl crt " +
                                           (directory / "front.pem").string() + "\n" + directives +
                                           "    default_backend back\n"
                                           "backend back\n"
                                           "    server only 127.0.0.1:" +
                                           std::to_string(server.port()) + "\n");
        process_options options;
        options.command = {paths::haproxy, "-db", "-f", (directory / "haproxy.cfg").string()};
        process.emplace(options);
    }

    cyclos::config config() const
    {
        cyclos::config settings{"https://127.0.0.1:" + std::to_string(port.number()) + "/api",
                                demo()};
        settings.tls.use_system_ca = false;
        settings.tls.ca_pem = ca_pem;
        return settings;
    }

    temporary_directory directory;
    reserved_port port;
    cyclos::sandbox::server server;
    std::string ca_pem;
    std::optional<child_process> process;
};

class haproxy_session : private front, public client_session
{
public:
    explicit haproxy_session(const std::string& directives = {})
        : front(directives)
        , client_session(front::config())
    {
        // It says nothing when it is ready.
        until([&] { return attempt(images.view_image(fixture::portrait)).has_value(); });
    }

    using front::process;
    using front::server;

    void view() { CHECK(run(images.view_image(fixture::portrait)).width == 64); }
};

} // namespace

TEST_SUITE("behind haproxy")
{
    TEST_CASE("one connection serves request after request, uploads and downloads")
    {
        haproxy_session session;
        const auto before = session.stats();
        for (int i = 0; i < 10; ++i) {
            session.view();
        }
        const auto stored =
            session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(1'000'000)) == pattern(1'000'000));
        CHECK(session.stats().opened == before.opened);
    }

    TEST_CASE("idle connections that it closes are seen at once")
    {
        haproxy_session session{"    timeout http-keep-alive 100ms\n"};
        const auto before = session.stats();
        for (int i = 0; i < 3; ++i) {
            session.view();
            session.until([&] { return session.stats().idle == 0; });
        }
        CHECK(session.stats().evicted >= before.evicted + 3);
        CHECK(session.stats().resumed > 0);
    }

    TEST_CASE("idle connections that it resets are seen at once")
    {
        haproxy_session session{"    timeout http-keep-alive 100ms\n    option nolinger\n"};
        const auto before = session.stats();
        for (int i = 0; i < 3; ++i) {
            session.view();
            session.until([&] { return session.stats().idle == 0; });
        }
        CHECK(session.stats().evicted >= before.evicted + 3);
    }

    TEST_CASE("the session tickets that it sends are no reason to go")
    {
        haproxy_session session{"    timeout http-keep-alive 60s\n"};
        const auto before = session.stats();
        for (int i = 0; i < 5; ++i) {
            session.view();
            const auto until = std::chrono::steady_clock::now() + 20ms;
            session.until([&] { return std::chrono::steady_clock::now() > until; });
        }
        CHECK(session.stats().opened == before.opened);
        CHECK(session.stats().evicted == before.evicted);
    }

    TEST_CASE("a 408 that nobody asked for, on a connection that was opened in advance")
    {
        front server{"    timeout http-request 200ms\n"};
        auto settings = server.config();
        settings.pool.min_connections = 1;
        client_session session{settings};
        session.until([&] { return session.stats().idle == 1; });
        session.until([&] { return session.stats().evicted >= 1; });
        for (int i = 0; i < 5; ++i) {
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        }
    }

    TEST_CASE("requests meet closing connections at every moment, and none fails")
    {
        haproxy_session session{"    timeout http-keep-alive 5ms\n"};
        for (int i = 0; i < 100; ++i) {
            const auto until =
                std::chrono::steady_clock::now() + std::chrono::microseconds{i * 100};
            session.until([&] { return std::chrono::steady_clock::now() > until; });
            session.view();
        }
    }

    TEST_CASE("a backend that is not there: 503 with a page")
    {
        haproxy_session session;
        session.server.pause_accepting(true);
        session.server.close_all();
        session.server.misbehave_on_connect({.before_handshake = cyclos::sandbox::ending::reset});
        session.server.pause_accepting(false);
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() / 100 == 5);
        CHECK(outcome.as<cyclos::api_error>()->body().find("<html>") != std::string::npos);
    }
}
