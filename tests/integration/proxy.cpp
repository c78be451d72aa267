//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Through a real CONNECT proxy.

#include "integration/support/child_process.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/sandbox_session.hpp"
#include "integration/support/temporary_directory.hpp"
#include "test_paths.hpp"

#include <cyclos/images.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace {

using namespace cyclos::test;
using cyclos::errc;
using cyclos::phase;
using cyclos::sent_state;

/// A tinyproxy that lets "somebody" with the password "se-cret.1" pass, to some ports.
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

} // namespace

TEST_SUITE("through a proxy")
{
    TEST_CASE("all goes through a tunnel, and TLS is with the server")
    {
        cyclos::sandbox::server server;
        tinyproxy proxy{server.port()};
        client_session session{config_for(server, demo(), proxy.through("somebody", "se-cret.1"))};
        const auto stored = session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(1'000'000)) == pattern(1'000'000));
        CHECK(session.stats().opened == 1);
        proxy.wait_for_log("CONNECT localhost:" + std::to_string(server.port()));
        const auto seen = server.requests();
        CHECK(seen.front().tls_version == "TLSv1.3");
        CHECK(seen.front().server_name == "localhost");
        CHECK_FALSE(seen.front().header("Proxy-Authorization"));
    }

    TEST_CASE("a wrong password")
    {
        cyclos::sandbox::server server;
        tinyproxy proxy{server.port()};
        for (const std::string password : {"wrong", ""}) {
            client_session session{
                config_for(server, demo(), proxy.through(password.empty() ? "" : "somebody", password))};
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(failure_of(outcome) == failure{errc::proxy_refused, phase::connecting, sent_state::no, 0});
            CHECK(outcome.error().context().detail.find(" 40") != std::string::npos); // 401 or 407
            CHECK(std::string{outcome.error().what()}.find("wrong") == std::string::npos);
        }
        CHECK(server.statistics().accepted == 0);
    }

    TEST_CASE("a port that the proxy does not allow")
    {
        cyclos::sandbox::server server;
        tinyproxy proxy{1};
        client_session session{config_for(server, demo(), proxy.through("somebody", "se-cret.1"))};
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) == failure{errc::proxy_refused, phase::connecting, sent_state::no, 0});
        CHECK(outcome.error().context().detail.find("403") != std::string::npos);
    }

    TEST_CASE("a server that is not there")
    {
        const reserved_port nobody;
        tinyproxy proxy{nobody.number()};
        cyclos::config settings{"https://127.0.0.1:" + std::to_string(nobody.number()) + "/api", demo()};
        proxy.through("somebody", "se-cret.1")(settings);
        client_session session{settings};
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) == failure{errc::proxy_refused, phase::connecting, sent_state::no, 0});
    }
}
