//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/sanitized.hpp"
#include "unit/support/run.hpp"

#include <cyclos/detail/base/file_work.hpp>
#include <cyclos/detail/client/bounded_file_work.hpp>
#include <cyclos/error.hpp>
#include <cyclos/image_content.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using cyclos::detail::file_queue;
using cyclos::detail::file_threads;
using cyclos::detail::file_waiter;
using cyclos::detail::make_file_job;
using cyclos::detail::notifier;
using cyclos::detail::run_file_job;
using cyclos::test::run;

/// A call that blocks until it is released.
struct stuck_call
{
    std::promise<void> begun;
    std::promise<void> end;
    std::shared_future<void> ended{end.get_future()};

    auto job()
    {
        return make_file_job([this, until = ended] {
            begun.set_value();
            until.wait();
            return 0;
        });
    }
};

/// Waits until a job has begun, and abandons it.
class impatient_waiter final : public file_waiter
{
public:
    impatient_waiter(const asio::any_io_executor& executor, std::future<void> begun)
        : file_waiter(executor, {})
        , begun_(std::move(begun))
    {}

private:
    bool should_abandon() override
    {
        begun_.wait();
        return true;
    }

    std::future<void> begun_;
};

asio::awaitable<void> give_up(stuck_call& call)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    impatient_waiter waiter{executor, call.begun.get_future()};
    const auto job = call.job();
    CHECK_FALSE(co_await waiter.run(job));
}

/// An executor that fails to allocate for some time.
class starved_executor
{
public:
    starved_executor(asio::io_context& context, std::shared_ptr<std::atomic<int>> failures)
        : context_(&context)
        , failures_(std::move(failures))
    {}

    asio::execution_context& query(asio::execution::context_t /*what*/) const noexcept
    {
        return *context_;
    }

    static constexpr asio::execution::blocking_t::never_t
    query(asio::execution::blocking_t /*what*/) noexcept
    {
        return {};
    }

    template <class Function>
    void execute(Function function) const
    {
        if (--*failures_ >= 0) {
            throw std::bad_alloc{};
        }
        asio::post(*context_, std::move(function));
    }

    friend bool operator==(const starved_executor&, const starved_executor&) = default;

private:
    asio::io_context* context_;
    std::shared_ptr<std::atomic<int>> failures_;
};

asio::awaitable<int> answer()
{
    const auto job = make_file_job([] { return 42; });
    CHECK(co_await run_file_job(job));
    co_return job->take_result();
}

} // namespace

TEST_SUITE("file_queue")
{
    TEST_CASE("file_queue: run_file_job() returns the result of a job, or throws its exception")
    {
        CHECK(run(answer()) == 42);
        const auto fails = []() -> asio::awaitable<void> {
            const auto job = make_file_job([]() -> int { throw std::out_of_range("no"); });
            CHECK(co_await run_file_job(job));
            CHECK_THROWS_AS(job->take_result(), std::out_of_range);
        };
        run(fails());
    }

    TEST_CASE(
        "file_queue: a job runs on another thread, and the waiting coroutine resumes on its own")
    {
        std::thread::id worker;
        std::thread::id after;
        const auto call = [&]() -> asio::awaitable<void> {
            const auto job = make_file_job([] { return std::this_thread::get_id(); });
            co_await run_file_job(job);
            worker = job->take_result();
            after = std::this_thread::get_id();
        };
        run(call());
        CHECK(worker != std::thread::id{});
        CHECK(worker != std::this_thread::get_id());
        CHECK(after == std::this_thread::get_id());
    }

    TEST_CASE("file_queue: a waiter on an executor with several threads is always notified")
    {
        asio::thread_pool pool{2};
        constexpr int jobs = 5'000;
        const auto loop = []() -> asio::awaitable<int> {
            int ended = 0;
            for (int n = 0; n < jobs; ++n) {
                const auto job = make_file_job([] { return 1; });
                if (co_await run_file_job(job)) {
                    ended += job->take_result();
                }
            }
            co_return ended;
        };
        std::vector<std::future<int>> loops;
        for (int n = 0; n < 4; ++n) {
            loops.push_back(asio::co_spawn(pool, loop(), asio::use_future));
        }
        for (auto& each : loops) {
            const bool ended = each.wait_for(60s) == std::future_status::ready;
            REQUIRE(ended);
            CHECK(each.get() == jobs);
        }
    }

    TEST_CASE("file_queue: a waiter is notified although its executor lacks memory at first")
    {
        asio::io_context context;
        const auto failures = std::make_shared<std::atomic<int>>(3);
        const asio::any_io_executor executor{starved_executor{context, failures}};
        notifier waiter{context.get_executor()};
        const auto job = make_file_job([] { return 42; });
        const auto work = asio::make_work_guard(context);
        file_threads::of(context.get_executor())->post(job, executor, waiter);
        while (!job->done()) {
            context.run_one();
        }
        CHECK(job->take_result() == 42);
        CHECK(*failures == -1);
    }

    TEST_CASE("file_queue: threads are started as needed, up to the required number")
    {
        asio::io_context context;
        const auto queue = file_threads::of(context.get_executor());
        CHECK(queue->threads() == 0);
        queue->require_threads(3);
        std::vector<std::future<int>> answers;
        for (int n = 0; n < 20; ++n) {
            answers.push_back(asio::co_spawn(context, answer(), asio::use_future));
        }
        context.run();
        for (auto& each : answers) {
            CHECK(each.get() == 42);
        }
        CHECK(queue->threads() >= 1);
        CHECK(queue->threads() <= 3);
    }

    TEST_CASE(
        "file_queue: a thread whose job was abandoned is replaced, and ends when the job returns")
    {
        asio::io_context context;
        std::vector<std::unique_ptr<stuck_call>> calls;
        for (int n = 0; n < 5; ++n) {
            calls.push_back(std::make_unique<stuck_call>());
            asio::co_spawn(context, give_up(*calls.back()), asio::detached);
            context.restart();
            context.run();
            auto result = asio::co_spawn(context, answer(), asio::use_future);
            context.restart();
            context.run();
            CHECK(result.get() == 42);
        }
        const auto queue = file_threads::of(context.get_executor());
        CHECK(queue->threads() >= 6);
        for (const auto& each : calls) {
            each->end.set_value();
        }
        while (queue->threads() > file_queue::default_threads) {
            std::this_thread::yield();
        }
    }

    TEST_CASE("file_queue: a thread that is stuck with a job that is still awaited is replaced "
              "after a moment")
    {
        asio::io_context context;
        stuck_call one;
        stuck_call other;
        const auto wait = [](stuck_call& call) -> asio::awaitable<void> {
            const auto job = call.job();
            CHECK(co_await run_file_job(job));
        };
        asio::co_spawn(context, wait(one), asio::detached);
        asio::co_spawn(context, wait(other), asio::detached);
        auto result = asio::co_spawn(context, answer(), asio::use_future);
        while (result.wait_for(0s) != std::future_status::ready) {
            context.run_one();
        }
        CHECK(result.get() == 42);
        one.end.set_value();
        other.end.set_value();
        context.run();
    }

    TEST_CASE("file_queue: a job that is abandoned before it begins does not run")
    {
        asio::io_context context;
        const auto queue = file_threads::of(context.get_executor());
        queue->require_threads(1);
        stuck_call call;
        notifier waiter{context.get_executor()};
        std::atomic<bool> ran = false;
        auto kept = std::make_shared<int>(0);
        const auto first = call.job();
        queue->post(first, context.get_executor(), waiter);
        call.begun.get_future().wait();
        auto second = make_file_job([&ran, kept] { return ran = true; });
        queue->post(second, context.get_executor(), waiter);
        queue->abandon(*second);
        second.reset();
        CHECK(kept.use_count() == 1);
        queue->abandon(*first);
        call.end.set_value();
        CHECK_FALSE(ran);
    }

    TEST_CASE("file_queue: destroying the context does not wait for a stuck job, which does not "
              "notify the destroyed context")
    {
        for (const bool on_strand : {false, true}) {
            stuck_call call;
            std::weak_ptr<file_queue> queue;
            {
                asio::io_context context;
                queue = file_threads::of(context.get_executor());
                const auto wait = [&call]() -> asio::awaitable<void> {
                    const auto job = call.job();
                    co_await run_file_job(job);
                };
                if (on_strand) {
                    asio::co_spawn(asio::make_strand(context), wait(), asio::detached);
                }
                else {
                    asio::co_spawn(context, wait(), asio::detached);
                }
                context.poll();
                call.begun.get_future().wait();
            }
            CHECK_FALSE(queue.expired()); // the thread still exists
            call.end.set_value();
            while (!queue.expired()) {
                std::this_thread::yield();
            }
        }
    }

    TEST_CASE("file_queue: jobs for clean-up run before the context is destroyed")
    {
        bool cleaned = false;
        {
            asio::io_context context;
            file_threads::of(context.get_executor())->post(make_file_job([&] {
                return cleaned = true;
            }));
        }
        CHECK(cleaned);
    }

#if defined(CYCLOS_TESTS_CAN_FORK)
    TEST_CASE("file_queue: a child process starts its own threads, and recognises jobs that stayed "
              "in the parent")
    {
        asio::io_context context;
        stuck_call call;
        const auto wait = [&call]() -> asio::awaitable<bool> {
            const auto job = call.job();
            co_await run_file_job(job);
            co_return job->interrupted();
        };
        auto interrupted = asio::co_spawn(context, wait(), asio::use_future);
        context.poll();
        call.begun.get_future().wait();

        context.notify_fork(asio::execution_context::fork_prepare);
        const ::pid_t child = ::fork();
        if (child == 0) {
            context.notify_fork(asio::execution_context::fork_child);
            auto result = asio::co_spawn(context, answer(), asio::use_future);
            context.run();
            ::_exit(interrupted.get() && result.get() == 42 ? 0 : 1);
        }
        context.notify_fork(asio::execution_context::fork_parent);
        int status = -1;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
        call.end.set_value();
        context.run();
        CHECK_FALSE(interrupted.get());
    }

    TEST_CASE("file_queue: a job is rejected if no thread can be started, and is destroyed outside "
              "the lock")
    {
        const ::pid_t child = ::fork();
        if (child == 0) {
            ::alarm(30); // instead of a deadlock
            // The number of processes of a user is limited, unless the user is root.
            const ::rlimit none{0, 0};
            if ((::geteuid() == 0 && ::setuid(65534) != 0) ||
                ::setrlimit(RLIMIT_NPROC, &none) != 0) {
                ::_exit(2);
            }
            asio::io_context context;
            const auto queue = file_threads::of(context.get_executor());
            bool ended = false;
            const auto at_end = [&](int* value) {
                delete value;
                ended = queue->threads() == 0; // locks the mutex
            };
            bool refused = false;
            try {
                queue->post(make_file_job(
                    [owned = std::shared_ptr<int>(new int{1}, at_end)] { return *owned; }));
            }
            catch (const boost::system::system_error& e) {
                refused = e.code() == boost::system::errc::resource_unavailable_try_again;
            }
            bool job_failed = false;
            const auto waits = [&]() -> asio::awaitable<void> {
                const auto job = make_file_job([] { return 1; });
                try {
                    co_await run_file_job(job);
                }
                catch (const boost::system::system_error&) {
                    job_failed = true;
                }
            };
            bool target_failed = false;
            const auto checks = [&]() -> asio::awaitable<void> {
                try {
                    co_await cyclos::check_save_target("image");
                }
                catch (const cyclos::error& e) {
                    target_failed =
                        e.code() == cyclos::errc::target_failed &&
                        e.cause() == boost::system::errc::resource_unavailable_try_again;
                }
            };
            bool writer_failed = false;
            const auto writes = [&]() -> asio::awaitable<void> {
                const asio::any_io_executor executor = co_await asio::this_coro::executor;
                const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
                cyclos::detail::bounded_file_work work{
                    executor, state, (std::chrono::steady_clock::time_point::max)(), nullptr};
                const auto job = make_file_job([] { return cyclos::error_code{}; });
                const auto result = co_await work.run_for_error(job);
                writer_failed = result == boost::system::errc::resource_unavailable_try_again;
            };
            asio::co_spawn(context, waits(), asio::detached);
            asio::co_spawn(context, checks(), asio::detached);
            asio::co_spawn(context, writes(), asio::detached);
            context.run();
            ::_exit(refused && ended && job_failed && target_failed && writer_failed ? 0 : 1);
        }
        int status = -1;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
#endif
}
