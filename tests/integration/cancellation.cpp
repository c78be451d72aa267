//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Operations that are cancelled, and clients that are closed or destroyed at any point: the error
// is reported, and the rest works.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/run_one_for.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::as_result;
using cyclos::images_api;

constexpr std::uint64_t large = 48U << 20U;

template <class T>
asio::awaitable<T> taking_any_cancellation(asio::awaitable<T> operation)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_return co_await std::move(operation);
}

/// Starts an operation that can be cancelled.
template <class T>
std::future<T> start(client_session& session, asio::awaitable<T> operation,
                     asio::cancellation_signal& signal)
{
    return asio::co_spawn(session.client.get_executor(),
                          taking_any_cancellation(std::move(operation)),
                          asio::bind_cancellation_slot(signal.slot(), asio::use_future));
}

/// The error of an operation that must fail. It may come from Asio if the cancellation reached a
/// coroutine of the test.
template <class T>
std::optional<failure> failure_of(client_session& session, std::future<T> operation)
{
    try {
        session.get(std::move(operation));
    }
    catch (const cyclos::error& e) {
        return failure{e.code(), e.phase(), e.sent(), e.attempts()};
    }
    return std::nullopt;
}

failure cancelled(phase failed_phase, sent_state sent, unsigned attempts = 1)
{
    return {errc::cancelled, failed_phase, sent, attempts};
}

/// Nothing is left over, and the next request works.
void check_works(sandbox_session& session)
{
    session.server.clear_misbehaviours();
    session.until([&] {
        const auto stats = session.stats();
        return stats.in_use == 0 && stats.waiting == 0;
    });
    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
}

const std::vector<asio::cancellation_type> all_types{asio::cancellation_type::terminal,
                                                     asio::cancellation_type::partial,
                                                     asio::cancellation_type::total};

} // namespace

TEST_SUITE("cancellation types")
{
    TEST_CASE(
        "cancellation types: a spawned operation accepts terminal, partial and total cancellation")
    {
        for (const auto type : all_types) {
            sandbox_session session;
            session.server.misbehave({.instead = ending::hang});
            const auto check = [&]<class T>(cyclos::operation<T> operation) {
                const auto before = session.server.statistics().requests;
                asio::cancellation_signal signal;
                auto outcome =
                    asio::co_spawn(session.client.get_executor(), std::move(operation),
                                   asio::bind_cancellation_slot(signal.slot(), asio::use_future));
                session.until([&] { return session.server.statistics().requests > before; });
                signal.emit(type);
                CHECK(failure_of(session, std::move(outcome)) ==
                      cancelled(phase::awaiting_response, sent_state::complete));
            };
            check(session.images.view_image(fixture::portrait));
            check(session.images.list_user_images("self"));
            check(session.images.delete_image(fixture::portrait));
            check(session.images.get_image_content(fixture::portrait));
            check(session.images.upload_temp_image(pattern_source{10}));
            check_works(session);
        }
    }

    TEST_CASE("cancellation types: a spawned as_result, upload batch or content read accepts every "
              "cancellation type")
    {
        for (const auto type : all_types) {
            sandbox_session session;
            session.server.store().add_image(
                {.id = "1", .content = cyclos::sandbox::content::synthetic(large)});
            auto content = session.run(session.images.get_image_content("1"));
            session.server.misbehave({.instead = ending::hang});
            const auto launch = [&]<class T>(cyclos::operation<T> operation,
                                             asio::cancellation_signal& signal) {
                return asio::co_spawn(
                    session.client.get_executor(), std::move(operation),
                    asio::bind_cancellation_slot(signal.slot(), asio::use_future));
            };
            asio::cancellation_signal first;
            asio::cancellation_signal second;
            asio::cancellation_signal third;
            auto view = launch(as_result(session.images.view_image(fixture::portrait)), first);
            auto uploads = launch(
                cyclos::upload_all(
                    std::vector{1, 2}, 2,
                    [&](int) { return session.images.upload_temp_image(pattern_source{10}); }),
                second);
            session.until([&] { return session.server.statistics().requests == 4; });
            first.emit(type);
            second.emit(type);
            CHECK(session.get(std::move(view)).error().code() == errc::cancelled);
            for (const auto& each : session.get(std::move(uploads))) {
                CHECK(each.error().code() == errc::cancelled);
            }
            session.server.clear_misbehaviours();
            auto bytes = launch(content.read_all(large), third);
            session.context().poll_one();
            third.emit(type);
            CHECK_THROWS(session.get(std::move(bytes)));
        }
    }

    TEST_CASE("cancellation types: an awaited operation receives what the cancellation filter of "
              "the coroutine passes, and leaves the filter unchanged")
    {
        for (const auto type : all_types) {
            sandbox_session session;
            session.server.misbehave({.times = 1, .instead = ending::hang});
            asio::cancellation_type taken = asio::cancellation_type::none;
            const auto call = [&]() -> asio::awaitable<void> {
                const auto outcome =
                    co_await as_result(session.images.view_image(fixture::portrait));
                taken = (co_await asio::this_coro::cancellation_state).cancelled();
                CHECK(outcome.error().code() == (type == asio::cancellation_type::terminal
                                                     ? errc::cancelled
                                                     : errc::connection_lost));
            };
            asio::cancellation_signal signal;
            auto done =
                asio::co_spawn(session.client.get_executor(), call(),
                               asio::bind_cancellation_slot(signal.slot(), asio::use_future));
            session.until([&] { return session.server.statistics().requests == 1; });
            signal.emit(type);
            session.until([&] {
                return session.stats().in_use ==
                       (type == asio::cancellation_type::terminal ? 0U : 1U);
            });
            session.server.close_all();
            session.get(std::move(done));
            CHECK(
                taken ==
                (type == asio::cancellation_type::terminal ? type : asio::cancellation_type::none));
        }
    }

    TEST_CASE("cancellation types: as_result cancelled before it begins sends nothing")
    {
        sandbox_session session;
        asio::cancellation_signal signal;
        auto view =
            asio::co_spawn(session.client.get_executor(), as_result(session.images.view_image("1")),
                           asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        signal.emit(asio::cancellation_type::terminal);
        CHECK(session.get(std::move(view)).error().code() == errc::cancelled);
        CHECK(session.server.statistics().requests == 0);
    }
}

TEST_SUITE("cancellation")
{
    TEST_CASE("cancellation: before the operation begins, nothing is sent")
    {
        sandbox_session session;
        asio::cancellation_signal signal;
        auto view = start(session, session.images.view_image(fixture::portrait), signal);
        signal.emit(asio::cancellation_type::terminal);
        CHECK_THROWS(session.get(std::move(view)));
        check_works(session);
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE("cancellation: while waiting for a connection, the request leaves the queue")
    {
        for (const auto type : all_types) {
            sandbox_session session{{}, [](cyclos::config& c) { c.pool.max_connections = 1; }};
            auto content = session.run(session.images.get_image_content(fixture::portrait));
            asio::cancellation_signal signal;
            auto view = start(session, session.images.view_image(fixture::portrait), signal);
            session.until([&] { return session.stats().waiting == 1; });
            signal.emit(type);
            CHECK(failure_of(session, std::move(view)) ==
                  cancelled(phase::acquiring, sent_state::none, 0));
            CHECK(session.run(content.read_all(1 << 20)).size() > 0);
            check_works(session);
            CHECK(session.server.statistics().accepted == 1);
        }
    }

    TEST_CASE("cancellation: while its connection is being opened, the request ends")
    {
        asio::io_context other;
        asio::ip::tcp::acceptor silent{other, {asio::ip::address_v4::loopback(), 0}};
        client_session session{cyclos::config{
            "https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/api",
            demo()}};
        asio::cancellation_signal signal;
        auto view = start(session, session.images.view_image("1"), signal);
        session.until([&] { return session.stats().connecting == 1; });
        signal.emit(asio::cancellation_type::total);
        CHECK(failure_of(session, std::move(view)) ==
              cancelled(phase::acquiring, sent_state::none, 0));
        CHECK(session.stats().waiting == 0);
    }

    TEST_CASE("cancellation: while awaiting the response, the request reports that it was sent")
    {
        for (const auto type : all_types) {
            sandbox_session session;
            session.server.misbehave({.instead = ending::hang});
            asio::cancellation_signal signal;
            auto view = start(session, session.images.view_image(fixture::portrait), signal);
            session.until([&] { return session.server.statistics().requests == 1; });
            session.until([&] { return session.stats().in_use == 1; });
            signal.emit(type);
            CHECK(failure_of(session, std::move(view)) ==
                  cancelled(phase::awaiting_response, sent_state::complete));
            check_works(session);
            CHECK(session.server.statistics().accepted == 2);
        }
    }

    TEST_CASE("cancellation: during an upload, nothing is stored")
    {
        for (const auto type : all_types) {
            sandbox_session session;
            session.server.misbehave({.method = "POST", .read_body = 0, .instead = ending::freeze});
            asio::cancellation_signal signal;
            auto upload = start(
                session, session.images.upload_user_image("self", pattern_source{large}), signal);
            session.until([&] { return session.server.statistics().requests == 1; });
            signal.emit(type);
            CHECK(failure_of(session, std::move(upload)) ==
                  cancelled(phase::sending, sent_state::partial));
            check_works(session);
            CHECK(session.server.store().user_images(fixture::demo_id).size() == 1);
        }
    }

    TEST_CASE("cancellation: during a download, the content fails and its connection is closed")
    {
        for (const auto type : all_types) {
            sandbox_session session;
            session.server.store().add_image(
                {.id = "1", .content = cyclos::sandbox::content::synthetic(large)});
            session.server.misbehave(
                {.target = "content", .stop_after = 300'000, .stopped = ending::hang});
            auto content = session.run(session.images.get_image_content("1"));
            std::string block(10'000, ' ');
            std::size_t received = 0;
            const auto read = [&]() -> asio::awaitable<void> {
                for (;;) {
                    received += co_await content.read_some(asio::buffer(block));
                }
            };
            asio::cancellation_signal signal;
            auto reading = start(session, read(), signal);
            session.until([&] { return received > 299'000; });
            signal.emit(type);
            CHECK(failure_of(session, std::move(reading)) ==
                  cancelled(phase::receiving, sent_state::complete));
            CHECK_FALSE(content.done());
            check_works(session);
            CHECK(session.server.statistics().accepted == 2);
        }
    }

    TEST_CASE("cancellation: while a content is saved, the target is unchanged and no temporary "
              "file is left")
    {
        for (const auto type : all_types) {
            sandbox_session session;
            session.server.store().add_image(
                {.id = "1", .content = cyclos::sandbox::content::synthetic(large)});
            session.server.misbehave(
                {.target = "content", .stop_after = 300'000, .stopped = ending::hang});
            const temporary_directory directory;
            const auto target = directory.write("target", "as it was");
            std::uint64_t received = 0;
            const cyclos::progress_hook hook = [&](const cyclos::transfer_progress& now) {
                received = now.bytes;
            };
            const auto images = session.images.with({.progress = &hook});
            auto content = session.run(images.get_image_content("1"));
            asio::cancellation_signal signal;
            auto saving = start(session, content.save_to(target), signal);
            session.until([&] { return received > 0; });
            signal.emit(type);
            CHECK(failure_of(session, std::move(saving)) ==
                  cancelled(phase::receiving, sent_state::complete));
            std::ifstream kept{target, std::ios::binary};
            CHECK(std::string{std::istreambuf_iterator<char>{kept}, {}} == "as it was");
            const std::filesystem::directory_iterator files{directory.path()};
            CHECK(std::distance(begin(files), end(files)) == 1);
            check_works(session);
        }
    }

    TEST_CASE("cancellation: one cancelled request does not affect the others")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.max_connections = 2; }};
        session.server.misbehave({.answer_delay = 20ms});
        std::vector<std::future<cyclos::image_view>> views;
        std::deque<asio::cancellation_signal> signals;
        for (int i = 0; i < 12; ++i) {
            views.push_back(start(session, session.images.view_image(fixture::portrait),
                                  signals.emplace_back()));
        }
        session.until([&] { return session.server.statistics().requests >= 2; });
        for (std::size_t i = 0; i < 12; i += 3) {
            signals[i].emit(asio::cancellation_type::terminal);
        }
        for (std::size_t i = 0; i < 12; ++i) {
            if (i % 3 == 0) {
                CHECK(failure_of(session, std::move(views[i]))->code == errc::cancelled);
            }
            else {
                CHECK(session.get(std::move(views[i])).width == 64);
            }
        }
        check_works(session);
    }
}

TEST_SUITE("end of a client")
{
    failure closed(phase failed_phase, sent_state sent, unsigned attempts = 1)
    {
        return {errc::client_closed, failed_phase, sent, attempts};
    }

    /// A client that can be destroyed before its context.
    class mortal_client : public test_context
    {
    public:
        explicit mortal_client(const adjustment& adjust = {})
        {
            client.emplace(context(), config_for(server, demo(), adjust));
        }

        template <class T>
        std::future<cyclos::result<T>> start(asio::awaitable<T> operation)
        {
            return asio::co_spawn(client->get_executor(), as_result(std::move(operation)),
                                  asio::use_future);
        }

        cyclos::sandbox::server server;
        std::optional<cyclos::client> client;
    };

    TEST_CASE("end of a client: destroying it fails requests in flight and waiting requests with "
              "client_closed")
    {
        mortal_client mortal{[](cyclos::config& c) { c.pool.max_connections = 1; }};
        mortal.server.misbehave({.instead = ending::hang});
        const images_api images{*mortal.client};
        auto flying = mortal.start(images.view_image("1"));
        mortal.until([&] { return mortal.server.statistics().requests == 1; });
        auto waiting = mortal.start(images.view_image("2"));
        auto never = images.view_image("3");
        const auto executor = mortal.client->get_executor();
        mortal.client.reset();
        CHECK(cyclos::test::failure_of(mortal.get(std::move(flying))) ==
              closed(phase::awaiting_response, sent_state::complete));
        CHECK(cyclos::test::failure_of(mortal.get(std::move(waiting))) ==
              closed(phase::acquiring, sent_state::none, 0));
        auto late = asio::co_spawn(executor, as_result(std::move(never)), asio::use_future);
        CHECK(cyclos::test::failure_of(mortal.get(std::move(late))) ==
              closed(phase::acquiring, sent_state::none, 0));
        mortal.until([&] { return mortal.server.statistics().open == 0; });
    }

    TEST_CASE("end of a client: destroying it while a caller on another executor cancels ends the "
              "request once")
    {
        for (const bool first : {true, false}) {
            mortal_client mortal;
            mortal.server.misbehave({.instead = ending::hang});
            const images_api images{*mortal.client};
            asio::cancellation_signal signal;
            auto flying =
                asio::co_spawn(mortal.context(), as_result(images.view_image("1")),
                               asio::bind_cancellation_slot(signal.slot(), asio::use_future));
            mortal.until([&] { return mortal.server.statistics().requests == 1; });
            asio::post(mortal.context(), [&] {
                if (first) {
                    signal.emit(asio::cancellation_type::terminal);
                }
                mortal.client.reset();
                signal.emit(asio::cancellation_type::terminal);
            });
            const auto outcome = mortal.get(std::move(flying));
            CHECK(outcome.error().sent() == sent_state::complete);
            CHECK((outcome.error().code() == errc::client_closed ||
                   outcome.error().code() == errc::cancelled));
        }
    }

    TEST_CASE("end of a client: destroying it fails an upload and a download in progress")
    {
        mortal_client mortal;
        mortal.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(large)});
        mortal.server.misbehave({.method = "POST", .read_body = 0, .instead = ending::freeze});
        mortal.server.misbehave(
            {.target = "content", .stop_after = 300'000, .stopped = ending::hang});
        const images_api images{*mortal.client};
        auto upload = mortal.start(images.upload_temp_image(pattern_source{large}));
        auto content = mortal.get(mortal.start(images.get_image_content("1"))).value();
        auto read = mortal.start(content.read_all(large));
        auto other = mortal.get(mortal.start(images.get_image_content("1"))).value();
        mortal.until([&] { return mortal.server.statistics().requests == 3; });
        const auto executor = mortal.client->get_executor();
        mortal.client.reset();
        CHECK(cyclos::test::failure_of(mortal.get(std::move(upload))) ==
              closed(phase::sending, sent_state::partial));
        CHECK(cyclos::test::failure_of(mortal.get(std::move(read))) ==
              closed(phase::receiving, sent_state::complete));
        // A content that was not being read reports it at the next read.
        auto late = asio::co_spawn(executor, as_result(other.read_all(large)), asio::use_future);
        CHECK(mortal.get(std::move(late)).error().code() == errc::client_closed);
    }

    TEST_CASE("end of a client: close() lets running requests finish, fails waiting ones, and "
              "rejects new ones")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.max_connections = 1; }};
        session.server.misbehave({.answer_delay = 50ms});
        auto flying = session.start(session.images.view_image(fixture::portrait));
        session.until([&] { return session.server.statistics().requests == 1; });
        auto waiting = session.start(as_result(session.images.view_image(fixture::portrait)));
        session.until([&] { return session.stats().waiting == 1; });
        auto closing = session.start(session.client.close(10s));
        CHECK(cyclos::test::failure_of(session.get(std::move(waiting))) ==
              closed(phase::acquiring, sent_state::none, 0));
        CHECK(cyclos::test::failure_of(session.attempt(session.images.view_image(
                  fixture::portrait))) == closed(phase::acquiring, sent_state::none, 0));
        CHECK(session.get(std::move(flying)).width == 64);
        session.get(std::move(closing));
        session.until([&] { return session.server.statistics().open == 0; });
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE("end of a client: close() aborts requests that do not finish within the grace period")
    {
        sandbox_session session;
        session.server.misbehave({.instead = ending::hang});
        auto flying = session.start(as_result(session.images.view_image(fixture::portrait)));
        session.until([&] { return session.server.statistics().requests == 1; });
        session.run(session.client.close(20ms));
        CHECK(cyclos::test::failure_of(session.get(std::move(flying))) ==
              closed(phase::awaiting_response, sent_state::complete));
        session.run(session.client.close(0s));
    }

    TEST_CASE("end of a client: destroying the context with operations in flight leaks nothing")
    {
        cyclos::sandbox::server server;
        server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(large)});
        server.misbehave({.method = "POST", .read_body = 0, .instead = ending::freeze});
        server.misbehave({.method = "DELETE", .instead = ending::hang});
        for (int turns = 0; turns < 40; ++turns) {
            asio::io_context context;
            cyclos::client client{context, config_for(server, demo(), [](cyclos::config& c) {
                                      c.pool.max_connections = 3;
                                  })};
            const images_api images{client};
            const temporary_directory directory;
            const auto download = [&]() -> asio::awaitable<void> {
                auto content = co_await images.get_image_content("1");
                co_await content.save_to(directory / "target");
            };
            asio::co_spawn(context, images.delete_image("1"), asio::detached);
            asio::co_spawn(client.get_executor(), images.upload_temp_image(pattern_source{large}),
                           [](const std::exception_ptr&, const cyclos::uploaded_image&) {});
            asio::co_spawn(context, download(), asio::detached);
            for (int i = 0; i < 3; ++i) {
                asio::co_spawn(context, images.list_temp_images(),
                               [](const std::exception_ptr&, const std::vector<cyclos::image>&) {});
            }
            for (int i = 0; i < turns * 3; ++i) {
                run_one_for(context, 1ms);
            }
        }
    }
}
