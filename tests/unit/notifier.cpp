//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/base/on_strand.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

namespace {

namespace asio = boost::asio;
using cyclos::detail::notifier;

/// The state of a coroutine under test.
struct waiting
{
    notifier* wakeup = nullptr;
    int woken = 0;
    bool cancelled = false;
    bool gone = false;
};

/// Records the destruction of its coroutine.
class leaving
{
public:
    explicit leaving(waiting& state)
        : state_(state)
    {}
    leaving(const leaving&) = delete;
    leaving& operator=(const leaving&) = delete;
    ~leaving() { state_.gone = true; }

private:
    waiting& state_;
};

/// Waits this many times.
asio::awaitable<void> wait(waiting& state, int times)
{
    const leaving guard{state};
    notifier wakeup{co_await asio::this_coro::executor};
    state.wakeup = &wakeup;
    for (; state.woken < times; ++state.woken) {
        co_await wakeup.wait();
    }
    state.cancelled = wakeup.cancelled();
}

asio::awaitable<void> wait_without_throw(waiting& state, int times)
{
    // On its own executor it runs directly.
    co_await cyclos::detail::on_strand(co_await asio::this_coro::executor, wait(state, times));
}

} // namespace

TEST_SUITE("notifier")
{
    TEST_CASE("notifier: each notification ends one wait")
    {
        asio::io_context context;
        waiting state;
        asio::co_spawn(context, wait(state, 3), asio::detached);
        context.poll();
        REQUIRE(state.wakeup);
        CHECK(state.woken == 0);

        state.wakeup->notify();
        CHECK(state.woken == 1); // from inside the call

        state.wakeup->notify_later();
        CHECK(state.woken == 1);
        context.restart();
        context.poll();
        CHECK(state.woken == 2); // from the queue

        state.wakeup->notify();
        CHECK(state.woken == 3);
        CHECK_FALSE(state.cancelled);
        CHECK(state.gone);
    }

    TEST_CASE("notifier: a notification without a waiter is lost")
    {
        asio::io_context context;
        notifier wakeup{context.get_executor()};
        wakeup.notify();
        wakeup.notify_later();
        CHECK(context.poll() == 0);
        CHECK_FALSE(wakeup.cancelled());
    }

    TEST_CASE("notifier: two notifications before the coroutine runs end one wait")
    {
        asio::io_context context;
        waiting state;
        asio::co_spawn(context, wait(state, 2), asio::detached);
        context.poll();
        state.wakeup->notify_later();
        state.wakeup->notify_later();
        context.restart();
        context.poll();
        CHECK(state.woken == 1);
        state.wakeup->notify();
        CHECK(state.gone);
    }

    TEST_CASE("notifier: every cancellation type ends the wait and is remembered")
    {
        for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                                asio::cancellation_type::total}) {
            asio::io_context context;
            waiting state;
            asio::cancellation_signal signal;
            const auto start = [&]() -> asio::awaitable<void> {
                co_await asio::this_coro::reset_cancellation_state(
                    asio::enable_total_cancellation());
                co_await wait_without_throw(state, 2);
            };
            asio::co_spawn(context, start,
                           asio::bind_cancellation_slot(signal.slot(), asio::detached));
            context.poll();
            REQUIRE(state.wakeup);
            signal.emit(type);
            context.restart();
            context.poll();
            CHECK(state.woken == 1);
            CHECK(state.wakeup->cancelled());

            // It can still wait, to end in an orderly way.
            state.wakeup->notify();
            CHECK(state.gone);
            CHECK(state.cancelled);
        }
    }

    TEST_CASE("notifier: a cancellation without a waiter is remembered")
    {
        asio::io_context context;
        asio::cancellation_signal signal;
        notifier wakeup{context.get_executor()};
        wakeup.follow(asio::cancellation_state{signal.slot(), asio::enable_total_cancellation()});
        CHECK_FALSE(wakeup.cancelled());
        signal.emit(asio::cancellation_type::total);
        CHECK(wakeup.cancelled());
    }

    TEST_CASE("notifier: destroying the context destroys the waiting coroutines")
    {
        waiting one;
        waiting two;
        {
            asio::io_context context;
            asio::co_spawn(context, wait(one, 1), asio::detached);
            asio::co_spawn(context, wait(two, 1), asio::detached);
            context.poll();
            REQUIRE(one.wakeup);
            CHECK_FALSE(one.gone);
        }
        CHECK(one.gone);
        CHECK(two.gone);
        CHECK(one.woken == 0);
    }

    TEST_CASE("notifier: destroying the context destroys a coroutine that waits on a strand, and "
              "the one that awaits it")
    {
        waiting state;
        bool outer_gone = false;
        {
            asio::io_context context;
            const auto outer = [&]() -> asio::awaitable<void> {
                const auto tell = [&](void*) { outer_gone = true; };
                const std::unique_ptr<void, decltype(tell)> guard{&outer_gone, tell};
                co_await cyclos::detail::on_strand(asio::make_strand(context), wait(state, 1));
            };
            asio::co_spawn(context, outer, asio::detached);
            context.poll();
            REQUIRE(state.wakeup);
        }
        CHECK(state.gone);
        CHECK(outer_gone);
    }

    TEST_CASE("notifier: destroying the context destroys a coroutine whose wake-up is queued")
    {
        waiting state;
        {
            asio::io_context context;
            asio::co_spawn(context, wait(state, 1), asio::detached);
            context.poll();
            state.wakeup->notify_later();
        }
        CHECK(state.gone);
        CHECK(state.woken == 0);
    }
}

TEST_SUITE("on_strand")
{
    asio::awaitable<asio::any_io_executor> current_executor()
    {
        co_return co_await asio::this_coro::executor;
    }

    asio::awaitable<int> fail()
    {
        throw std::length_error("there");
        co_return 0;
    }

    TEST_CASE(
        "on_strand: the coroutine runs on the strand, and the caller resumes on its own executor")
    {
        asio::thread_pool own_pool{1};
        asio::thread_pool other_pool{1};
        const asio::any_io_executor strand = asio::make_strand(other_pool);
        const auto call = [&]() -> asio::awaitable<void> {
            const auto thread = std::this_thread::get_id();
            const auto executor = co_await cyclos::detail::on_strand(strand, current_executor());
            CHECK(executor == strand);
            CHECK(std::this_thread::get_id() == thread);
        };
        asio::co_spawn(own_pool, call, asio::use_future).get();
    }

    TEST_CASE("on_strand: exceptions are passed to the caller")
    {
        asio::thread_pool own_pool{1};
        asio::thread_pool other_pool{1};
        for (const asio::any_io_executor& executor :
             {asio::any_io_executor{own_pool.get_executor()},
              asio::any_io_executor{other_pool.get_executor()}}) {
            auto future = asio::co_spawn(own_pool, cyclos::detail::on_strand(executor, fail()),
                                         asio::use_future);
            CHECK_THROWS_AS(future.get(), std::length_error);
        }
    }

    TEST_CASE("on_strand: throw_if_cancelled is restored, also after an exception")
    {
        asio::io_context context;
        bool throws = false;
        const auto call = [&]() -> asio::awaitable<void> {
            co_await cyclos::detail::on_strand(context.get_executor(), current_executor());
            try {
                co_await cyclos::detail::on_strand(context.get_executor(), fail());
            }
            catch (const std::length_error&) {
            }
            throws = co_await asio::this_coro::throw_if_cancelled();
        };
        asio::co_spawn(context, call, asio::detached);
        context.run();
        CHECK(throws);
    }
}
