//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Credentials from a coroutine of the user.

#include "integration/support/await.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/login_records.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::credentials;
using cyclos::credentials_reason;

/// The calls of a provider, and its results.
struct vault
{
    std::vector<credentials_reason> asked = {};
    cyclos::client* client = nullptr; ///< If set: the provider must run on its executor.
    bool elsewhere = false;
    std::function<credentials(credentials_reason)> give = {};
    std::size_t cancelled = 0;
    bool open = true; ///< If false, the provider does not return.
};

credentials from(vault& v)
{
    return credentials::from([&v](credentials_reason need) -> asio::awaitable<credentials> {
        v.asked.push_back(need);
        const auto executor = co_await asio::this_coro::executor;
        v.elsewhere = v.elsewhere || (v.client != nullptr && v.client->get_executor() != executor);
        asio::steady_timer timer{executor, 1ms};
        if (!v.open) {
            timer.expires_after(1h);
        }
        try {
            co_await timer.async_wait(asio::use_awaitable);
        }
        catch (const boost::system::system_error&) {
            ++v.cancelled;
            throw;
        }
        co_return v.give(need);
    });
}

failure not_given(cyclos::error_code code)
{
    return {code, phase::authenticating, sent_state::none, 0};
}

using needs = std::vector<credentials_reason>;

} // namespace

TEST_SUITE("credentials provider")
{
    TEST_CASE("credentials provider: it is called on the client's executor when first needed, and "
              "once after the session ends")
    {
        vault v;
        sandbox_session session{{}, from(v)};
        v.give = [&](credentials_reason) {
            return credentials::session(session.server.store().add_session(fixture::demo_id));
        };
        v.client = &session.client;
        CHECK(v.asked.empty());
        for (int round = 0; round < 2; ++round) {
            std::vector<std::future<cyclos::image_view>> views;
            for (int i = 0; i < 10; ++i) {
                views.push_back(session.start(session.images.view_image(fixture::portrait)));
            }
            for (auto& each : views) {
                CHECK(session.get(std::move(each)).width == 64);
            }
            session.server.store().expire_sessions();
        }
        CHECK(v.asked == needs{credentials_reason::initial, credentials_reason::refresh});
        CHECK_FALSE(v.elsewhere);
        CHECK(logins(session.server) == 0);
    }

    TEST_CASE("credentials provider: it can return every kind of credentials")
    {
        for (const auto& given :
             {credentials::guest(), credentials::basic("demo", "demo"),
              credentials::session("demo-session-token"),
              credentials::access_client("demo-access-client-token"),
              credentials::session_login("demo", "demo", {.log_out_on_close = true})}) {
            vault v;
            v.give = [&](credentials_reason) { return given; };
            sandbox_session session{{}, from(v)};
            const auto outcome = session.attempt(session.images.list_user_images("self"));
            if (given.type() == credentials::kind::guest) {
                CHECK(outcome.as<cyclos::unauthorized>()->server_code() == "missingAuthorization");
            }
            else {
                CHECK(outcome.has_value());
            }
            const bool logs_in = given.type() == credentials::kind::session_login;
            CHECK(logins(session.server) == (logs_in ? 1 : 0));
            session.run(session.client.close(10s));
            CHECK((session.last_request().method() == "DELETE") == logs_in);
        }
    }

    TEST_CASE("credentials provider: it cannot return another provider")
    {
        vault v;
        v.give = [&](credentials_reason) { return from(v); };
        sandbox_session session{{}, from(v)};
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) == not_given(errc::invalid_config));
        CHECK(session.server.statistics().requests == 0);
    }

    TEST_CASE(
        "credentials provider: a login that it returned is repeated with its next credentials")
    {
        vault v;
        v.give = [&](credentials_reason need) {
            return credentials::session_login(
                "demo", need == credentials_reason::initial ? "demo" : "another");
        };
        sandbox_session session{{}, from(v)};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        auto demo = *session.server.store().find_user("demo");
        demo.password = "another";
        session.server.store().replace_user(demo);
        session.server.store().expire_sessions();
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(logins(session.server) == 2);
    }

    TEST_CASE("credentials provider: a rejected password that it returns again is not sent, and "
              "another one is")
    {
        for (const bool by_login : {true, false}) {
            vault v;
            std::string password = "wrong";
            v.give = [&](credentials_reason) {
                return by_login ? credentials::session_login("demo", password)
                                : credentials::basic("demo", password);
            };
            sandbox_session session{{}, from(v)};
            for (int i = 0; i < 4; ++i) {
                const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
                REQUIRE(outcome.as<cyclos::unauthorized>());
                CHECK(outcome.as<cyclos::unauthorized>()->server_code() == "login");
                CHECK(outcome.error().sent() ==
                      (i == 0 && !by_login ? sent_state::complete : sent_state::none));
            }
            CHECK(session.server.statistics().requests == 1);
            CHECK(v.asked.size() == 4);
            password = "demo";
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        }
    }

    TEST_CASE("credentials provider: its exceptions are reported to the requests")
    {
        vault v;
        sandbox_session session{{}, from(v)};
        v.give = [](credentials_reason) -> credentials {
            throw boost::system::system_error{
                make_error_code(boost::system::errc::permission_denied), "secret"};
        };
        const auto system = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(system) ==
              not_given(make_error_code(boost::system::errc::permission_denied)));
        CHECK(system.error().context().detail == "the provider of the credentials");
        CHECK(std::string{system.error().what()}.find("secret") == std::string::npos);

        v.give = [](credentials_reason) { return credentials::session("\r\n"); };
        const auto ours = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(ours) == not_given(errc::invalid_config));
        CHECK(ours.error().operation() == "view_image");

        v.give = [](credentials_reason) -> credentials { throw std::out_of_range{"no such key"}; };
        auto first = session.start(session.images.view_image(fixture::portrait));
        auto second = session.start(session.images.view_image(fixture::portrait));
        CHECK_THROWS_AS(session.get(std::move(first)), std::out_of_range);
        CHECK_THROWS_AS(session.get(std::move(second)), std::out_of_range);
        CHECK(v.asked.size() == 3);

        v.give = [](credentials_reason) { return credentials::session("demo-session-token"); };
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(v.asked == needs(4, credentials_reason::initial)); // no earlier call had returned
    }

    TEST_CASE("credentials provider: its state is copied for each client")
    {
        const auto provider =
            credentials::from([n = 0](credentials_reason) mutable -> asio::awaitable<credentials> {
                co_return credentials::session(++n == 2 ? "demo-session-token" : "ended");
            });
        for (int i = 0; i < 2; ++i) {
            sandbox_session session{{}, provider};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.server.statistics().requests == 2);
        }
    }

    TEST_CASE("credentials provider: an exception before its coroutine begins is rethrown")
    {
        sandbox_session session{
            {}, credentials::from([](credentials_reason) -> asio::awaitable<credentials> {
                throw std::logic_error{"not yet"};
            })};
        CHECK_THROWS_AS(session.run(session.images.view_image(fixture::portrait)),
                        std::logic_error);
        CHECK_THROWS_AS(credentials::from({}), cyclos::error);
    }

    TEST_CASE("credentials provider: while it runs, requests can be cancelled and time out")
    {
        vault v;
        v.open = false;
        sandbox_session session{{}, from(v), [](cyclos::config& c) { c.timeouts.total = 300ms; }};
        asio::cancellation_signal signal;
        auto first = asio::co_spawn(session.client.get_executor(),
                                    as_result(session.images.view_image(fixture::portrait)),
                                    asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        auto second = session.start(as_result(session.images.view_image(fixture::portrait)));
        session.until([&] { return !v.asked.empty(); });
        signal.emit(asio::cancellation_type::terminal);
        CHECK(failure_of(session.get(std::move(first))) == not_given(errc::cancelled));
        CHECK(failure_of(session.get(std::move(second))) == not_given(errc::total_timeout));
        CHECK(v.asked.size() == 1);
        CHECK(v.cancelled == 0);
        session.run(session.client.close(0s));
        session.until([&] { return v.cancelled == 1; });
    }

    TEST_CASE("credentials provider: one that never returns is cancelled and abandoned, and called "
              "again by the next request")
    {
        vault v;
        v.open = false;
        v.give = [](credentials_reason) { return credentials::session("demo-session-token"); };
        sandbox_session session{
            {}, from(v), [](cyclos::config& c) { c.timeouts.provider = 100ms; }};
        auto first = session.start(as_result(session.images.view_image(fixture::portrait)));
        auto second = session.start(as_result(session.images.view_image(fixture::portrait)));
        for (auto* const each : {&first, &second}) {
            const auto outcome = session.get(std::move(*each));
            CHECK(failure_of(outcome) == not_given(errc::provider_timeout));
            CHECK(outcome.error().is_timeout());
        }
        CHECK(v.asked.size() == 1);
        session.until([&] { return v.cancelled == 1; });
        v.open = true;
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(v.asked.size() == 2);
    }

    TEST_CASE(
        "credentials provider: it is called again after every error code that rejects a token")
    {
        for (const std::string code : {"invalidAccessClient", "blockedAccessClient",
                                       "invalidAccessToken", "missingAuthorization", "loggedOut"}) {
            CAPTURE(code);
            vault v;
            v.give = [](credentials_reason) {
                return credentials::access_client("demo-access-client-token");
            };
            sandbox_session session{{}, from(v)};
            session.server.misbehave(
                {.times = 1, .status = 401, .body = R"({"code":")" + code + R"("})"});
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(v.asked == needs{credentials_reason::initial, credentials_reason::refresh});
        }
    }

    TEST_CASE("credentials provider: it is called once for all requests whose token was rejected")
    {
        vault v;
        v.give = [](credentials_reason need) {
            return credentials::access_client(
                need == credentials_reason::initial ? "old" : "demo-access-client-token");
        };
        sandbox_session session{{}, from(v)};
        std::vector<std::future<cyclos::image_view>> views;
        for (int i = 0; i < 10; ++i) {
            views.push_back(session.start(session.images.view_image(fixture::portrait)));
        }
        for (auto& each : views) {
            CHECK(session.get(std::move(each)).width == 64);
        }
        CHECK(v.asked == needs{credentials_reason::initial, credentials_reason::refresh});
    }

    TEST_CASE("credentials provider: it is not called for each request if it returns the rejected "
              "token again")
    {
        vault v;
        v.give = [](credentials_reason) { return credentials::access_client("unknown"); };
        sandbox_session session{{}, from(v)};
        for (int i = 0; i < 5; ++i) {
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            REQUIRE(outcome.as<cyclos::unauthorized>());
            CHECK(outcome.as<cyclos::unauthorized>()->server_code() == "invalidAccessClient");
        }
        CHECK(v.asked.size() == 2);
    }

    TEST_CASE("credentials provider: closing or destroying the client cancels it")
    {
        for (const bool close : {true, false}) {
            vault v;
            v.open = false;
            cyclos::sandbox::server server;
            test_context thread;
            std::future<cyclos::result<cyclos::image_view>> view;
            {
                cyclos::client client{thread.context(), config_for(server, from(v))};
                view = asio::co_spawn(
                    thread.context(),
                    as_result(cyclos::images_api{client}.view_image(fixture::portrait)),
                    asio::use_future);
                thread.until([&] { return !v.asked.empty(); });
                if (close) {
                    thread.get(asio::co_spawn(thread.context(), client.close(10s),
                                              asio::use_future)); // at once
                }
            }
            CHECK(failure_of(thread.get(std::move(view))) == not_given(errc::client_closed));
            thread.until([&] { return v.cancelled == 1; });
        }
    }

    TEST_CASE("credentials provider: it is called once for many threads and shards")
    {
        cyclos::sandbox::server server{{.threads = 2}};
        std::atomic<int> asked = 0;
        asio::thread_pool threads{4};
        const auto provider =
            credentials::from([&](credentials_reason) -> asio::awaitable<credentials> {
                ++asked;
                co_return credentials::session(server.store().add_session(fixture::demo_id));
            });
        cyclos::client client{
            threads, config_for(server, provider, [](cyclos::config& c) { c.shards = 3; })};
        const cyclos::images_api images{client};
        std::atomic<int> good = 0;
        const auto call = [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 20; ++i) {
                good += (co_await images.view_image(fixture::portrait)).width == 64 ? 1 : 0;
            }
        };
        std::vector<std::future<void>> calls;
        for (int n = 0; n < 8; ++n) {
            calls.push_back(asio::co_spawn(threads, call(), asio::use_future));
        }
        cyclos::test::await("there are no requests",
                            [&] { return server.statistics().requests >= 30; });
        server.store().expire_sessions();
        for (auto& each : calls) {
            each.get();
        }
        asio::co_spawn(threads, call(), asio::use_future).get(); // the others may have ended before
        CHECK(good == 180);
        CHECK(asked == 2);
    }
}
