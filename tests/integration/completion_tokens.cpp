//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Operations with completion tokens of Asio, and with a token for coroutines without Asio. Plain
// callbacks and futures are in user_code.cpp.

#include "integration/support/integration_test.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <coroutine>
#include <exception>
#include <future>
#include <string>
#include <tuple>
#include <utility>

namespace {

using namespace cyclos::test;
using cyclos::as_result;

/// For coroutines with a specific executor type, which are not `asio::awaitable<T>`.
using context_strand = asio::strand<asio::io_context::executor_type>;
constexpr asio::use_awaitable_t<context_strand> use_awaitable_on_strand;

/// A coroutine without Asio: it runs until its first suspension, and is not awaited.
struct task
{
    struct promise_type
    {
        task get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
};

/// The token that makes an operation awaitable for such coroutines.
struct use_task_t
{};
constexpr use_task_t use_task;

/// Starts an operation when it is awaited, and resumes the awaiting coroutine.
template <class Start, class... T>
class task_awaiter
{
public:
    explicit task_awaiter(Start start)
        : start_(std::move(start))
    {}

    bool await_ready() const noexcept { return false; }

    void await_suspend(std::coroutine_handle<> waiting)
    {
        auto start = std::move(start_); // this object may be destroyed before it returns
        std::move(start)([this, waiting](std::exception_ptr failure, T... value) {
            failure_ = std::move(failure);
            value_ = {std::move(value)...};
            waiting.resume();
        });
    }

    auto await_resume()
    {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        if constexpr (sizeof...(T) > 0) {
            return std::get<0>(std::move(value_));
        }
    }

private:
    Start start_;
    std::exception_ptr failure_;
    std::tuple<T...> value_;
};

} // namespace

template <class... T>
struct boost::asio::async_result<use_task_t, void(std::exception_ptr, T...)>
{
    template <class Initiation, class... Args>
    static auto initiate(Initiation initiation, use_task_t, Args... args)
    {
        auto start = [initiation = std::move(initiation),
                      ... args = std::move(args)](auto handler) mutable {
            std::move(initiation)(std::move(handler), std::move(args)...);
        };
        return task_awaiter<decltype(start), T...>{std::move(start)};
    }
};

TEST_SUITE("completion tokens")
{
    TEST_CASE("completion tokens: use_awaitable works for another executor type")
    {
        sandbox_session session;
        const auto strand = asio::make_strand(session.context());
        const auto calls = [&]() -> asio::awaitable<void, context_strand> {
            const auto client = session.client.get_executor();
            const auto details = co_await asio::co_spawn(
                client, session.images.view_image(fixture::portrait_key), use_awaitable_on_strand);
            CHECK(details.width == 64);
            CHECK(strand.running_in_this_thread());

            auto missing = asio::co_spawn(client, session.images.view_image("missing"),
                                          use_awaitable_on_strand);
            const auto outcome = co_await as_result(std::move(missing));
            CHECK(outcome.as<cyclos::not_found>());
            CHECK(strand.running_in_this_thread());
        };
        session.get(asio::co_spawn(strand, calls(), asio::use_future));
    }

    TEST_CASE("completion tokens: a deferred operation begins when it is launched")
    {
        sandbox_session session;
        const auto client = session.client.get_executor();
        auto stored = asio::co_spawn(client,
                                     session.images.upload_temp_image(cyclos::memory_source(
                                         pattern(1000), "p.png", "image/png")),
                                     asio::deferred);
        auto never = asio::co_spawn(client, session.images.view_image("missing"), asio::deferred);
        CHECK(session.run(session.images.view_image(fixture::portrait_key)).width == 64);
        CHECK(session.server.statistics().requests == 1);
        CHECK(
            session.server.store().find_image(session.get(std::move(stored)(asio::use_future)).id));
        CHECK(session.server.statistics().requests == 2);

        // Not awaited directly: Boost 1.81 does not support deferred operations that complete with
        // an exception and a value.
        auto details = asio::co_spawn(client, session.images.view_image(fixture::portrait_key),
                                      asio::deferred);
        CHECK(session.run(std::move(details)(asio::use_awaitable)).width == 64);
    }

    TEST_CASE("completion tokens: as_tuple returns the exception as a value")
    {
        sandbox_session session;
        const auto client = session.client.get_executor();
        const auto calls = [&]() -> asio::awaitable<void> {
            const auto [none, details] =
                co_await asio::co_spawn(client, session.images.view_image(fixture::portrait_key),
                                        asio::as_tuple(asio::use_awaitable));
            CHECK_FALSE(none);
            CHECK(details.width == 64);

            const auto [failure, empty] = co_await asio::co_spawn(
                client, session.images.view_image("missing"), asio::as_tuple(asio::deferred));
            REQUIRE(failure);
            CHECK_THROWS_AS(std::rethrow_exception(failure), cyclos::not_found);
            CHECK(empty == cyclos::image_view{});

            const auto [gone] =
                co_await asio::co_spawn(client, session.images.delete_image("missing"),
                                        asio::as_tuple(asio::use_awaitable));
            REQUIRE(gone);
            CHECK_THROWS_AS(std::rethrow_exception(gone), cyclos::not_found);
        };
        session.run(calls());
    }

    TEST_CASE("completion tokens: a callback runs on its associated executor")
    {
        sandbox_session session;
        asio::thread_pool elsewhere{1};
        std::promise<std::uint32_t> width;
        asio::co_spawn(session.client.get_executor(),
                       session.images.view_image(fixture::portrait_key),
                       asio::bind_executor(
                           elsewhere, [&](std::exception_ptr failure, cyclos::image_view details) {
                               CHECK_FALSE(failure);
                               CHECK(elsewhere.get_executor().running_in_this_thread());
                               width.set_value(details.width.value_or(0));
                           }));
        CHECK(session.get(width.get_future()) == 64);
        elsewhere.join();
    }

    TEST_CASE("completion tokens: a token for coroutines without Asio works")
    {
        sandbox_session session;
        bool done = false;
        const auto calls = [&]() -> task {
            const auto client = session.client.get_executor();
            const auto stored =
                co_await asio::co_spawn(client,
                                        session.images.upload_temp_image(cyclos::memory_source(
                                            pattern(1000), "p.png", "image/png")),
                                        use_task);
            CHECK(session.server.store().find_image(stored.id));
            auto content = co_await asio::co_spawn(
                client, session.images.get_image_content(stored.id), use_task);
            CHECK(co_await asio::co_spawn(client, content.read_all(1000), use_task) ==
                  pattern(1000));
            co_await asio::co_spawn(client, session.images.delete_image(stored.id), use_task);
            CHECK_FALSE(session.server.store().find_image(stored.id));

            bool missing = false;
            try {
                co_await asio::co_spawn(client, session.images.delete_image(stored.id), use_task);
            }
            catch (const cyclos::not_found&) {
                missing = true;
            }
            CHECK(missing);
            const auto outcome = co_await asio::co_spawn(
                client, as_result(session.images.view_image("missing")), use_task);
            CHECK(outcome.as<cyclos::not_found>());
            done = true;
        };
        calls();
        session.until([&] { return done; });
    }
}
