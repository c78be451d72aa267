//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Each operation is cancelled after its first handler, its second one, and so on, until it ends
// before that.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/run_one_for.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace {

using namespace cyclos::test;
using cyclos::image_content;

class cancelled_session : public sandbox_session
{
public:
    explicit cancelled_session(const adjustment& adjust = {})
        : sandbox_session({.kept_requests = 100'000}, adjust)
    {}

    using operation = std::function<asio::awaitable<void>()>;
    using action = std::function<void()>;

    /** Cancels the operation after each of its handlers.

        @param before Called each time before the operation begins.
        @param after Called after it has ended, before the next request.
    */
    void cancel_everywhere(
        const operation& called, const action& before = [] {}, const action& after = [] {})
    {
        bool got_through = false;
        int points = 0;
        int ignored = 0;
        for (std::size_t handlers = 0; !got_through; ++handlers) {
            CAPTURE(handlers);
            before();
            const auto seen = server.statistics().requests;
            const auto stored = server.store().temp_images().size();
            asio::cancellation_signal signal;
            auto ended =
                asio::co_spawn(client.get_executor(), taking_any(called),
                               asio::bind_cancellation_slot(signal.slot(), asio::use_future));
            std::size_t n = 0;
            for (; ended.wait_for(0s) != std::future_status::ready; ++n) {
                if (n == handlers) {
                    emit(signal, types_[handlers % 3]);
                }
                REQUIRE(run_one_for(context(), 30s) == 1);
            }
            got_through = n <= handlers;
            points += got_through ? 0 : 1;
            ignored += check(std::move(ended), got_through, seen, stored) || got_through ? 0 : 1;
            after();
            until([&] {
                const auto now = stats();
                return now.in_use == 0 && now.waiting == 0;
            });
            CHECK(run(images.view_image(fixture::portrait)).width == 64);
        }
        CHECK(points > 1);
        CHECK(ignored <=
              1 + points / 4); // an operation that has its result already cannot be cancelled
    }

    /// On the strand: from elsewhere, with Asio before 1.28.2, it may reach the next operation
    /// instead (chriskohlhoff/asio#1332). The signal stays there until the strand has run it.
    void emit(asio::cancellation_signal& signal, asio::cancellation_type type)
    {
        asio::post(client.get_executor(), [&signal, type] { signal.emit(type); });
    }

private:
    static asio::awaitable<void> taking_any(operation called)
    {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await called();
    }

    /// @return Whether it was cancelled.
    bool check(std::future<void> ended, bool got_through, std::uint64_t seen, std::size_t stored)
    {
        std::optional<sent_state> sent;
        try {
            ended.get();
        }
        catch (const cyclos::error& e) {
            CHECK(e.kind() == "cancelled");
            CHECK(e.code() == boost::system::errc::operation_canceled);
            sent = e.sent();
        }
        catch (const boost::system::system_error& e) {
            // Asio's own, from a coroutine of the test that has not begun to wait for the library.
            CHECK(e.code() == boost::system::errc::operation_canceled);
            sent = sent_state::none;
        }
        if (got_through) {
            CHECK_FALSE(sent.has_value());
        }
        if (sent == sent_state::none) {
            CHECK(server.statistics().requests == seen);
        }
        if (sent && sent != sent_state::complete) {
            CHECK(server.store().temp_images().size() == stored);
        }
        return sent.has_value();
    }

    const std::vector<asio::cancellation_type> types_{asio::cancellation_type::terminal,
                                                      asio::cancellation_type::partial,
                                                      asio::cancellation_type::total};
};

} // namespace

TEST_SUITE("cancellation after every handler")
{
    TEST_CASE("cancellation after every handler: a request on a new connection ends with "
              "cancelled, and the next one works")
    {
        cancelled_session session;
        session.cancel_everywhere(
            [&]() -> asio::awaitable<void> {
                co_await session.images.view_image(fixture::portrait);
            },
            [&] {
                session.server.close_all();
                session.until(
                    [&] { return session.stats().idle + session.stats().connecting == 0; });
            });
    }

    TEST_CASE("cancellation after every handler: a request on a reused connection ends with "
              "cancelled, and the next one works")
    {
        cancelled_session session;
        session.cancel_everywhere(
            [&]() -> asio::awaitable<void> {
                co_await session.images.view_image(fixture::portrait);
            },
            [&] { session.run(session.images.view_image(fixture::portrait)); });
    }

    TEST_CASE("cancellation after every handler: a request that waits for the pool ends with "
              "cancelled, and the next one works")
    {
        cancelled_session session{[](cyclos::config& c) { c.pool.max_connections = 1; }};
        std::optional<image_content> holder;
        const std::function<void(int)> free_after = [&](int turns) {
            if (turns == 0) {
                holder.reset();
            }
            else {
                asio::post(session.context(), [&free_after, turns] { free_after(turns - 1); });
            }
        };
        session.cancel_everywhere(
            [&]() -> asio::awaitable<void> {
                co_await session.images.view_image(fixture::portrait);
            },
            [&] {
                holder = session.run(session.images.get_image_content(fixture::portrait));
                free_after(20);
            },
            [&] { holder.reset(); });
    }

    TEST_CASE("cancellation after every handler: check_save_target() leaves no file")
    {
        const temporary_directory directory;
        cancelled_session session;
        // The file thread runs concurrently, and has often finished before the signal.
        int cancelled = 0;
        for (int round = 0; round < 40 || cancelled < 3; ++round) {
            REQUIRE(round < 10'000);
            const int handlers = round % 4;
            asio::cancellation_signal signal;
            auto ended = asio::co_spawn(
                session.client.get_executor(), cyclos::check_save_target(directory / "target"),
                asio::bind_cancellation_slot(signal.slot(), asio::use_future));
            for (int n = 0; n < handlers && ended.wait_for(0s) != std::future_status::ready; ++n) {
                run_one_for(session.context(), 1ms);
            }
            session.emit(signal, asio::cancellation_type::terminal);
            try {
                session.get(std::move(ended));
            }
            catch (const boost::system::system_error& e) {
                CHECK(e.code() == boost::system::errc::operation_canceled);
                ++cancelled;
            }
            session.until([&] { return std::filesystem::is_empty(directory.path()); });
            CHECK(session.run(session.images.view_image(fixture::portrait)).width ==
                  64); // after the signal
        }
    }

    TEST_CASE("cancellation after every handler: an upload from memory or a file ends with "
              "cancelled, and stores nothing unless it was sent completely")
    {
        const temporary_directory directory;
        const auto path = directory.write("large.png", pattern(1'000'000));
        cancelled_session session;
        session.cancel_everywhere([&]() -> asio::awaitable<void> {
            co_await session.images.upload_temp_image(pattern_source{1'000'000});
        });
        session.cancel_everywhere([&]() -> asio::awaitable<void> {
            co_await session.images.upload_temp_image(
                cyclos::file_source(path, {}, "image/x-pattern"));
        });
    }

    TEST_CASE("cancellation after every handler: a download to memory or a file ends with "
              "cancelled, and leaves a complete file or none")
    {
        const temporary_directory directory;
        cancelled_session session;
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(1'000'000)});
        session.cancel_everywhere([&]() -> asio::awaitable<void> {
            auto content = co_await session.images.get_image_content("1");
            const auto bytes = co_await content.read_all(1'000'000);
            CHECK(bytes.size() == 1'000'000);
        });
        session.cancel_everywhere(
            [&]() -> asio::awaitable<void> {
                auto content = co_await session.images.get_image_content("1");
                co_await content.save_to(directory / "target");
            },
            [&] { std::filesystem::remove(directory / "target"); },
            [&] {
                // All or nothing.
                for (const auto& each : std::filesystem::directory_iterator(directory.path())) {
                    CHECK(each.path().filename() == "target");
                    CHECK(each.file_size() == 1'000'000);
                }
            });
    }

    TEST_CASE("cancellation after every handler: a request in the delay before a retry ends with "
              "cancelled, and the next one works")
    {
        cancelled_session session{[](cyclos::config& c) {
            c.retry.max_retries = 3;
            c.retry.base_delay = 1ms;
            c.retry_budget = 10;
        }};
        session.cancel_everywhere(
            [&]() -> asio::awaitable<void> {
                co_await session.images.view_image(fixture::portrait);
            },
            [&] {
                session.server.clear_misbehaviours();
                session.run(session.images.view_image(fixture::portrait));
                session.server.misbehave({.times = 2, .status = 503});
            },
            [&] { session.server.clear_misbehaviours(); });
    }
}
