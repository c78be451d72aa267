//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Name resolution: names that are unknown, that take too long, and that have dead addresses.

#include "integration/support/integration_test.hpp"
#include "integration/support/name_service.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/reserved_port.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;

cyclos::config config_of(const std::string& host, unsigned short port)
{
    cyclos::config settings{"http://" + host + ":" + std::to_string(port) + "/api", demo()};
    settings.allow_plain_http = true; // these names resolve to this machine
    return settings;
}

} // namespace

TEST_SUITE("name resolution")
{
    TEST_CASE("name resolution: dead addresses of a name are skipped, in any order")
    {
        cyclos::sandbox::server server{{.tls = false}};
        // The others have no listener.
        for (std::vector<std::string> addresses :
             {std::vector<std::string>{"127.0.0.2", "127.0.0.3", "127.0.0.1"},
              std::vector<std::string>{"127.0.0.1", "127.0.0.2"},
              std::vector<std::string>{"127.0.0.2", "127.0.0.1", "127.0.0.3", "127.0.0.4"}}) {
            const name_service name{"cyclos.test", std::move(addresses)};
            client_session session{config_of("cyclos.test", server.port())};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.stats().opened == 1);
        }
        CHECK(server.requests().back().header("Host") ==
              "cyclos.test:" + std::to_string(server.port()));
    }

    TEST_CASE("name resolution: a name with only dead addresses gives connection_refused")
    {
        const reserved_port closed_port;
        const name_service name{"cyclos.test", {"127.0.0.1", "127.0.0.2", "::1"}};
        client_session session{config_of("cyclos.test", closed_port.number())};
        CHECK(failure_of(session.attempt(session.images.view_image("1"))) ==
              failure{asio::error::connection_refused, phase::connecting, sent_state::none, 0});
    }

    TEST_CASE("name resolution: an unknown name gives host_not_found")
    {
        const name_service name{"cyclos.test", {}};
        client_session session{config_of("cyclos.test", 80)};
        CHECK(failure_of(session.attempt(session.images.view_image("1"))) ==
              failure{asio::error::host_not_found, phase::resolving, sent_state::none, 0});
    }

    TEST_CASE("name resolution: a look-up that takes too long ends with resolve_timeout, and is "
              "abandoned")
    {
        cyclos::sandbox::server server{{.tls = false}};
        auto settings = config_of("cyclos.test", server.port());
        settings.timeouts.resolve = 50ms;
        client_session session{settings};
        {
            name_service name{"cyclos.test", {"127.0.0.1"}};
            name.hold();
            const auto outcome =
                session.attempt(session.images.upload_temp_image(pattern_source{10}));
            CHECK(failure_of(outcome) ==
                  failure{errc::resolve_timeout, phase::resolving, sent_state::none, 0});
            CHECK(outcome.error().is_timeout());
            CHECK(name.waiting() == 1); // the abandoned look-up
        }
        const name_service name{"cyclos.test", {"127.0.0.1"}};
        // In the pause after the failure, requests fail at once with the same error.
        session.until([&] {
            return session.attempt(session.images.view_image(fixture::portrait)).has_value();
        });
    }

    TEST_CASE("name resolution: a look-up is abandoned if no request waits for it")
    {
        std::optional<name_service> name;
        name.emplace("cyclos.test", std::vector<std::string>{"127.0.0.1"});
        name->hold();
        client_session session{config_of("cyclos.test", 80)};
        asio::cancellation_signal signal;
        auto view =
            asio::co_spawn(session.client.get_executor(), as_result(session.images.view_image("1")),
                           asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        session.until([&] { return name->waiting() == 1; });
        signal.emit(asio::cancellation_type::terminal);
        CHECK(session.get(std::move(view)).error().kind() == "cancelled");
        session.run(session.client.close(0s));
        CHECK(session.stats().connecting == 0);
        CHECK(name->waiting() == 1);
        name.reset(); // the destruction of a context waits for the look-up: Asio joins its thread
                      // that does it
    }

    TEST_CASE("name resolution: concurrent connections share one look-up")
    {
        cyclos::sandbox::server server{{.tls = false}};
        std::optional<name_service> name;
        name.emplace("cyclos.test", std::vector<std::string>{"127.0.0.1"});
        name->hold();
        client_session session{config_of("cyclos.test", server.port())};
        std::vector<std::future<cyclos::image_view>> views;
        for (int i = 0; i < 16; ++i) {
            views.push_back(session.start(session.images.view_image(fixture::portrait)));
        }
        session.until([&] { return name->waiting() == 1 && session.stats().connecting == 16; });
        CHECK(name->asked() == 1);
        name.reset(); // waiting look-ups continue, and later ones do not find the name
        for (auto& each : views) {
            CHECK(session.get(std::move(each)).width == 64);
        }
    }

    TEST_CASE("name resolution: a queued look-up is cancelled if no request waits for it")
    {
        const name_service other{"cyclos.test", {"127.0.0.1"}};
        std::optional<name_service> slow;
        slow.emplace("slow.cyclos.test", std::vector<std::string>{"127.0.0.1"});
        slow->hold();
        client_session session{config_of("slow.cyclos.test", 80)};
        auto first = session.start(as_result(session.images.view_image("1")));
        session.until([&] { return slow->waiting() == 1; });
        {
            // Its look-up is queued behind the blocked one, on Asio's thread.
            cyclos::client behind{session.context(), config_of("cyclos.test", 80)};
            auto second = session.start(as_result(cyclos::images_api{behind}.view_image("1")));
            session.until([&] { return session.run(behind.stats()).connecting == 1; });
            session.run(behind.close(0s));
            CHECK(session.get(std::move(second)).error().code() == errc::client_closed);
        }
        // Another one queued after it: once it has been made, the other one would have been made as
        // well.
        const name_service last{"last.cyclos.test", {"127.0.0.1"}};
        cyclos::client third{session.context(), config_of("last.cyclos.test", 80)};
        auto end = session.start(as_result(cyclos::images_api{third}.view_image("1")));
        session.until([&] { return session.run(third.stats()).connecting == 1; });
        slow.reset();
        static_cast<void>(session.get(std::move(first)));
        static_cast<void>(session.get(std::move(end)));
        CHECK(last.asked() == 1);
        CHECK(other.asked() == 0);
    }
}
