//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_FILE_WORK_HPP
#define CYCLOS_DETAIL_BASE_FILE_WORK_HPP

#include <cyclos/detail/base/file_queue.hpp>
#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/base/on_strand.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// The service that gives each execution context its @ref file_queue.
class file_threads : public asio::execution_context::service
{
public:
    using key_type = file_threads;
    static inline asio::execution_context::id id;

    explicit file_threads(asio::execution_context& context)
        : asio::execution_context::service(context)
    {}

    ~file_threads() override { queue_->end(); }

    static const std::shared_ptr<file_queue>& of(const asio::any_io_executor& executor)
    {
        return asio::use_service<file_threads>(context_of(executor)).queue_;
    }

private:
    void shutdown() noexcept override { queue_->disconnect(); }

    void notify_fork(asio::execution_context::fork_event event) override
    {
        switch (event) {
        case asio::execution_context::fork_prepare: queue_->fork_prepare(); break;
        case asio::execution_context::fork_parent: queue_->fork_parent(); break;
        case asio::execution_context::fork_child: queue_->fork_child(); break;
        }
    }

    std::shared_ptr<file_queue> queue_ = std::make_shared<file_queue>();
};

/// A @ref file_job that returns a value or throws.
template <class Result>
class file_job_with : public file_job
{
public:
    /// The result of the work. @pre The job is done. @throws The exception that the work threw, or
    /// a `boost::system::system_error` with errc::interrupted if a fork interrupted it.
    Result take_result()
    {
        if (interrupted()) {
            throw boost::system::system_error(make_error_code(boost::system::errc::interrupted),
                                              "fork");
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return std::move(*result_);
    }

private:
    virtual Result work() = 0;

    void run() noexcept override
    {
        try {
            result_.emplace(work());
        }
        catch (...) {
            failure_ = std::current_exception();
        }
    }

    std::optional<Result> result_;
    std::exception_ptr failure_;
};

/** Makes a job of a function object.

    The type of the job does not depend on the type of the function object. A lambda in a coroutine
    that is compiled separately has no linkage, and GCC warns about a coroutine frame with a member
    of such a type.

    @param work Must own everything that it uses, and return a value.
*/
template <class Work>
std::shared_ptr<file_job_with<std::invoke_result_t<Work&>>> make_file_job(Work work)
{
    using result_type = std::invoke_result_t<Work&>;

    class job final : public file_job_with<result_type>
    {
    public:
        explicit job(Work work)
            : work_(std::move(work))
        {}

    private:
        result_type work() override { return work_(); }

        Work work_;
    };
    return std::make_shared<job>(std::move(work));
}

/// Queues a job, and abandons it on destruction if it is not done.
class awaited_file_job
{
public:
    /// Queues the job. @param waiter The notifier of a coroutine on the executor.
    awaited_file_job(std::shared_ptr<file_queue> queue, std::shared_ptr<file_job> job,
                     const asio::any_io_executor& executor, notifier& waiter)
        : queue_(std::move(queue))
        , job_(std::move(job))
    {
        try {
            queue_->post(job_, executor, waiter);
        }
        catch (...) {
            queue_->abandon(*job_);
            throw;
        }
    }

    awaited_file_job(const awaited_file_job&) = delete;
    awaited_file_job& operator=(const awaited_file_job&) = delete;

    ~awaited_file_job()
    {
        if (!job_->done()) {
            queue_->abandon(*job_);
        }
    }

private:
    std::shared_ptr<file_queue> queue_;
    std::shared_ptr<file_job> job_;
};

/// Lets a coroutine wait for file jobs, and abandon one if it must not wait any longer.
class file_waiter
{
public:
    /// @param state The cancellation state of the coroutine. It must run on the executor, and its
    /// awaits must not throw on cancellation.
    file_waiter(const asio::any_io_executor& executor, const asio::cancellation_state& state)
        : notifier_(executor)
    {
        notifier_.follow(state);
    }

    file_waiter(const file_waiter&) = delete;
    file_waiter& operator=(const file_waiter&) = delete;
    virtual ~file_waiter() = default;

    /// Runs a job on a file thread. @return Whether the job is done. If not, it was abandoned.
    asio::awaitable<bool> run(std::shared_ptr<file_job> job)
    {
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        const awaited_file_job awaited{file_threads::of(executor), job, executor, notifier_};
        while (!job->done()) {
            if (should_abandon()) {
                left_behind_ = true;
                co_return false;
            }
            co_await notifier_.wait();
        }
        co_return true;
    }

    /// Whether a job was abandoned. It may still be running, and using the objects that it owns.
    bool abandoned() const noexcept { return left_behind_; }

protected:
    /// To be notified of every event that can make should_abandon() true.
    notifier& wakeup() noexcept { return notifier_; }

private:
    /// Whether to stop waiting for the job.
    virtual bool should_abandon() { return notifier_.cancelled(); }

    notifier notifier_;
    bool left_behind_ = false;
};

/// Runs a job. @pre The calling coroutine runs on a strand.
inline asio::awaitable<bool> wait_for_file_job(std::shared_ptr<file_job> job)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    file_waiter waiter{executor, state};
    co_return co_await waiter.run(std::move(job));
}

/** Runs a job on a file thread until the calling coroutine is cancelled.

    The caller may run on any executor, including one of a multi-threaded context: the wait itself
    takes place on a strand, as @ref notifier requires.

    @return Whether the job is done. If not, the caller was cancelled.
*/
inline asio::awaitable<bool> run_file_job(std::shared_ptr<file_job> job)
{
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    if (executor.target<asio::strand<asio::any_io_executor>>() == nullptr) {
        // The caller does not run on the strand of a client.
        executor = asio::make_strand(executor);
    }
    co_return co_await on_strand(executor, wait_for_file_job(std::move(job)));
}

/// A deleter that destroys the object on a file thread, because closing or removing a file may
/// block.
template <class T>
class destroy_on_file_thread
{
public:
    explicit destroy_on_file_thread(std::shared_ptr<file_queue> queue)
        : queue_(std::move(queue))
    {}

    void operator()(T* object) const noexcept
    {
        std::unique_ptr<T> owned{object};
        try {
            queue_->post(make_file_job([pointer = std::move(owned)]() mutable {
                pointer.reset();
                return true;
            }));
        }
        catch (...) { // NOLINT(bugprone-empty-catch): no memory or thread: destroyed here
        }
    }

private:
    std::shared_ptr<file_queue> queue_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_FILE_WORK_HPP
