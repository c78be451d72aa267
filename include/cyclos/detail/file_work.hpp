//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_FILE_WORK_HPP
#define CYCLOS_DETAIL_FILE_WORK_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>
#include <functional>

namespace cyclos::inline CYCLOS_ABI::detail {

/** Threads for reading and writing files, which would block the event loop: two for each execution context.

    They are joined before the coroutines that wait for them are destroyed, since the work refers to their frames:
    services end in the reverse order of their making, and this one is made after the registry.
*/
class file_threads : public asio::execution_context::service
{
public:
    using key_type = file_threads;
    static inline asio::execution_context::id id;

    explicit file_threads(asio::execution_context& context)
        : asio::execution_context::service(context)
    {
        asio::use_service<event_registry>(context);
    }

    asio::thread_pool& pool() noexcept { return pool_; }

private:
    void shutdown() noexcept override
    {
        pool_.stop();
        pool_.join();
    }

    asio::thread_pool pool_{2};
};

/** Runs blocking work on a file thread, and resumes on the executor of the caller.

    It cannot be cancelled: what is waited for is short, and refers to the frame of the caller.

    @throws Whatever the work throws.
*/
inline asio::awaitable<void> run_blocking(std::function<void()> work)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    event done{executor};
    bool finished = false;
    std::exception_ptr failure;
    auto job = [&] {
        try {
            work();
        }
        catch (...) {
            failure = std::current_exception();
        }
        asio::post(executor, [&] {
            finished = true;
            done.notify();
        });
    };
    const bool before = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    asio::post(asio::use_service<file_threads>(context_of(executor)).pool(), job);
    while (!finished) {
        co_await done.wait();
    }
    co_await asio::this_coro::throw_if_cancelled(before);
    if (failure) {
        std::rethrow_exception(failure);
    }
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_FILE_WORK_HPP
