//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_FILE_QUEUE_HPP
#define CYCLOS_DETAIL_BASE_FILE_QUEUE_HPP

#include <cyclos/detail/base/native_file.hpp>
#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

class file_queue;

/** A unit of blocking file work: one or a few system calls that run on a file thread.

    A system call may never return, for example a read from a network file system whose server is
    down. So a job must own everything that it uses, and its waiter can abandon it at any time.
*/
class file_job
{
public:
    file_job() = default;
    file_job(const file_job&) = delete;
    file_job& operator=(const file_job&) = delete;
    virtual ~file_job() = default;

    /// Whether the job has ended and its waiter was notified. To be called on the waiter's
    /// executor.
    bool done() const noexcept { return done_; }

    /// Whether the process was forked while the job ran: the child does not have the thread that
    /// ran it.
    bool interrupted() const noexcept { return interrupted_; }

private:
    friend file_queue;

    enum class state {
        created, // not in the queue: not posted yet, or removed from it
        queued,
        running, // on a worker thread
        ended
    };

    virtual void run() noexcept = 0;

    // Guarded by the mutex of the queue.
    state state_ = state::created;
    asio::any_io_executor executor_; // of the waiter; empty if nobody waits
    std::list<std::shared_ptr<file_job>>::iterator queue_position_;

    // Used on the waiter's executor only.
    notifier* waiter_ = nullptr;
    bool done_ = false;
    bool interrupted_ = false;
};

/** The thread pool for blocking file work of one execution context.

    - post() appends a job to the queue. A worker thread runs it and posts its end to the executor
      of the waiter, which is notified there (@ref notifier).
    - The pool starts without threads. post() starts a worker if too few are idle and the number of
      active workers is below the limit (require_threads(); by default 2).
    - A worker is *stuck* if its job was abandoned, or has run for longer than @ref stuck_after. It
      no longer counts as active, so another worker can be started in its place. When its job
      returns, it is active again, or exits if there are enough active workers.
    - Workers, the stuck ones included, number at most @ref max_threads. At that limit jobs wait
      until a worker returns.
    - A watchdog thread finds stuck workers. It runs only while jobs are queued and no worker could
      be started for them.

    Threads: post() and require_threads() may be called on any thread, abandon() on the executor of
    the waiter. All members are guarded by one mutex. run() of a job and the destructors of jobs run
    without it, since they may block or post other jobs.

    Lifetime: threads are detached and share ownership of the queue, because a thread in a call that
    never returns cannot be joined. A thread may hold a job for longer than the execution context
    exists, so the context releases the executors of all waiters before it ends (@ref disconnect).
*/
class file_queue : public std::enable_shared_from_this<file_queue>
{
public:
    using clock = std::chrono::steady_clock;

    static constexpr std::size_t default_threads = 2;
    static constexpr std::size_t max_threads = 64;
    static constexpr std::chrono::milliseconds stuck_after{1000};

    /// How long the end of the context waits for jobs that nobody abandoned, such as the removal of
    /// a file.
    static constexpr std::chrono::milliseconds shutdown_wait{250};

    /// The delay after which posting a notification is tried again if there was no memory for it.
    static constexpr std::chrono::milliseconds notify_retry_interval{10};

    /// Requests a number of workers. The largest number that was requested applies, up to @ref
    /// max_threads.
    void require_threads(std::size_t number)
    {
        const std::lock_guard lock{mutex_};
        requested_threads_ = (std::max)(requested_threads_, (std::min)(number, max_threads));
    }

    /** Queues a job that nobody waits for.

        @throws If no worker exists that could ever run it, and none can be started. The job is then
        destroyed with the argument, without the mutex: its members may post other jobs.
    */
    void post(std::shared_ptr<file_job> job)
    {
        const std::lock_guard lock{mutex_};
        enqueue(job);
    }

    /// Queues a job. When it has ended, the waiter is notified on its executor.
    void post(std::shared_ptr<file_job> job, const asio::any_io_executor& executor,
              notifier& waiter)
    {
        const std::lock_guard lock{mutex_};
        job->waiter_ = &waiter;
        if (connected_) {
            job->executor_ = executor;
        }
        enqueue(job);
    }

    /// Stops waiting for a job: it is removed from the queue, or continues without a waiter on its
    /// thread. To be called on the executor of the waiter.
    void abandon(file_job& job) noexcept
    {
        job.waiter_ = nullptr;
        // Destroyed after the mutex is unlocked: the members of a job may post other jobs.
        std::list<std::shared_ptr<file_job>> removed;
        const std::lock_guard lock{mutex_};
        job.executor_ = {};
        if (job.state_ == file_job::state::queued) {
            job.state_ = file_job::state::created;
            removed.splice(removed.end(), jobs_, job.queue_position_);
        }
        else if (job.state_ == file_job::state::running) {
            for (worker& w : workers_) {
                if (w.job.get() == &job) {
                    mark_stuck(w);
                }
            }
            start_missing_workers();
        }
    }

    /// Stops all notifications, because the context is about to end.
    void disconnect() noexcept
    {
        const std::lock_guard lock{mutex_};
        connected_ = false;
        for (const auto& job : jobs_) {
            job->executor_ = {};
        }
        for (worker& w : workers_) {
            if (w.job) {
                w.job->executor_ = {};
            }
        }
    }

    /// Makes the threads exit once the queue is empty, and waits for those that are not stuck, for
    /// at most @ref shutdown_wait.
    void end() noexcept
    {
        std::unique_lock lock{mutex_};
        ended_ = true;
        conditions_->work.notify_all();
        conditions_->watchdog.notify_all();
        conditions_->ended.wait_for(lock, shutdown_wait, [this] {
            return workers_.size() == stuck_ && !watchdog_running_;
        });
    }

    /// The number of workers. For tests.
    std::size_t threads() const
    {
        const std::lock_guard lock{mutex_};
        return workers_.size();
    }

    // The mutex is held during fork(), so that the state of the queue is consistent in the child.

    void fork_prepare() { mutex_.lock(); }
    void fork_parent() { mutex_.unlock(); }

    /// The child has none of the threads. Jobs that were running end as interrupted.
    void fork_child()
    {
        // Destroyed without the mutex.
        std::list<worker> lost;
        std::unique_lock lock{mutex_, std::adopt_lock};
        // A condition variable on which threads of the parent wait cannot be destroyed in the
        // child, so it is leaked.
        const auto* const leaked = conditions_.release();
        static_cast<void>(leaked);
        conditions_ = std::make_unique<conditions>();
        stuck_ = idle_ = 0;
        watchdog_running_ = false;
        lost.swap(workers_);
        for (const worker& w : lost) {
            if (w.job) {
                finish(w.job, true, lock);
            }
        }
        start_missing_workers();
    }

private:
    struct worker
    {
        std::shared_ptr<file_job> job = {};
        clock::time_point started = {};
        bool busy = false;
        bool stuck = false; // not counted as active
    };

    struct conditions
    {
        std::condition_variable work;
        std::condition_variable watchdog;
        std::condition_variable ended;
    };

    std::size_t thread_limit() const noexcept
    {
        return requested_threads_ > 0 ? requested_threads_ : default_threads;
    }

    void enqueue(const std::shared_ptr<file_job>& job)
    {
        jobs_.push_back(job);
        job->queue_position_ = std::prev(jobs_.end());
        job->state_ = file_job::state::queued;
        if (idle_ >= jobs_.size()) {
            conditions_->work.notify_one();
            return;
        }
        try {
            if (workers_.size() - stuck_ < thread_limit() && workers_.size() < max_threads) {
                start_worker();
            }
            else if (!watchdog_running_) {
                start_thread([self = shared_from_this()] { self->run_watchdog(); });
                watchdog_running_ = true;
            }
        }
        catch (...) {
            // There is no thread or no memory.
            if (workers_.size() == stuck_) {
                // No worker is left that could run the job.
                jobs_.pop_back();
                job->state_ = file_job::state::created;
                throw;
            }
        }
    }

    /// @throws boost::system::system_error If the system cannot start a thread.
    template <class Function>
    static void start_thread(Function work)
    {
        try {
            std::thread{std::move(work)}.detach();
        }
        catch (const std::system_error& failure) {
            throw boost::system::system_error(system_error_of(failure.code()),
                                              "a thread for files");
        }
    }

    void start_worker()
    {
        const auto position = workers_.emplace(workers_.end());
        try {
            start_thread([self = shared_from_this(), position] { self->run_worker(position); });
        }
        catch (...) {
            workers_.erase(position);
            throw;
        }
    }

    void mark_stuck(worker& w) noexcept
    {
        if (!w.stuck) {
            w.stuck = true;
            ++stuck_;
        }
    }

    void start_missing_workers() noexcept
    {
        try {
            std::size_t missing = jobs_.size() - (std::min)(jobs_.size(), idle_);
            for (; missing > 0 && workers_.size() - stuck_ < thread_limit() &&
                   workers_.size() < max_threads;
                 --missing) {
                start_worker();
            }
        }
        catch (...) { // NOLINT(bugprone-empty-catch): no thread or no memory; the watchdog retries
        }
    }

    /// The function of a worker thread.
    void run_worker(std::list<worker>::iterator self)
    {
        block_signals();
        std::unique_lock lock{mutex_};
        for (;;) {
            if (!jobs_.empty()) {
                self->job = std::move(jobs_.front());
                jobs_.pop_front();
                self->job->state_ = file_job::state::running;
                self->started = clock::now();
                self->busy = true;
                lock.unlock();
                self->job->run();
                lock.lock();
                finish(self->job, false, lock);
                std::shared_ptr<file_job> ended = std::move(self->job);
                lock.unlock();
                // If nobody waits for the job, its members are destroyed here. That may block, too.
                ended.reset();
                lock.lock();
                self->busy = false;
                if (std::exchange(self->stuck, false)) {
                    --stuck_;
                }
            }
            else if (ended_ || workers_.size() - stuck_ > thread_limit()) {
                break;
            }
            else {
                ++idle_;
                conditions_->work.wait(lock);
                --idle_;
            }
        }
        workers_.erase(self);
        conditions_->ended.notify_all();
    }

    /// The function of the watchdog thread: marks workers as stuck and replaces them, as long as
    /// jobs are queued.
    void run_watchdog()
    {
        block_signals();
        std::unique_lock lock{mutex_};
        while (!ended_ && !jobs_.empty()) {
            conditions_->watchdog.wait_for(lock, stuck_after / 4);
            for (worker& w : workers_) {
                if (w.busy && clock::now() - w.started >= stuck_after) {
                    mark_stuck(w);
                }
            }
            start_missing_workers();
        }
        watchdog_running_ = false;
        conditions_->ended.notify_all();
    }

    /// Notifies the waiter, if there is one. Without memory for that it retries: otherwise the
    /// waiter would wait forever.
    static void finish(const std::shared_ptr<file_job>& job, bool interrupted,
                       std::unique_lock<std::mutex>& lock) noexcept
    {
        job->state_ = file_job::state::ended;
        while (!notify_waiter(job, interrupted)) {
            lock.unlock();
            std::this_thread::sleep_for(notify_retry_interval);
            lock.lock();
        }
    }

    static bool notify_waiter(const std::shared_ptr<file_job>& job, bool interrupted) noexcept
    {
        if (!job->executor_) {
            return true;
        }
        try {
            asio::post(job->executor_, [job, interrupted] {
                job->done_ = true;
                job->interrupted_ = interrupted;
                if (notifier* const waiter = std::exchange(job->waiter_, nullptr)) {
                    waiter->notify();
                }
            });
            job->executor_ = {};
            return true;
        }
        catch (...) {
            return false;
        }
    }

    mutable std::mutex mutex_;
    std::unique_ptr<conditions> conditions_ = std::make_unique<conditions>();
    std::list<std::shared_ptr<file_job>> jobs_;
    std::list<worker> workers_;
    std::size_t requested_threads_ = 0;
    std::size_t idle_ = 0;  // workers that wait for a job
    std::size_t stuck_ = 0; // workers that are stuck
    bool watchdog_running_ = false;
    bool connected_ = true;
    bool ended_ = false;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_FILE_QUEUE_HPP
