//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Sessions with a login by the client.

#include "integration/support/await.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/login_records.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/pausing_source.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/run_one_for.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::as_result;

constexpr const char* session_path = "/auth/session";

cyclos::credentials login(cyclos::session_login_options options = {})
{
    return cyclos::credentials::session_login("demo", "demo", options);
}

/// A client that logs in, and its server.
sandbox_session logged_in(const adjustment& adjust = {})
{
    return sandbox_session{{.kept_requests = 10'000}, login(), adjust};
}

/// Makes the first request, so that there is a session.
void begin(sandbox_session& session)
{
    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
}

using outcomes = std::vector<cyclos::result<cyclos::image_view>>;

std::vector<std::future<cyclos::result<cyclos::image_view>>> start_views(client_session& session,
                                                                         int count)
{
    std::vector<std::future<cyclos::result<cyclos::image_view>>> started;
    for (int i = 0; i < count; ++i) {
        started.push_back(session.start(as_result(session.images.view_image(fixture::portrait))));
    }
    return started;
}

outcomes finish(client_session& session,
                std::vector<std::future<cyclos::result<cyclos::image_view>>> started)
{
    outcomes all;
    for (auto& each : started) {
        all.push_back(session.get(std::move(each)));
    }
    return all;
}

int successes(const outcomes& all)
{
    int good = 0;
    for (const auto& each : all) {
        good += each.has_value() ? 1 : 0;
    }
    return good;
}

/// The error of a request whose credentials cannot be obtained. It was not sent.
failure no_login(cyclos::error_code code)
{
    return {code, phase::authenticating, sent_state::none, 0};
}

cyclos::error_code status(int value)
{
    return {value, cyclos::http_status_category()};
}

std::string code_of(const cyclos::error& e)
{
    const auto* answered = dynamic_cast<const cyclos::unauthorized*>(&e);
    return answered ? answered->server_code() : "no 401";
}

/// A client that logs in with another password.
class other_client : public client_session
{
public:
    other_client(const cyclos::sandbox::server& server, std::string_view password)
        : client_session(config_for(server, cyclos::credentials::session_login("demo", password)))
    {}
};

} // namespace

TEST_SUITE("sessions")
{
    TEST_CASE("sessions: the password is sent once, and the token with every request")
    {
        sandbox_session session{{}, login()};
        begin(session);
        session.run(session.images.list_user_images("self"));
        const auto all = session.server.requests();
        REQUIRE(all.size() == 3);
        CHECK(all[0].method() == "POST");
        CHECK(all[0].target() == "/api/auth/session?fields=sessionToken");
        CHECK(all[0].header("Content-Length") == "0");
        CHECK(all[0].header("Authorization"));
        CHECK_FALSE(all[0].header("Session-Token"));
        for (const auto n : {1U, 2U}) {
            CHECK_FALSE(all[n].header("Authorization"));
            CHECK(all[n].header_count("Session-Token") == 1);
            CHECK(all[n].header("Session-Token")->size() == 32);
        }
        CHECK(all[1].header("Session-Token") == all[2].header("Session-Token"));
    }

    TEST_CASE("sessions: concurrent requests wait for one login")
    {
        auto session = logged_in();
        CHECK(successes(finish(session, start_views(session, 20))) == 20);
        CHECK(logins(session.server) == 1);
        CHECK(session.server.statistics().requests == 21);
    }

    TEST_CASE("sessions: twenty requests that meet the end of the session cause one login")
    {
        auto session = logged_in([](cyclos::config& c) { c.pool.max_connections = 20; });
        std::vector<std::future<cyclos::image_content>> contents;
        for (int i = 0; i < 20; ++i) {
            contents.push_back(session.start(session.images.get_image_content(fixture::portrait)));
        }
        session.until([&] { return session.stats().in_use == 20; });
        for (auto& each : contents) {
            auto content = session.get(std::move(each));
            session.run(content.read_all(1 << 20));
        }
        // As many connections as requests, so that all are in flight before the first response.
        REQUIRE(session.stats().idle == 20);
        session.server.store().expire_sessions();
        session.server.reset_statistics();
        CHECK(successes(finish(session, start_views(session, 20))) == 20);
        CHECK(answered(session.server, 401) == 20);
        CHECK(logins(session.server) == 1);
        CHECK(session.server.statistics().requests == 41);
    }

    TEST_CASE("sessions: sessions that end repeatedly under load cause one login each")
    {
        auto session = logged_in();
        begin(session);
        for (std::uint64_t round = 1; round <= 10; ++round) {
            auto views = start_views(session, 40);
            const auto before = session.server.statistics().requests;
            session.until([&] { return session.server.statistics().requests > before + 10; });
            session.server.store().expire_sessions();
            CHECK(successes(finish(session, std::move(views))) == 40);
            begin(session);
            CHECK(logins(session.server) == 1 + round);
        }
    }

    TEST_CASE("sessions: a session that expires at the server is renewed")
    {
        sandbox_session session{{.session_timeout = 1s}, login()};
        begin(session);
        const auto over = std::chrono::steady_clock::now() + 1100ms;
        session.until([&] { return std::chrono::steady_clock::now() > over; });
        begin(session);
        CHECK(logins(session.server) == 2);
    }

    TEST_CASE("sessions: a request without a body is sent again after the login, also if it "
              "changes something")
    {
        auto session = logged_in();
        begin(session);
        session.server.store().expire_sessions();
        session.run(session.images.reorder_profile_images(
            "self", std::vector<std::string>{fixture::portrait}));
        session.server.store().expire_sessions();
        session.run(session.images.delete_image(fixture::portrait));
        session.server.store().expire_sessions();
        auto content = session.run(session.images.get_image_content(fixture::logo));
        session.run(content.read_all(1 << 20)); // public, but not with an invalid session
        CHECK(logins(session.server) == 4);
    }

    TEST_CASE("sessions: an upload with a rewindable source is sent again after the login")
    {
        const temporary_directory directory;
        const std::string large = "\x89PNG\r\n\x1a\n" + pattern(3'000'000);
        const auto file = directory.write("large.png", large);
        for (const bool from_file : {true, false}) {
            for (const bool early : {true, false}) {
                auto session = logged_in();
                begin(session);
                session.server.store().expire_sessions();
                if (early) {
                    session.server.misbehave({.method = "POST",
                                              .target = "images",
                                              .times = 1,
                                              .read_body = 1000,
                                              .status = 401,
                                              .body = R"({"code":"loggedOut"})"});
                }
                cyclos::source source =
                    from_file ? cyclos::source{cyclos::file_source{file}}
                              : cyclos::source{cyclos::memory_source{large, "x", "image/png"}};
                const auto stored =
                    session.run(session.images.upload_temp_image(std::move(source)));
                CHECK(session.server.store().find_image(stored.id)->sha256 == sha256(large));
                CHECK(session.server.store().temp_images().size() == 1);
                CHECK(logins(session.server) == 2);
            }
        }
    }

    TEST_CASE("sessions: an upload with another source fails, and the next request logs in")
    {
        auto session = logged_in();
        begin(session);
        session.server.store().expire_sessions();
        const auto outcome =
            session.attempt(session.images.upload_temp_image(pattern_source{100'000}));
        REQUIRE(outcome.as<cyclos::unauthorized>());
        CHECK(outcome.as<cyclos::unauthorized>()->server_code() == "loggedOut");
        CHECK(outcome.error().attempts() == 1);
        CHECK(logins(session.server) == 1);
        CHECK(session.run(session.images.upload_temp_image(pattern_source{100'000})).id != "");
        CHECK(logins(session.server) == 2);
        CHECK(session.server.store().temp_images().size() == 1);
    }

    TEST_CASE("sessions: an error after a new login contains both attempts")
    {
        auto session = logged_in();
        begin(session);
        session.server.store().expire_sessions();
        const auto outcome = session.attempt(session.images.view_image("7"));
        REQUIRE(outcome.as<cyclos::not_found>());
        CHECK(outcome.error().attempts() == 2);
        const auto& history = outcome.error().context().history;
        REQUIRE(history.size() == 1);
        CHECK(history[0].code == status(401));
        CHECK(history[0].sent == sent_state::complete);
        CHECK(history[0].delay > 0s);
    }

    TEST_CASE("sessions: a server that rejects each session that it issues causes one login per "
              "request, and an error")
    {
        auto session = logged_in();
        session.server.misbehave(
            {.method = "GET", .status = 401, .body = R"({"code": "loggedOut"})"});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(code_of(outcome.error()) == "loggedOut");
        CHECK(outcome.error().attempts() == 2);
        CHECK(logins(session.server) == 2);
        session.server.clear_misbehaviours();
        begin(session);
        CHECK(logins(session.server) == 3);
    }

    TEST_CASE("sessions: a wrong password is sent once, for any number of requests")
    {
        cyclos::sandbox::server server{{.kept_requests = 10'000}};
        other_client session{server, "not it"};
        for (int round = 0; round < 3; ++round) {
            for (const auto& outcome : finish(session, start_views(session, 10))) {
                CHECK(failure_of(outcome) == no_login(status(401)));
                CHECK(code_of(outcome.error()) == "login");
                CHECK(outcome.error().operation() == "view_image");
                CHECK(outcome.error().context().detail == "the login was refused; code login");
                CHECK(outcome.error().kind() == "unauthorized");
                CHECK_FALSE(outcome.error().is_rejected_locally());
            }
        }
        const auto upload = session.attempt(session.images.upload_temp_image(pattern_source{10}));
        CHECK(failure_of(upload) == no_login(status(401)));
        CHECK(server.statistics().requests == 1);
        CHECK(logins(server) == 1);

        other_client right{server, "demo"};
        CHECK(right.run(right.images.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("sessions: a password that was changed meanwhile is sent once")
    {
        auto session = logged_in();
        begin(session);
        auto demo = *session.server.store().find_user("demo");
        demo.password = "another";
        session.server.store().replace_user(demo);
        session.server.store().expire_sessions();
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) ==
              failure{status(401), phase::authenticating, sent_state::complete, 1});
        CHECK(code_of(outcome.error()) == "login");
        REQUIRE(outcome.error().context().history.size() == 1);
        CHECK(outcome.error().context().history[0].code == status(401));
        CHECK(failure_of(session.attempt(session.images.view_image(fixture::portrait))) ==
              no_login(status(401)));
        CHECK(logins(session.server) == 2);
    }

    TEST_CASE("sessions: a password blocked by other clients is reported, and not sent again")
    {
        cyclos::sandbox::server server{{.max_bad_logins = 3}};
        for (int i = 0; i < 3; ++i) {
            other_client wrong{server, "wrong"};
            CHECK_FALSE(wrong.attempt(wrong.images.view_image(fixture::portrait)).has_value());
        }
        other_client right{server, "demo"};
        const auto outcome = right.attempt(right.images.view_image(fixture::portrait));
        REQUIRE(outcome.as<cyclos::unauthorized>());
        CHECK(outcome.as<cyclos::unauthorized>()->details().password_status ==
              cyclos::password_status::temporarily_blocked);
        CHECK_FALSE(right.attempt(right.images.view_image(fixture::portrait)).has_value());
        CHECK(server.statistics().requests == 4);

        server.store().clear_bad_logins();
        other_client later{server, "demo"};
        CHECK(later.run(later.images.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("sessions: a blocked address is not remembered as a wrong password")
    {
        cyclos::sandbox::server server{{.max_bad_logins = 100, .max_bad_logins_per_address = 1}};
        other_client wrong{server, "wrong"};
        CHECK_FALSE(wrong.attempt(wrong.images.view_image(fixture::portrait)).has_value());
        other_client right{server, "demo"};
        const auto outcome = right.attempt(right.images.view_image(fixture::portrait));
        CHECK(code_of(outcome.error()) == "remoteAddressBlocked");
        server.store().clear_bad_logins();
        CHECK(right.run(right.images.view_image(fixture::portrait)).width ==
              64); // it does not mean that the password is wrong
    }

    TEST_CASE("sessions: other login failures are reported to the waiting requests, and the next "
              "request logs in")
    {
        auto session = logged_in();
        session.server.misbehave({.target = session_path, .times = 1, .status = 503, .body = "{}"});
        for (const auto& outcome : finish(session, start_views(session, 5))) {
            CHECK(failure_of(outcome) == no_login(status(503)));
            CHECK(outcome.as<cyclos::service_unavailable>());
        }
        CHECK(logins(session.server) == 1);
        begin(session);

        // A server without sessions states nothing about the image: the deletion was not performed
        // before.
        session.server.store().expire_sessions();
        session.server.misbehave({.target = session_path, .times = 1, .status = 404, .body = "{}"});
        const auto missing = session.attempt(session.images.view_image(fixture::portrait));
        REQUIRE(missing.as<cyclos::api_error>());
        CHECK(missing.as<cyclos::api_error>()->status() == 404);
        CHECK_FALSE(missing.as<cyclos::not_found>());

        for (const std::string body :
             {"{}", R"({"sessionToken": 7})", R"({"sessionToken": ""})", "<html>", "",
              R"({"sessionToken": "\r\nX: y"})", R"(["sessionToken"])"}) {
            session.server.misbehave(
                {.target = session_path, .times = 1, .status = 200, .body = body});
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(failure_of(outcome) == no_login(errc::unexpected_response));
            CHECK(std::string{outcome.error().what()}.find("login") != std::string::npos);
        }
        begin(session);
    }

    TEST_CASE("sessions: an unreadable source is rejected before the login")
    {
        auto session = logged_in();
        const auto outcome = session.attempt(
            session.images.upload_temp_image(cyclos::file_source("/nowhere/a.png")));
        CHECK(failure_of(outcome) ==
              failure{errc::source_failed, phase::preparing, sent_state::none, 0});
        CHECK(outcome.error().is_rejected_locally());
    }

    TEST_CASE("sessions: events report the login, and the requests that it failed")
    {
        std::vector<std::string> finished;
        sandbox_session session{
            {}, cyclos::credentials::session_login("demo", "wrong"), [&](cyclos::config& c) {
                c.on_event = [&](const cyclos::client_event& event) {
                    const auto* done = std::get_if<cyclos::events::request_finished>(&event);
                    if (done != nullptr) {
                        finished.push_back(std::string{done->operation} + ' ' +
                                           std::to_string(done->status) + ' ' +
                                           std::to_string(done->code.value()));
                    }
                };
            }};
        CHECK(successes(finish(session, start_views(session, 2))) == 0);
        CHECK(finished ==
              std::vector<std::string>{"login 401 0", "view_image 0 401", "view_image 0 401"});
    }

    TEST_CASE("sessions: an unreachable server is reported as a failed login")
    {
        const reserved_port closed_port;
        client_session session{cyclos::config{
            "https://127.0.0.1:" + std::to_string(closed_port.number()) + "/api", login()}};
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) == no_login(asio::error::connection_refused));
        CHECK(outcome.error().context().detail == "the login failed while connecting");
        CHECK(outcome.error().kind() == "transport");
    }

    TEST_CASE("sessions: a login whose connection is lost is sent again once")
    {
        auto session = logged_in();
        session.server.misbehave({.target = session_path, .times = 1, .instead = ending::reset});
        begin(session);
        CHECK(logins(session.server) == 2);

        session.server.store().expire_sessions();
        session.server.misbehave({.target = session_path, .times = 2, .instead = ending::reset});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(outcome.error().code() == errc::connection_lost);
        CHECK(outcome.error().attempts() == 1);
        CHECK(logins(session.server) == 4);
        begin(session);
    }

    TEST_CASE("sessions: a cancelled request leaves the login to the others")
    {
        auto session = logged_in();
        session.server.pause_accepting(true);
        asio::cancellation_signal signal;
        auto first = asio::co_spawn(session.client.get_executor(),
                                    as_result(session.images.view_image(fixture::portrait)),
                                    asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        auto others = start_views(session, 3);
        session.until([&] { return session.stats().connecting == 1; });
        signal.emit(asio::cancellation_type::terminal);
        const auto outcome = session.get(std::move(first));
        CHECK(failure_of(outcome) == no_login(errc::cancelled));
        session.server.pause_accepting(false);
        CHECK(successes(finish(session, std::move(others))) == 3);
        CHECK(logins(session.server) == 1);
        CHECK(session.server.statistics().requests == 4);
    }

    TEST_CASE("sessions: a login without waiting requests completes and is used")
    {
        auto session = logged_in();
        session.server.pause_accepting(true);
        asio::cancellation_signal signal;
        auto only = asio::co_spawn(session.client.get_executor(),
                                   as_result(session.images.view_image(fixture::portrait)),
                                   asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        session.until([&] { return session.stats().connecting == 1; });
        signal.emit(asio::cancellation_type::terminal);
        CHECK(session.get(std::move(only)).error().code() == errc::cancelled);
        session.server.pause_accepting(false);
        session.until([&] {
            return session.server.store().session_count() == 2;
        }); // one exists from the start
        begin(session);
        CHECK(logins(session.server) == 1);
    }

    TEST_CASE("sessions: the total timeout includes the login")
    {
        auto session = logged_in([](cyclos::config& c) { c.timeouts.total = 200ms; });
        session.server.misbehave({.target = session_path, .times = 1, .instead = ending::hang});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) == no_login(errc::total_timeout));
        CHECK(outcome.error().is_timeout());
    }

    TEST_CASE("sessions: closing the client ends the login")
    {
        auto session = logged_in();
        session.server.misbehave({.target = session_path, .instead = ending::hang});
        auto views = start_views(session, 3);
        session.until([&] { return logins(session.server) == 1; });
        session.run(session.client.close(50ms));
        for (const auto& outcome : finish(session, std::move(views))) {
            CHECK(failure_of(outcome) == no_login(errc::client_closed));
        }
        CHECK(failure_of(session.attempt(session.images.view_image(fixture::portrait))) ==
              no_login(errc::client_closed));
    }

    TEST_CASE("sessions: destroying the client ends the login")
    {
        cyclos::sandbox::server server;
        server.misbehave({.target = session_path, .instead = ending::hang});
        test_context threads;
        std::future<cyclos::result<cyclos::image_view>> view;
        {
            cyclos::client client{threads.context(), config_for(server, login())};
            view =
                asio::co_spawn(threads.context(),
                               as_result(cyclos::images_api{client}.view_image(fixture::portrait)),
                               asio::use_future);
            threads.until([&] { return server.statistics().requests == 1; });
        }
        CHECK(threads.get(std::move(view)).error().code() == errc::client_closed);
    }

    TEST_CASE("sessions: destroying the context during a login is safe")
    {
        cyclos::sandbox::server server;
        server.misbehave({.target = session_path, .instead = ending::hang});
        asio::io_context context;
        cyclos::client client{context, config_for(server, login())};
        const cyclos::images_api images{client};
        asio::co_spawn(context, images.view_image(fixture::portrait),
                       [](std::exception_ptr, cyclos::image_view) {});
        while (server.statistics().requests == 0) {
            run_one_for(context, 2ms);
        }
    }

    TEST_CASE("sessions: destroying the context while the source of an upload is read destroys the "
              "source with its reader")
    {
        for (const bool serial : {false, true}) {
            const cyclos::sandbox::server server;
            auto settings = config_for(server, login());
            settings.serial_executor = serial;
            auto context = std::make_unique<asio::io_context>(1);
            static_cast<void>(
                asio::steady_timer{*context}); // its service is destroyed after those of the client
            auto client = std::make_unique<cyclos::client>(*context, settings);
            pausing_source source;
            const std::weak_ptr<const std::size_t> given = source.given();
            asio::co_spawn(*context,
                           cyclos::images_api{*client}.upload_user_image("self", std::move(source)),
                           asio::detached);
            await("the upload has begun, and its source pauses", [&] {
                run_one_for(*context, 2ms);
                const auto bytes = given.lock();
                return server.statistics().requests == 2 && bytes && *bytes == 2000;
            });
            client.reset();
            context.reset(); // AddressSanitizer reports it if the source is destroyed before its
                             // reader
            CHECK(given.expired());
        }
    }

    TEST_CASE("sessions: a byte order mark in the login response is tolerated")
    {
        auto session = logged_in();
        session.server.misbehave({.target = session_path,
                                  .times = 1,
                                  .status = 200,
                                  .body = "\xef\xbb\xbf{\"sessionToken\":\"demo-session-token\"}"});
        begin(session);
    }

    TEST_CASE("sessions: close() logs out if log_out_on_close is set")
    {
        for (const bool asked : {true, false}) {
            sandbox_session session{{}, login({.log_out_on_close = asked})};
            begin(session);
            CHECK(session.server.store().session_count() == 2);
            session.run(session.client.close(10s));
            CHECK(session.server.store().session_count() == (asked ? 1 : 2));
            CHECK(session.last_request().method() == (asked ? "DELETE" : "GET"));
            CHECK(session.stats().idle == 0);
        }
    }

    TEST_CASE("sessions: close() logs out after running requests have finished")
    {
        sandbox_session session{{}, login({.log_out_on_close = true})};
        auto content = session.run(session.images.get_image_content(fixture::portrait));
        auto closed = session.start(session.client.close(10s));
        CHECK(session.run(content.read_all(1 << 20)).size() > 0);
        session.get(std::move(closed));
        CHECK(session.server.store().session_count() == 1);
    }

    TEST_CASE(
        "sessions: close() does not log out without a session or time, and ignores a failed logout")
    {
        {
            sandbox_session session{{}, login({.log_out_on_close = true})};
            session.run(session.client.close(10s));
            CHECK(session.server.statistics().requests == 0);
        }
        {
            sandbox_session session{{}, login({.log_out_on_close = true})};
            begin(session);
            session.run(session.client.close(0s));
            CHECK(session.server.store().session_count() == 2);
        }
        {
            sandbox_session session{{}, login({.log_out_on_close = true})};
            begin(session);
            session.server.misbehave({.method = "DELETE", .instead = ending::hang});
            const auto before = std::chrono::steady_clock::now();
            session.run(session.client.close(300ms));
            CHECK(std::chrono::steady_clock::now() - before < 10s);
        }
        {
            sandbox_session session{{}, login({.log_out_on_close = true})};
            begin(session);
            session.server.misbehave({.method = "DELETE", .status = 500});
            session.run(session.client.close(10s));
            CHECK(session.last_request().method() == "DELETE");
        }
    }

    TEST_CASE("sessions: sessions that end under several shards and threads cause one login each")
    {
        cyclos::sandbox::server server{{.threads = 2, .kept_requests = 100'000}};
        asio::thread_pool threads{4};
        cyclos::client client{
            threads, config_for(server, login({.log_out_on_close = true}), [](cyclos::config& c) {
                c.shards = 3;
                c.pool.max_connections = 9;
            })};
        const cyclos::images_api images{client};
        std::atomic<int> good = 0;
        std::atomic<int> bad = 0;
        const auto call = [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 5; ++i) {
                const auto outcome = co_await as_result(images.view_image(fixture::portrait));
                ++(outcome.has_value() ? good : bad);
            }
        };
        constexpr int rounds = 8;
        for (int round = 0; round < rounds; ++round) {
            std::vector<std::future<void>> calls;
            const auto before = server.statistics().requests;
            for (int n = 0; n < 12; ++n) {
                const asio::any_io_executor executor =
                    n % 2 == 0 ? asio::any_io_executor{threads.get_executor()}
                               : asio::any_io_executor{asio::make_strand(threads)};
                calls.push_back(asio::co_spawn(executor, call(), asio::use_future));
            }
            cyclos::test::await("there are no requests",
                                [&] { return server.statistics().requests >= before + 20; });
            server.store().expire_sessions();
            for (auto& each : calls) {
                each.get();
            }
            asio::co_spawn(threads, call(), asio::use_future).get();
        }
        CHECK(good == rounds * 13 * 5);
        CHECK(bad == 0);
        CHECK(logins(server) == 1 + rounds);
        asio::co_spawn(threads, client.close(10s), asio::use_future).get();
        CHECK(server.store().session_count() == 0);
    }
}
