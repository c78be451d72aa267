//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Several users over the connections of one client: images_api::as().

#include "integration/support/login_records.hpp"
#include "integration/support/sandbox_session.hpp"
#include "integration/support/sanitized.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <doctest/doctest.h>

#if defined(__GLIBC__) && !defined(CYCLOS_TESTS_SANITIZED)
#include <malloc.h>
#endif

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::as_result;
using cyclos::credentials;
using cyclos::errc;
using cyclos::phase;
using cyclos::sandbox::ending;

/// The credentials of a user who logs in. In the embedded server, each password is the user name.
credentials login_of(const std::string& user, bool log_out = false)
{
    return credentials::session_login(user, user, {.log_out_on_close = log_out});
}

/// A client of a guest, and its server.
sandbox_session guest_session(const adjustment& adjust = {})
{
    return sandbox_session{{.kept_requests = 100'000}, credentials::guest(), adjust};
}

std::string_view credential_of(const cyclos::sandbox::request_record& request)
{
    for (const auto* name : {"Authorization", "Session-Token", "Access-Client-Token"}) {
        if (const auto value = request.header(name)) {
            return *value;
        }
    }
    return {};
}

/// Waits until the server has this many sessions.
void await_sessions(sandbox_session& session, std::size_t count)
{
    session.until([&] { return session.server.store().session_count() == count; });
}

} // namespace

TEST_SUITE("identities")
{
    TEST_CASE("identities: each handle sends the credentials of its user, over one connection")
    {
        auto session = guest_session();
        const cyclos::images_api demo = session.images.as(login_of("demo"));
        const cyclos::images_api viewer{session.client, credentials::basic("viewer", "viewer")};
        const cyclos::images_api token = demo.as(credentials::session("demo-session-token"));
        session.run(session.images.view_image(fixture::portrait));
        session.run(demo.view_image(fixture::portrait));
        session.run(viewer.view_image(fixture::portrait));
        session.run(token.view_image(fixture::portrait));
        session.run(demo.as(credentials::guest()).view_image(fixture::portrait));
        const auto all = session.server.requests();
        REQUIRE(all.size() == 6); // with the login
        CHECK(credential_of(all[0]).empty());
        CHECK(all[1].method() == "POST");
        CHECK(all[2].header_count("Session-Token") == 1);
        CHECK(credential_of(all[3]).starts_with("Basic "));
        CHECK(credential_of(all[4]) == "demo-session-token");
        CHECK(credential_of(all[5]).empty());
        for (const auto& request : all) {
            CHECK(request.connection == 1);
        }
    }

    TEST_CASE("identities: 10,000 requests that call as() themselves lead to one login while a "
              "handle is in use")
    {
        sandbox_session session{
            {}, credentials::guest(), [](cyclos::config& c) { c.pool.max_connections = 8; }};
        const auto kept = session.images.as(login_of("demo"));
        int good = 0;
        const auto worker = [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 157; ++i) {
                const auto user = session.images.as(login_of("demo"));
                const auto view = co_await user.view_image(fixture::portrait);
                good += view.width == 64 ? 1 : 0;
            }
        };
        std::vector<std::future<void>> workers;
        for (int i = 0; i < 64; ++i) {
            workers.push_back(session.start(worker()));
        }
        for (auto& each : workers) {
            session.get(std::move(each));
        }
        CHECK(good == 64 * 157);
        CHECK(session.server.store().session_count() == 2); // one is there from the start
    }

    TEST_CASE("identities: equal credentials share a login, different ones do not")
    {
        auto session = guest_session();
        const auto first = session.images.as(login_of("demo"));
        session.run(first.view_image(fixture::portrait));
        const auto count = [&](const cyclos::images_api& images) {
            const auto before = logins(session.server);
            session.run(images.view_image(fixture::portrait));
            return logins(session.server) - before;
        };
        CHECK(count(session.images.as(login_of("demo"))) == 0);
        CHECK(count(cyclos::images_api{session.client, login_of("demo")}) == 0);
        CHECK(count(session.images.as(login_of("demo", true))) == 1); // it logs out
        CHECK(count(session.images.as(login_of("viewer"))) == 1);
        CHECK(count(session.images.as(credentials::session_login(
                  "demo", "demo", {.principal_type = "username"}))) == 1);
        CHECK(count(first) == 0);
    }

    TEST_CASE("identities: the client's own user and as() with its credentials are the same user")
    {
        sandbox_session session{{.kept_requests = 100}, login_of("demo")};
        session.run(session.images.view_image(fixture::portrait));
        session.run(session.images.as(login_of("demo")).view_image(fixture::portrait));
        CHECK(logins(session.server) == 1);
    }

    TEST_CASE("identities: a provider equals only its own copies")
    {
        auto session = guest_session();
        int calls = 0;
        const auto provider = [&](cyclos::credentials_reason) -> asio::awaitable<credentials> {
            ++calls;
            co_return credentials::session("demo-session-token");
        };
        const auto first = credentials::from(provider);
        const auto second = credentials::from(provider);
        const auto copy = first;
        const auto images = session.images.as(first);
        session.run(images.view_image(fixture::portrait));
        session.run(session.images.as(copy).view_image(fixture::portrait));
        CHECK(calls == 1);
        session.run(session.images.as(second).view_image(fixture::portrait));
        CHECK(calls == 2);
    }

    TEST_CASE("identities: when the last handle is destroyed, the next one logs in again")
    {
        auto session = guest_session();
        session.run(session.images.as(login_of("demo")).view_image(fixture::portrait));
        session.run(session.images.as(login_of("demo")).view_image(fixture::portrait));
        CHECK(logins(session.server) == 2);
    }

    TEST_CASE("identities: a wrong password of one user does not affect the others")
    {
        auto session = guest_session();
        const auto wrong = session.images.as(credentials::session_login("demo", "wrong"));
        const auto right = session.images.as(login_of("demo"));
        for (int i = 0; i < 3; ++i) {
            const auto outcome = session.attempt(wrong.view_image(fixture::portrait));
            CHECK(outcome.as<cyclos::unauthorized>() != nullptr);
        }
        CHECK(logins(session.server) == 1); // the client does not send it again
        CHECK(session.run(right.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("identities: fifty users over four connections, and sessions that end: no request "
              "carries the credentials of another user")
    {
        constexpr int users = 50;
        sandbox_session session{{.kept_requests = 100'000},
                                credentials::guest(),
                                [](cyclos::config& c) { c.pool.max_connections = 4; }};
        std::vector<std::string> images;
        std::vector<cyclos::images_api> handles;
        for (int i = 0; i < users; ++i) {
            const std::string name = "user" + std::to_string(i);
            const auto id = session.server.store().add_user(
                {.name = name, .password = name, .principals = {name}});
            images.push_back(session.server.store().add_image(
                {.content = cyclos::sandbox::content::synthetic(300'000), .owner = id}));
            const auto provider =
                [name](cyclos::credentials_reason) -> asio::awaitable<credentials> {
                co_return login_of(name);
            };
            handles.push_back(session.images.as(i % 5 == 0   ? credentials::basic(name, name)
                                                : i % 5 == 1 ? credentials::from(provider)
                                                             : login_of(name)));
        }
        std::mt19937 random{1};
        int wrong = 0;
        int done = 0;
        const auto call = [&](int user) -> asio::awaitable<void> {
            const auto& handle = handles[static_cast<std::size_t>(user)];
            const auto& image = images[static_cast<std::size_t>(user)];
            // A request logs in again once only, and its second session may end, too.
            auto listed = co_await as_result(handle.list_user_images("self"));
            while (listed.as<cyclos::unauthorized>() != nullptr) {
                listed = co_await as_result(handle.list_user_images("self"));
            }
            wrong += listed->size() == 1 && listed->front().id == image ? 0 : 1;
            auto opened = co_await as_result(handle.get_image_content(image));
            while (opened.as<cyclos::unauthorized>() != nullptr) {
                opened = co_await as_result(handle.get_image_content(image));
            }
            auto content = std::move(*opened);
            const auto bytes = co_await content.read_all(300'000);
            wrong += bytes.size() == 300'000 ? 0 : 1;
            ++done;
        };
        for (int round = 0; round < 10; ++round) {
            // One in ten contents breaks off, and is resumed.
            session.server.clear_misbehaviours();
            session.server.misbehave({.target = "content",
                                      .skip = 5,
                                      .times = 5,
                                      .stop_after = 150'000,
                                      .stopped = ending::reset});
            std::vector<std::future<void>> calls;
            for (int i = 0; i < 60; ++i) {
                calls.push_back(session.start(call(static_cast<int>(random() % users))));
            }
            const int half = done + 30;
            session.until([&] { return done >= half; });
            session.server.store().expire_sessions();
            for (auto& each : calls) {
                session.get(std::move(each));
            }
        }
        CHECK(done == 600);
        CHECK(wrong == 0);
        // The image of a user is fetched by that user only: no credential fetches two images.
        std::map<std::string, std::set<std::string>, std::less<>> fetched;
        std::uint64_t resumed = 0;
        for (const auto& request : session.server.requests()) {
            resumed += request.header("Range") ? 1 : 0;
            if (request.target().find("/content/") != std::string_view::npos) {
                fetched[std::string{credential_of(request)}].insert(std::string{request.target()});
            }
        }
        CHECK(resumed > 0);
        for (const auto& [credential, targets] : fetched) {
            CHECK_FALSE(credential.empty());
            CHECK(targets.size() == 1);
        }
    }

    TEST_CASE("identities: 10,000 users at rest take at most 1 KiB each, and no connection")
    {
        sandbox_session session;
        const auto connections = session.stats().opened;
        std::vector<cyclos::images_api> handles;
        handles.reserve(10'000);
        const auto hold = [&](int i) {
            const std::string name = "a user with a name of usual length " + std::to_string(i);
            handles.push_back(
                session.images.as(credentials::session_login(name, "a password of usual length")));
        };
        hold(-1); // allocates what all of them share
#if defined(__GLIBC__) && !defined(CYCLOS_TESTS_SANITIZED)
        const auto before = mallinfo2().uordblks;
#endif
        for (int i = 0; i < 9'999; ++i) {
            hold(i);
        }
#if defined(__GLIBC__) && !defined(CYCLOS_TESTS_SANITIZED)
        const auto each = (mallinfo2().uordblks - before) / 9'999;
        MESSAGE("bytes for each user: " << each);
        CHECK(each <= 1024);
#endif
        CHECK(session.stats().opened == connections);
    }

    TEST_CASE("identities: a handle, its operations and its logout may outlive the client")
    {
        sandbox_session server{{.kept_requests = 100}, credentials::guest()};
        test_context caller;
        std::optional<cyclos::images_api> user;
        std::optional<cyclos::operation<void>> logout;
        {
            cyclos::client client{caller.context(),
                                  config_for(server.server, credentials::guest())};
            user = cyclos::images_api{client}.as(login_of("demo", true));
            auto viewed = std::make_shared<std::promise<cyclos::image_view>>();
            auto future = viewed->get_future();
            spawn(caller.context().get_executor(),
                  fulfil<cyclos::image_view>(user->view_image(fixture::portrait), viewed));
            caller.get(std::move(future));
            logout = user->log_out();
        }
        user.reset();
        auto ended = std::make_shared<std::promise<void>>();
        auto future = ended->get_future();
        spawn(caller.context().get_executor(), fulfil<void>(*std::move(logout), ended));
        CHECK_THROWS_AS(caller.get(std::move(future)), cyclos::error);
        CHECK(server.server.store().session_count() == 2);
    }

    TEST_CASE("identities: the context may be destroyed while users log in and log out")
    {
        sandbox_session server{{.kept_requests = 100}, credentials::guest()};
        server.server.misbehave({.method = "DELETE", .instead = ending::hang});
        for (const bool login_hangs : {false, true}) {
            client_session session{config_for(server.server, credentials::guest())};
            std::optional<cyclos::images_api> user = session.images.as(login_of("demo", true));
            if (login_hangs) {
                server.server.misbehave({.method = "POST", .instead = ending::hang});
            }
            else {
                session.run(user->view_image(fixture::portrait));
            }
            auto waits = session.start(as_result(user->view_image(fixture::portrait)));
            session.until([&] { return session.stats().in_use == 1; });
            if (!login_hangs) {
                CHECK(session.get(std::move(waits)));
            }
            user.reset();
        }
    }

    TEST_CASE("identities: a rejected password is not sent again by the next handle")
    {
        auto session = guest_session();
        for (int i = 0; i < 5; ++i) {
            const auto outcome =
                session.attempt(session.images.as(credentials::session_login("demo", "wrong"))
                                    .view_image(fixture::portrait));
            CHECK(outcome.as<cyclos::unauthorized>() != nullptr);
        }
        CHECK(logins(session.server) == 1);
        CHECK(
            session.run(session.images.as(login_of("demo")).view_image(fixture::portrait)).width ==
            64);
    }

    TEST_CASE("identities: a client that was moved from has no handles")
    {
        sandbox_session session;
        const cyclos::client taken = std::move(session.client);
        CHECK_THROWS_AS((cyclos::images_api{session.client, demo()}), cyclos::error);
    }
}

TEST_SUITE("logging out")
{
    TEST_CASE("log out: log_out() ends the session of the handle's user, and no other")
    {
        auto session = guest_session();
        const auto demo = session.images.as(login_of("demo"));
        const auto viewer = session.images.as(login_of("viewer"));
        session.run(demo.view_image(fixture::portrait));
        session.run(viewer.view_image(fixture::portrait));
        CHECK(session.server.store().session_count() == 3);
        session.run(demo.log_out());
        CHECK(session.last_request().method() == "DELETE");
        CHECK(session.last_request().target() == "/api/auth/session");
        CHECK(session.server.store().session_count() == 2);
        session.run(viewer.view_image(fixture::portrait));
        CHECK(logins(session.server) == 2);
        session.run(demo.view_image(fixture::portrait)); // logs in again
        CHECK(logins(session.server) == 3);
    }

    TEST_CASE("log out: log_out() ends a session whose token was given, and that of a provider")
    {
        auto session = guest_session();
        session.run(session.images.as(credentials::session("demo-session-token")).log_out());
        CHECK(session.server.store().session_count() == 0);
        const auto provider = [&](cyclos::credentials_reason) -> asio::awaitable<credentials> {
            co_return login_of("demo");
        };
        const auto provided = session.images.as(credentials::from(provider));
        session.run(provided.view_image(fixture::portrait));
        session.run(provided.log_out());
        CHECK(session.server.store().session_count() == 0);
    }

    TEST_CASE("log out: log_out() sends nothing if there is no session")
    {
        sandbox_session session;
        session.run(session.images.log_out());
        session.run(session.images.as(credentials::guest()).log_out());
        session.run(session.images.as(login_of("demo")).log_out());
        session.run(session.images.as(credentials::access_client("x")).log_out());
        CHECK(session.server.statistics().requests == 0);
    }

    TEST_CASE("log out: log_out() of a session that has ended already is no error, other answers "
              "are")
    {
        auto session = guest_session();
        const auto demo = session.images.as(login_of("demo"));
        session.run(demo.view_image(fixture::portrait));
        session.server.store().expire_sessions();
        session.run(demo.log_out());
        CHECK(session.last_request().status == 401);
        session.run(demo.view_image(fixture::portrait));
        session.server.misbehave({.method = "DELETE", .times = 1, .status = 500});
        CHECK_THROWS_AS(session.run(demo.log_out()), cyclos::api_error);
        session.run(demo.log_out()); // the session is forgotten
        CHECK(answered(session.server, 500) == 1);
    }

    TEST_CASE("log out: the session ends in the background when the last handle is destroyed, if "
              "that was asked for")
    {
        for (const bool asked : {true, false}) {
            auto session = guest_session();
            {
                const auto user = session.images.as(login_of("demo", asked));
                const auto copy = user;
                session.run(copy.view_image(fixture::portrait));
            }
            if (asked) {
                await_sessions(session, 1);
            }
            session.run(session.images.view_image(fixture::portrait));
            CHECK(session.server.store().session_count() == (asked ? 1 : 2));
        }
    }

    TEST_CASE("log out: an unread content keeps the session of its user")
    {
        auto session = guest_session();
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(3'000'000)});
        auto content =
            session.run(session.images.as(login_of("demo", true)).get_image_content("1"));
        session.run(session.images.view_image(fixture::portrait));
        CHECK(session.server.store().session_count() == 2);
        CHECK(session.run(content.read_all(3'000'000)).size() == 3'000'000);
        content = {};
        await_sessions(session, 1);
    }

    TEST_CASE("log out: a login that ends after the last handle was destroyed is logged out")
    {
        auto session = guest_session();
        session.server.misbehave(
            {.method = "POST", .target = "auth/session", .answer_delay = 300ms});
        asio::cancellation_signal stop;
        std::optional<std::exception_ptr> ended;
        asio::co_spawn(
            session.client.get_executor(),
            session.images.as(login_of("demo", true)).view_image(fixture::portrait),
            asio::bind_cancellation_slot(
                stop.slot(), [&](std::exception_ptr e, const auto&) { ended = std::move(e); }));
        session.until([&] { return session.stats().in_use == 1; });
        asio::dispatch(session.client.get_executor(),
                       [&] { stop.emit(asio::cancellation_type::terminal); });
        session.until([&] { return ended.has_value(); });
        session.until([&] { return session.server.statistics().requests == 2; });
        await_sessions(session, 1);
    }

    TEST_CASE("log out: a server that does not answer delays nothing, and the logout ends with "
              "the client")
    {
        auto session = guest_session();
        session.run(session.images.as(login_of("demo", true)).view_image(fixture::portrait));
        session.server.misbehave({.method = "DELETE", .instead = ending::hang});
        session.run(session.images.as(login_of("viewer", true)).view_image(fixture::portrait));
        const auto before = std::chrono::steady_clock::now();
        session.run(session.client.close(300ms));
        CHECK(std::chrono::steady_clock::now() - before < 10s);
        CHECK(session.stats().in_use == 0);
    }

    TEST_CASE(
        "log out: close() ends the sessions of users whose last handle is destroyed meanwhile")
    {
        auto session = guest_session();
        session.run(session.images.view_image(fixture::portrait));
        session.server.misbehave({.target = "images/", .answer_delay = 300ms});
        const auto call = [&](std::string user) -> asio::awaitable<void> {
            (void)co_await session.images.as(login_of(user, true)).view_image(fixture::portrait);
        };
        auto demo = session.start(call("demo"));
        auto viewer = session.start(call("viewer"));
        session.until([&] { return session.server.store().session_count() == 3; });
        session.run(session.client.close(10s));
        session.get(std::move(demo));
        session.get(std::move(viewer));
        CHECK(session.server.store().session_count() == 1);
    }

    TEST_CASE("log out: log_out() keeps credentials of a provider that are no session")
    {
        auto session = guest_session();
        int calls = 0;
        const auto provider = [&](cyclos::credentials_reason) -> asio::awaitable<credentials> {
            ++calls;
            co_return credentials::access_client("demo-access-client-token");
        };
        const auto user = session.images.as(credentials::from(provider));
        session.run(user.view_image(fixture::portrait));
        session.run(user.log_out());
        session.run(user.view_image(fixture::portrait));
        CHECK(calls == 1);
    }

    TEST_CASE("log out: close() ends the sessions of all users that asked for it")
    {
        auto session = guest_session();
        std::vector<cyclos::images_api> handles;
        for (int i = 0; i < 20; ++i) {
            const std::string name = "user" + std::to_string(i);
            session.server.store().add_user({.name = name, .password = name, .principals = {name}});
            handles.push_back(session.images.as(login_of(name, i % 2 == 0)));
            session.run(handles.back().view_image(fixture::portrait));
        }
        CHECK(session.server.store().session_count() == 21);
        session.run(session.client.close(10s));
        CHECK(session.server.store().session_count() == 11);
    }
}

TEST_SUITE("kinds of credentials")
{
    TEST_CASE("credentials: a bearer token is sent, and renewed by a provider")
    {
        sandbox_session session{
            {.api_version = cyclos::sandbox::api_version::v4_16},
            credentials::guest(),
            [](cyclos::config& c) { c.api_version = cyclos::api_version::v4_16; }};
        const auto user = session.images.as(credentials::bearer("demo-access-token"));
        CHECK(session.run(user.list_user_images("self")).size() == 1);
        CHECK(credential_of(session.last_request()) == "Bearer demo-access-token");

        const auto expired = session.images.as(credentials::bearer("expired"));
        const auto outcome = session.attempt(expired.list_user_images("self"));
        REQUIRE(outcome.as<cyclos::unauthorized>() != nullptr);
        CHECK(outcome.as<cyclos::unauthorized>()->server_code() == "invalidAccessToken");

        const auto provider =
            [](cyclos::credentials_reason reason) -> asio::awaitable<credentials> {
            co_return credentials::bearer(
                reason == cyclos::credentials_reason::initial ? "expired" : "demo-access-token");
        };
        const auto renewed = session.images.as(credentials::from(provider));
        CHECK(session.run(renewed.list_user_images("self")).size() == 1);
    }

    TEST_CASE("credentials: the type of the principal goes with the password, and only with it")
    {
        auto session = guest_session();
        const auto basic = credentials::basic("demo", "demo", {.principal_type = "username"});
        session.run(session.images.as(basic).view_image(fixture::portrait));
        CHECK(session.last_request().header("Principal-Type") == "username");
        const auto login = credentials::session_login("demo", "demo", {.principal_type = "email"});
        session.run(session.images.as(login).view_image(fixture::portrait));
        const auto all = session.server.requests();
        CHECK(all[1].header("Principal-Type") == "email");
        CHECK(all[2].header_count("Principal-Type") == 0);
    }
}
