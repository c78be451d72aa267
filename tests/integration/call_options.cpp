//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The terms of a call: images_api::with().

#include "integration/support/pattern_source.hpp"
#include "integration/support/pausing_source.hpp"
#include "integration/support/sandbox_session.hpp"
#include "integration/support/temporary_directory.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::credentials;
using cyclos::errc;
using cyclos::header;
using cyclos::phase;
using cyclos::sent_state;
using cyclos::sandbox::ending;

/// A source that is never opened.
class silent_source final : public cyclos::body_source
{
public:
    asio::awaitable<void> open() override
    {
        asio::steady_timer timer{co_await asio::this_coro::executor, std::chrono::hours{1}};
        co_await timer.async_wait(asio::use_awaitable);
    }

    std::optional<std::uint64_t> length() const override { return 1; }
    std::string file_name() const override { return "silent.png"; }
    std::string media_type() const override { return "image/png"; }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer /*target*/) override
    {
        co_return 0;
    }
};

sandbox_session session_with(const adjustment& adjust = {})
{
    return sandbox_session{{.kept_requests = 1000}, demo(), adjust};
}

/// The error of an operation that must fail.
template <class T>
cyclos::error error_of(const cyclos::result<T>& outcome)
{
    REQUIRE_FALSE(outcome);
    return outcome.error();
}

/// Whether with() rejects a header field. The message must not contain the value.
bool rejects(const cyclos::images_api& images, std::string_view name, std::string_view value)
{
    const header fields[] = {{name, value}};
    try {
        (void)images.with({.headers = fields});
        return false;
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == errc::invalid_argument);
        CHECK(std::string_view{e.what()}.find("the-value") == std::string_view::npos);
        return true;
    }
}

} // namespace

TEST_SUITE("call options")
{
    TEST_CASE("call options: header fields and the channel go with every request of the call")
    {
        auto session = session_with([](cyclos::config& c) {
            c.channel = "main";
            c.headers = {{"X-Service", "avatars"}, {"X-Zone", "1"}};
        });
        session.run(session.images.view_image(fixture::portrait));
        auto last = session.last_request();
        CHECK(last.header("X-Service") == "avatars");
        CHECK(last.header("X-Zone") == "1");
        CHECK(last.header("Channel") == "main");

        const header fields[] = {{"X-Request-ID", "4711"}, {"x-zone", "2"}, {"User-Agent", "mine"}};
        const auto call = session.images.with({.headers = fields, .channel = "mobile"});
        session.run(call.view_image(fixture::portrait));
        last = session.last_request();
        CHECK(last.header("X-Request-ID") == "4711");
        CHECK(last.header("X-Service") == "avatars");
        CHECK(last.header("X-Zone") == "2");
        CHECK(last.header_count("X-Zone") == 1);
        CHECK(last.header("User-Agent") == "mine");
        CHECK(last.header_count("User-Agent") == 1);
        CHECK(last.header("Channel") == "mobile");
        CHECK(last.header_count("Channel") == 1);

        session.run(call.upload_temp_image(pattern_source{1000}));
        CHECK(session.last_request().header("X-Request-ID") == "4711");
        session.run(session.images.view_image(fixture::portrait));
        CHECK(session.last_request().header_count("X-Request-ID") == 0);
    }

    TEST_CASE("call options: header fields go with a login, a redirect and a resumed download")
    {
        sandbox_session session{{.kept_requests = 100},
                                credentials::session_login("demo", "demo"),
                                [](cyclos::config& c) { c.max_redirects = 1; }};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(1'000'000)});
        const header fields[] = {{"X-Request-ID", "4711"}};
        const auto call = session.images.with({.headers = fields});
        session.server.misbehave({.target = "images/7",
                                  .times = 1,
                                  .status = 302,
                                  .headers = {{"Location", "/api/images/demo-portrait.png"}}});
        session.run(call.view_image("7"));
        session.server.misbehave(
            {.target = "content", .times = 1, .stop_after = 500'000, .stopped = ending::reset});
        auto content = session.run(call.get_image_content("1"));
        CHECK(session.run(content.read_all(1'000'000)).size() == 1'000'000);
        const auto all = session.server.requests();
        CHECK(all.size() == 5); // login, redirect, view, content, the rest of it
        for (const auto& request : all) {
            CHECK(request.header("X-Request-ID") == "4711");
        }
    }

    TEST_CASE("call options: fields of the library, of the connection and of authentication are "
              "rejected, and so are bad names and values")
    {
        sandbox_session session;
        for (const auto* name : {"Host",
                                 "accept",
                                 "Accept-Encoding",
                                 "Content-Type",
                                 "Content-Length",
                                 "expect",
                                 "Channel",
                                 "Connection",
                                 "Keep-Alive",
                                 "TE",
                                 "Trailer",
                                 "Transfer-Encoding",
                                 "Upgrade",
                                 "Proxy-Authorization",
                                 "Range",
                                 "If-None-Match",
                                 "if-range",
                                 "Authorization",
                                 "Session-Token",
                                 "Access-Client-Token",
                                 "Principal-Type",
                                 "Cookie",
                                 "",
                                 "X Y",
                                 "X:",
                                 "X\r\nY",
                                 "\xc3\xa4"}) {
            CAPTURE(name);
            CHECK(rejects(session.images, name, "the-value"));
        }
        for (const std::string value : {"the-value\r\nX: y", "the-value\n", "the-value\x01"}) {
            CHECK(rejects(session.images, "X-Request-ID", value));
        }
        CHECK_FALSE(rejects(session.images, "X-Request-ID", "4711"));
        CHECK_FALSE(rejects(session.images, "X-Empty", ""));
        CHECK_FALSE(rejects(session.images, "User-Agent", "mine"));
        CHECK_THROWS_AS((void)session.images.with({.channel = "a\r\nb"}), cyclos::error);
        CHECK_THROWS_AS((void)session.images.with({.timeout = -1ms}), cyclos::error);
        CHECK_THROWS_AS(
            (void)session.images.with({.retry = cyclos::retry_config{.base_delay = -1ms}}),
            cyclos::error);
        CHECK(session.server.statistics().requests == 0);
    }

    TEST_CASE("call options: with() copies what the options refer to")
    {
        auto session = session_with();
        std::optional<cyclos::images_api> call;
        {
            const std::string name = "X-Request-ID-with-a-long-name";
            const std::string value = "a value that is long enough for the heap";
            const std::string channel = "mobile";
            const std::string tag = "a tag that is long enough for the heap";
            const header fields[] = {{name, value}};
            call = session.images.with({.tag = tag, .headers = fields, .channel = channel});
        }
        session.run(call->view_image(fixture::portrait));
        CHECK(session.last_request().header("X-Request-ID-with-a-long-name") ==
              "a value that is long enough for the heap");
        CHECK(error_of(session.attempt(call->view_image("2"))).tag() ==
              "a tag that is long enough for the heap");
    }

    TEST_CASE("call options: as() and with() may be chained in any order, and options that are "
              "not set are kept")
    {
        auto session = session_with();
        const header fields[] = {{"X-Request-ID", "4711"}};
        const auto token = credentials::session("demo-session-token");
        for (const auto& call : {session.images.as(token).with({.headers = fields}),
                                 session.images.with({.headers = fields}).as(token),
                                 session.images.with({.tag = "1", .headers = fields})
                                     .as(demo())
                                     .with({.tag = "2"})
                                     .as(token)}) {
            session.run(call.view_image(fixture::portrait));
            CHECK(session.last_request().header("Session-Token") == "demo-session-token");
            CHECK(session.last_request().header("X-Request-ID") == "4711");
        }
        const auto tagged = session.images.with({.tag = "1", .headers = fields}).with({.tag = "2"});
        CHECK(error_of(session.attempt(tagged.view_image("2"))).tag() == "2");
        CHECK(session.last_request().header("X-Request-ID") == "4711");
    }

    TEST_CASE("call options: the tag stands in every error and event of the call, those of the "
              "login too")
    {
        std::vector<std::string> seen;
        sandbox_session session{
            {.kept_requests = 100},
            credentials::session_login("demo", "demo"),
            [&](cyclos::config& c) {
                c.on_event = [&](const cyclos::client_event& event) {
                    if (const auto* e = std::get_if<cyclos::events::connection_acquired>(&event)) {
                        seen.push_back("acquired " + std::string{e->operation} + " " +
                                       std::string{e->tag});
                    }
                    if (const auto* e = std::get_if<cyclos::events::retried>(&event)) {
                        seen.push_back("retried " + std::string{e->operation} + " " +
                                       std::string{e->tag});
                    }
                    if (const auto* e = std::get_if<cyclos::events::request_finished>(&event)) {
                        seen.push_back("finished " + std::string{e->operation} + " " +
                                       std::string{e->tag});
                    }
                };
            }};
        session.server.misbehave({.target = "images/2", .times = 1, .status = 503});
        const auto call = session.images.with(
            {.tag = "r-4711", .retry = cyclos::retry_config{.max_retries = 1, .base_delay = 1ms}});
        const cyclos::error failure = error_of(session.attempt(call.view_image("2")));
        CHECK(failure.tag() == "r-4711");
        CHECK(std::string_view{failure.what()}.find("view_image [r-4711] at https://") !=
              std::string_view::npos);
        CHECK(seen ==
              std::vector<std::string>{"acquired login r-4711", "finished login r-4711",
                                       "acquired view_image r-4711", "retried view_image r-4711",
                                       "acquired view_image r-4711", "finished view_image r-4711"});
        CHECK(error_of(session.attempt(session.images.view_image("2"))).tag().empty());
        const auto argument = session.attempt(call.view_image(""));
        CHECK(error_of(argument).tag() == "r-4711");
    }

    TEST_CASE("call options: a deadline of the call has a code of its own, in every phase")
    {
        const auto check = [](const cyclos::error& e, phase expected) {
            CHECK(e.code() == errc::call_timeout);
            CHECK(e.is_timeout());
            CHECK(e.kind() == "timeout");
            CHECK(e.phase() == expected);
            CHECK(e.tag() == "r");
        };
        SUBCASE("while the response is awaited")
        {
            auto session = session_with();
            session.run(session.images.view_image(fixture::portrait));
            session.server.misbehave({.target = "images/", .instead = ending::hang});
            const auto call = session.images.with({.timeout = 200ms, .tag = "r"});
            check(error_of(session.attempt(call.view_image(fixture::portrait))),
                  phase::awaiting_response);
        }
        SUBCASE("while a connection is awaited")
        {
            auto session = session_with([](cyclos::config& c) { c.pool.max_connections = 1; });
            session.server.misbehave({.target = "images/", .instead = ending::hang});
            auto first = session.start(as_result(session.images.view_image(fixture::portrait)));
            session.until([&] { return session.stats().in_use == 1; });
            const auto call = session.images.with({.timeout = 100ms, .tag = "r"});
            check(error_of(session.attempt(call.view_image(fixture::portrait))), phase::acquiring);
            session.run(session.client.close(0s));
            CHECK_FALSE(session.get(std::move(first)));
        }
        SUBCASE("while a login is awaited, which goes on for the others")
        {
            sandbox_session session{{.kept_requests = 100},
                                    credentials::session_login("demo", "demo")};
            session.server.misbehave({.target = "session", .answer_delay = 500ms});
            const auto call = session.images.with({.timeout = 50ms, .tag = "r"});
            auto first = session.start(as_result(call.view_image(fixture::portrait)));
            auto second = session.start(session.images.view_image(fixture::portrait));
            check(error_of(session.get(std::move(first))), phase::authenticating);
            CHECK(session.get(std::move(second)).width == 64);
            CHECK(session.server.store().session_count() == 2);
        }
        SUBCASE("while the content is read, saved and resumed")
        {
            auto session = session_with();
            session.server.store().add_image(
                {.id = "1", .content = cyclos::sandbox::content::synthetic(1'000'000)});
            session.run(session.images.view_image(fixture::portrait));
            session.server.misbehave(
                {.target = "content", .stop_after = 500'000, .stopped = ending::hang});
            const auto call = session.images.with({.timeout = 1s, .tag = "r"});
            auto content = session.run(call.get_image_content("1"));
            check(error_of(session.attempt(content.read_all(1'000'000))), phase::receiving);
            const temporary_directory directory;
            content = session.run(call.get_image_content("1"));
            check(error_of(session.attempt(content.save_to(directory / "saved"))),
                  phase::receiving);
            session.server.clear_misbehaviours();
            session.server.misbehave(
                {.target = "content", .times = 1, .stop_after = 500'000, .stopped = ending::reset});
            session.server.misbehave({.target = "content", .instead = ending::hang});
            content = session.run(call.get_image_content("1"));
            CHECK(error_of(session.attempt(content.read_all(1'000'000))).code() ==
                  errc::call_timeout);
        }
        SUBCASE("while the source is awaited")
        {
            auto session = session_with();
            const auto call = session.images.with({.timeout = 300ms, .tag = "r"});
            check(error_of(session.attempt(call.upload_temp_image(silent_source{}))),
                  phase::preparing);
            check(error_of(session.attempt(call.upload_temp_image(pausing_source{}))),
                  phase::sending);
        }
    }

    TEST_CASE("call options: the deadline of the call replaces the total timeout")
    {
        auto session =
            session_with([](cyclos::config& c) { c.timeouts.total = std::chrono::hours{1}; });
        session.server.misbehave({.target = "images/", .times = 2, .answer_delay = 150ms});
        const auto patient = session.images.with({.timeout = 0ms});
        CHECK(session.run(patient.view_image(fixture::portrait)).width == 64);
        CHECK(error_of(session.attempt(
                           session.images.with({.timeout = 50ms}).view_image(fixture::portrait)))
                  .code() == errc::call_timeout);
        // The largest duration means no limit.
        const auto unlimited = session.images.with({.timeout = (std::chrono::milliseconds::max)()});
        CHECK(session.run(unlimited.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("call options: retries of the call replace those of the client, in both directions")
    {
        auto session = session_with(
            [](cyclos::config& c) { c.retry = {.max_retries = 1, .base_delay = 1ms}; });
        const auto requests = [&](const cyclos::images_api& images) {
            session.server.clear_misbehaviours();
            session.server.misbehave({.target = "images/", .times = 3, .status = 503});
            const auto before = session.server.statistics().requests;
            (void)session.attempt(images.view_image(fixture::portrait));
            return session.server.statistics().requests - before;
        };
        CHECK(requests(session.images) == 2);
        CHECK(requests(session.images.with({.retry = cyclos::retry_config{}})) == 1);
        CHECK(requests(session.images.with(
                  {.retry = cyclos::retry_config{.max_retries = 5, .base_delay = 1ms}})) == 4);
    }

    TEST_CASE("call options: a call that must not wait fails at once if all connections are in use")
    {
        auto session = session_with([](cyclos::config& c) { c.pool.max_connections = 1; });
        const auto call = session.images.with({.no_wait = true});
        // It may open a connection, and use an idle one.
        CHECK(session.run(call.view_image(fixture::portrait)).width == 64);
        CHECK(session.run(call.view_image(fixture::portrait)).width == 64);
        session.server.misbehave({.target = "images/", .times = 1, .answer_delay = 500ms});
        auto first = session.start(session.images.view_image(fixture::portrait));
        session.until([&] { return session.stats().in_use == 1; });
        const auto busy = session.attempt(call.view_image(fixture::portrait));
        CHECK(failure_of(busy) == failure{errc::pool_busy, phase::acquiring, sent_state::none, 0});
        CHECK(error_of(busy).kind() == "overload");
        CHECK(session.get(std::move(first)).width == 64);
    }

    TEST_CASE("call options: batches of transfers take the terms of their handle")
    {
        auto session = session_with();
        const header fields[] = {{"X-Request-ID", "4711"}};
        const auto call = session.images.with({.headers = fields});
        const std::vector<int> sizes{1000, 2000, 3000};
        const auto stored = session.run(cyclos::upload_all(sizes, 2, [&](int size) {
            return call.upload_temp_image(pattern_source{static_cast<std::uint64_t>(size)});
        }));
        CHECK(stored.size() == 3);
        const auto views = session.run(cyclos::download_all(
            stored, 2, [&](const cyclos::result<cyclos::uploaded_image>& image) {
                return call.view_image(image->id);
            }));
        for (const auto& request : session.server.requests()) {
            CHECK(request.header("X-Request-ID") == "4711");
        }
        CHECK(views.size() == 3);
    }
}
