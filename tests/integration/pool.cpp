//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Use, reuse and closing of connections, seen from client and server.

#include "integration/support/await.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using namespace cyclos::test;

const std::vector<ending> all_ends{ending::notify, ending::fin, ending::reset};

/// A complete response: if it is taken for one, the width is 1.
const std::string unsolicited = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"width\":1}";

adjustment with_connections(std::size_t count)
{
    return [=](cyclos::config& c) { c.pool.max_connections = count; };
}

void view(sandbox_session& session)
{
    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
}

failure lost(phase failed_phase, sent_state sent, unsigned attempts = 1)
{
    return {errc::connection_lost, failed_phase, sent, attempts};
}

} // namespace

TEST_SUITE("pool")
{
    TEST_CASE("pool: one connection serves consecutive requests")
    {
        sandbox_session session;
        for (int i = 0; i < 20; ++i) {
            view(session);
        }
        CHECK(session.server.statistics().accepted == 1);
        const auto stats = session.stats();
        CHECK(stats.opened == 1);
        CHECK(stats.reused == 19);
        CHECK(stats.idle == 1);
        CHECK(stats.in_use == 0);
    }

    TEST_CASE("pool: there are never more connections than max_connections")
    {
        sandbox_session session{{}, with_connections(3)};
        session.server.misbehave({.answer_delay = 5ms});
        std::vector<std::future<cyclos::image_view>> views;
        for (int i = 0; i < 40; ++i) {
            views.push_back(session.start(session.images.view_image(fixture::portrait)));
        }
        for (auto& each : views) {
            CHECK(session.get(std::move(each)).width == 64);
        }
        CHECK(session.server.statistics().accepted == 3);
        CHECK(session.stats().idle == 3);
        CHECK(session.stats().waiting == 0);
    }

    TEST_CASE("pool: waiting requests are served in their order")
    {
        sandbox_session session{{}, with_connections(1)};
        session.server.misbehave({.status = 200, .body = "{}"});
        std::vector<std::future<cyclos::image_view>> views;
        for (int i = 0; i < 10; ++i) {
            views.push_back(session.start(session.images.view_image(std::to_string(i))));
        }
        for (auto& each : views) {
            session.get(std::move(each));
        }
        const auto requests = session.server.requests();
        REQUIRE(requests.size() == 10);
        for (std::size_t i = 0; i < 10; ++i) {
            CHECK(requests[i].target() == "/api/images/" + std::to_string(i));
        }
    }

    TEST_CASE("pool: a connection returned by a cancelled waiter keeps the keep-alive timeout of "
              "the server")
    {
        sandbox_session session{{}, with_connections(1)};
        session.server.misbehave({.times = 1, .headers = {{"Keep-Alive", "timeout=2"}}});
        asio::cancellation_signal cancel;
        const auto first = [&]() -> asio::awaitable<void> {
            co_await session.images.view_image(fixture::portrait);
            cancel.emit(asio::cancellation_type::terminal); // the other request has just been
                                                            // granted the connection
        };
        auto served = session.start(first());
        auto other = asio::co_spawn(session.client.get_executor(),
                                    cyclos::as_result(session.images.view_image(fixture::portrait)),
                                    asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
        session.get(std::move(served));
        CHECK(session.get(std::move(other)).error().code() == errc::cancelled);
        CHECK(session.server.statistics().requests == 1);
        CHECK(session.stats().idle == 1);
        session.until([&] { return session.stats().idle == 0; },
                      10s); // the configured idle timeout is longer
    }

    TEST_CASE("pool: requests beyond max_pending_acquires are rejected at once")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.pool.max_connections = 1;
                                    c.pool.max_pending_acquires = 2;
                                }};
        session.server.misbehave({.times = 1, .instead = ending::hang});
        auto first = session.start(as_result(session.images.view_image(fixture::portrait)));
        session.until([&] { return session.server.statistics().requests == 1; });
        auto second = session.start(session.images.view_image(fixture::portrait));
        auto third = session.start(session.images.view_image(fixture::portrait));
        CHECK(failure_of(session.attempt(session.images.view_image(fixture::portrait))) ==
              failure{errc::pool_queue_full, phase::acquiring, sent_state::none, 0});
        session.server.close_all();
        CHECK(session.get(std::move(first)).error().code() == errc::connection_lost);
        CHECK(session.get(std::move(second)).width == 64);
        CHECK(session.get(std::move(third)).width == 64);
    }

    TEST_CASE("pool: min_connections are opened in advance, and replaced when they close")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.min_connections = 3; }};
        session.until([&] { return session.stats().idle == 3; });
        view(session);
        CHECK(session.server.statistics().accepted == 3);
        // They are restored.
        session.server.close_idle();
        session.until([&] { return session.server.statistics().accepted == 6; });
        session.until([&] { return session.stats().idle == 3; });
    }
}

TEST_SUITE("pool, closing connections")
{
    TEST_CASE("pool, closing connections: a connection with Connection: close is not reused")
    {
        sandbox_session session{{.keep_alive = false}};
        for (int i = 0; i < 5; ++i) {
            view(session);
            CHECK(session.stats().idle == 0);
        }
        CHECK(session.server.statistics().accepted == 5);
        CHECK(session.stats().evicted == 0);
    }

    TEST_CASE("pool, closing connections: a connection is closed before its keep-alive timeout of "
              "one second")
    {
        std::optional<cyclos::close_reason> reason;
        sandbox_session session{
            {.idle_timeout = 1s, .announce_keep_alive = true}, [&](cyclos::config& c) {
                c.on_event = [&](const cyclos::client_event& event) {
                    if (const auto* closed = std::get_if<cyclos::events::closed>(&event)) {
                        reason = closed->reason;
                    }
                };
            }};
        view(session);
        session.until([&] { return reason.has_value(); });
        CHECK(*reason == cyclos::close_reason::idle);
        CHECK(session.server.statistics().accepted == 1);
    }

    TEST_CASE("pool, closing connections: a connection with a longer keep-alive timeout is reused")
    {
        sandbox_session session{{.announce_keep_alive = true}};
        view(session);
        view(session);
        CHECK(session.server.statistics().accepted == 1);
    }

    TEST_CASE(
        "pool, closing connections: a connection is closed when the server limits its requests")
    {
        sandbox_session session{{.requests_per_connection = 3}};
        for (int i = 0; i < 7; ++i) {
            view(session);
        }
        CHECK(session.server.statistics().accepted == 3);
    }

    TEST_CASE("pool, closing connections: a connection is closed after max_requests requests")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.max_requests = 2; }};
        for (int i = 0; i < 6; ++i) {
            view(session);
        }
        CHECK(session.server.statistics().accepted == 3);
    }

    TEST_CASE("pool, closing connections: a connection is closed after idle_timeout or max_age")
    {
        for (const bool idle : {true, false}) {
            sandbox_session session{{}, [=](cyclos::config& c) {
                                        (idle ? c.pool.idle_timeout : c.pool.max_age) = 50ms;
                                    }};
            view(session);
            session.until([&] { return session.server.statistics().open == 0; });
            CHECK(session.stats().evicted == 1);
            CHECK(session.stats().idle == 0);
            view(session);
            CHECK(session.server.statistics().accepted == 2);
        }
    }
}

TEST_SUITE("pool, idle connections")
{
    TEST_CASE("pool, idle connections: a connection that the server closes is removed at once")
    {
        for (const bool tls : {true, false}) {
            for (const auto end : all_ends) {
                sandbox_session session{{.tls = tls}};
                view(session);
                CHECK(session.server.close_idle(end) == 1);
                session.until([&] { return session.stats().idle == 0; });
                CHECK(session.stats().evicted == 1);
                view(session);
                CHECK(session.server.statistics().accepted == 2);
                CHECK(session.server.statistics().requests == 2);
            }
        }
    }

    TEST_CASE("pool, idle connections: unsolicited data is never taken for a response")
    {
        for (const bool tls : {true, false}) {
            for (const std::string& bytes :
                 {unsolicited, std::string{"HTTP/1.1 408 Request Timeout\r\n\r\n"},
                  std::string{"x"}}) {
                sandbox_session session{{.tls = tls}};
                view(session);
                CHECK(session.server.send_to_idle(bytes) == 1);
                session.until([&] { return session.stats().idle == 0; });
                view(session);
                CHECK(session.server.statistics().accepted == 2);
            }
        }
    }

    TEST_CASE("pool, idle connections: unsolicited data that arrives just before the next request "
              "is never taken for a response")
    {
        for (const bool tls : {true, false}) {
            for (int round = 0; round < 20; ++round) {
                sandbox_session session{{.tls = tls}};
                view(session);
                // The client does not run meanwhile: it finds the bytes and the next request at the
                // same time.
                CHECK(session.server.send_to_idle(unsolicited) == 1);
                view(session);
                CHECK(session.server.statistics().accepted == 2);
            }
        }
    }

    TEST_CASE("pool, idle connections: unsolicited data that arrives with a response is never "
              "taken for the next response")
    {
        for (const bool tls : {true, false}) {
            sandbox_session session{{.tls = tls}, with_connections(1)};
            const std::string answer =
                "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"width\":64}";
            session.server.misbehave({.raw = answer + unsolicited});
            std::vector<std::future<cyclos::image_view>> views;
            for (int i = 0; i < 10; ++i) {
                views.push_back(session.start(session.images.view_image(fixture::portrait)));
            }
            for (auto& each : views) {
                CHECK(session.get(std::move(each)).width == 64);
            }
            CHECK(session.server.statistics().accepted == 10);
        }
    }

    TEST_CASE("pool, idle connections: unsolicited data after a content is never taken for the "
              "response to an immediate next request")
    {
        const std::string content(100'000, 'x');
        for (const bool tls : {true, false}) {
            sandbox_session session{{.tls = tls}};
            session.server.misbehave(
                {.times = 1,
                 .raw = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: " +
                        std::to_string(content.size()) + "\r\n\r\n" + content + unsolicited});
            // On the client's own executor, so that no other handler runs in between.
            const auto read_and_ask = [&]() -> asio::awaitable<void> {
                auto stream = co_await session.images.get_image_content(fixture::portrait);
                // Exactly to the last byte.
                const auto bytes = co_await stream.read_all(content.size());
                CHECK(bytes == content);
                const auto details = co_await session.images.view_image(fixture::portrait);
                CHECK(details.width == 64);
            };
            session.run(read_and_ask());
            CHECK(session.server.statistics().accepted == 2);
        }
    }

    TEST_CASE("pool, idle connections: unsolicited data on a connection without a request is never "
              "taken for a response")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.min_connections = 1; }};
        session.until([&] { return session.stats().idle == 1; });
        // The server's handshake ends later than the client's.
        session.until([&] { return session.server.send_to_idle(unsolicited) == 1; });
        view(session);
        CHECK(session.server.statistics().accepted == 2);
    }

    TEST_CASE("pool, idle connections: an upload is not sent to a server that closed the "
              "connection while the thread was busy")
    {
        for (const bool tls : {true, false}) {
            for (const auto end : all_ends) {
                sandbox_session session{{.tls = tls}};
                const auto view_and_upload = [&]() -> asio::awaitable<void> {
                    co_await session.images.view_image(fixture::portrait);
                    // No other handler runs meanwhile: the upload itself has to check.
                    cyclos::test::await("the connection is not idle",
                                        [&] { return session.server.close_idle(end) == 1; });
                    co_await session.images.upload_temp_image(pattern_source{1000});
                };
                session.run(view_and_upload());
                CHECK(session.server.statistics().accepted == 2);
            }
        }
    }

    TEST_CASE("pool, idle connections: TLS 1.3 session tickets keep the connection open")
    {
        sandbox_session session{{.tls_min = cyclos::sandbox::tls_version::v1_3}};
        for (int i = 0; i < 5; ++i) {
            view(session);
            const auto until = std::chrono::steady_clock::now() + 5ms;
            session.until([&] { return std::chrono::steady_clock::now() > until; });
        }
        CHECK(session.server.statistics().accepted == 1);
        CHECK(session.stats().evicted == 0);
    }
}

TEST_SUITE("pool, stale connections")
{
    /// A session whose only connection ends with the next request, before any byte of a response.
    class stale_session : public sandbox_session
    {
    public:
        explicit stale_session(ending end, unsigned times = 1)
        {
            view(*this);
            server.misbehave({.times = times, .instead = end});
        }
    };

    TEST_CASE(
        "pool, stale connections: a repeatable request is sent again once, over a new connection")
    {
        for (const auto end : all_ends) {
            stale_session session{end};
            view(session);
            CHECK(session.server.statistics().requests == 3);
            CHECK(session.server.statistics().accepted == 2);

            stale_session other{end};
            other.run(other.images.delete_image(fixture::portrait));
            CHECK(other.server.statistics().requests == 3);

            stale_session third{end};
            const std::vector<std::string> ids{fixture::portrait};
            third.run(third.images.reorder_profile_images("self", ids));
            CHECK(third.server.statistics().requests == 3);
        }
    }

    TEST_CASE("pool, stale connections: the request fails if the new connection fails too")
    {
        for (const auto end : all_ends) {
            stale_session session{end, 2};
            CHECK(failure_of(session.attempt(session.images.view_image(fixture::portrait))) ==
                  lost(phase::awaiting_response, sent_state::complete, 2));
            CHECK(session.server.statistics().requests == 3);
            view(session);
        }
    }

    TEST_CASE("pool, stale connections: the sent state of the first attempt is reported, even if "
              "the second cannot connect")
    {
        sandbox_session session;
        view(session);
        session.server.misbehave(
            {.method = "DELETE", .times = 1, .perform = true, .instead = ending::reset});
        session.server.misbehave_on_connect({.before_handshake = ending::reset});
        const auto outcome = session.attempt(session.images.delete_image(fixture::portrait));
        CHECK(outcome.error().phase() < phase::sending); // connecting or handshaking
        CHECK(outcome.error().sent() == sent_state::complete);
        CHECK(session.server.store().user_images(fixture::demo_id).empty());
    }

    TEST_CASE("pool, stale connections: a request that makes the server close connections does not "
              "use up all idle connections")
    {
        sandbox_session session{{}, with_connections(10)};
        session.server.misbehave({.answer_delay = 20ms});
        std::vector<std::future<cyclos::image_view>> views;
        for (int i = 0; i < 10; ++i) {
            views.push_back(session.start(session.images.view_image(fixture::portrait)));
        }
        for (auto& each : views) {
            session.get(std::move(each));
        }
        REQUIRE(session.stats().idle == 10);
        session.server.clear_misbehaviours();
        session.server.misbehave({.instead = ending::reset});
        CHECK(session.attempt(session.images.view_image("poison")).error().attempts() == 2);
        CHECK(session.stats().idle == 9);
    }

    TEST_CASE("pool, stale connections: at the connection limit an idle connection is closed for "
              "the new one")
    {
        sandbox_session session{{}, with_connections(2)};
        session.server.misbehave({.answer_delay = 20ms});
        auto one = session.start(session.images.view_image(fixture::portrait));
        auto other = session.start(session.images.view_image(fixture::portrait));
        session.get(std::move(one));
        session.get(std::move(other));
        REQUIRE(session.stats().idle == 2);
        session.server.clear_misbehaviours();
        session.server.misbehave({.times = 1, .instead = ending::reset});
        auto slow = session.run(
            session.images.get_image_content(fixture::portrait)); // the first attempt is reset
        CHECK(session.server.statistics().accepted == 3);
        CHECK(session.run(slow.read_all(1'000'000)).size() > 0);
        CHECK(session.stats().idle == 2);
        CHECK(session.stats().evicted == 0);
    }

    TEST_CASE("pool, stale connections: a connection opened in advance counts as reused")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.min_connections = 1; }};
        session.until([&] { return session.stats().idle == 1; });
        session.server.misbehave({.times = 1, .instead = ending::notify});
        view(session);
        CHECK(session.server.statistics().requests == 2);
    }

    TEST_CASE("pool, stale connections: an upload is not sent again once a part of it was sent")
    {
        for (const auto end : all_ends) {
            stale_session session{end};
            const auto outcome =
                session.attempt(session.images.upload_user_image("self", pattern_source{1000}));
            CHECK(outcome.error().code() == errc::connection_lost);
            CHECK(outcome.error().sent() != sent_state::none);
            CHECK(outcome.error().attempts() == 1);
            CHECK(session.server.statistics().requests == 2);
        }
    }

    TEST_CASE("pool, stale connections: a request is not sent again after the first response byte")
    {
        for (const auto end : all_ends) {
            sandbox_session session;
            view(session);
            session.server.misbehave({.times = 1, .stop_after = 1, .stopped = end});
            CHECK(failure_of(session.attempt(session.images.view_image(fixture::portrait))) ==
                  lost(phase::receiving, sent_state::complete));
            CHECK(session.server.statistics().requests == 2);
        }
    }

    TEST_CASE("pool, stale connections: a request is not sent again if its connection was new")
    {
        sandbox_session session;
        session.server.misbehave({.times = 1, .instead = ending::notify});
        CHECK(failure_of(session.attempt(session.images.view_image(fixture::portrait))) ==
              lost(phase::awaiting_response, sent_state::complete));
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE("pool, stale connections: a request is not sent again after a timeout")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.response_header = 50ms; }};
        view(session);
        session.server.misbehave({.times = 1, .instead = ending::hang});
        CHECK(
            failure_of(session.attempt(session.images.view_image(fixture::portrait))) ==
            failure{errc::response_header_timeout, phase::awaiting_response, sent_state::complete});
        CHECK(session.server.statistics().requests == 2);
    }

    TEST_CASE("pool, stale connections: no request fails and no upload is stored twice while "
              "connections are closed")
    {
        sandbox_session session{{}, with_connections(4)};
        std::size_t stored = 0;
        for (int round = 0; round < 60; ++round) {
            std::vector<std::future<cyclos::image_view>> views;
            for (int i = 0; i < 8; ++i) {
                views.push_back(session.start(session.images.view_image(fixture::portrait)));
            }
            auto upload =
                session.start(as_result(session.images.upload_temp_image(pattern_source{100})));
            session.server.close_idle(all_ends[static_cast<std::size_t>(round) % all_ends.size()]);
            for (auto& each : views) {
                CHECK(session.get(std::move(each)).width == 64);
            }
            const auto outcome = session.get(std::move(upload));
            stored += outcome.has_value() ? 1 : 0;
            if (!outcome) {
                CHECK(outcome.error().code() == errc::connection_lost);
            }
        }
        // The server closes connections before it reads a request, so a request without a response
        // was not stored.
        CHECK(session.server.store().temp_images().size() == stored);
        CHECK(session.stats().in_use == 0);
    }
}
