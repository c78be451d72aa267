//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_FILE_QUEUE_HPP
#define CYCLOS_DETAIL_FILE_QUEUE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/detail/native_file.hpp>

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

namespace cyclos::inline CYCLOS_ABI::detail {

class file_queue;

/** A system call, or a few, that may block: on a file thread.

    A call may never return, such as a read from a network file system whose server is gone. So a job owns all that it
    uses, and whoever waits for it may give it up.
*/
class file_job
{
public:
    file_job() = default;
    file_job(const file_job&) = delete;
    file_job& operator=(const file_job&) = delete;
    virtual ~file_job() = default;

    /// Whether it has ended, and its waiter was notified. On the executor of the waiter.
    bool done() const noexcept { return done_; }

    /// Whether the process was forked while it ran: its thread is not in the child.
    bool interrupted() const noexcept { return interrupted_; }

private:
    friend file_queue;

    enum class state {
        created, // not given to the queue, or taken back
        queued,
        running, // on a thread
        ended
    };

    virtual void run() noexcept = 0;

    // Guarded by the mutex of the queue.
    state state_ = state::created;
    asio::any_io_executor executor_; // of the waiter; empty: nobody waits
    std::list<std::shared_ptr<file_job>>::iterator place_;

    // On the executor of the waiter.
    event* waiter_ = nullptr;
    bool done_ = false;
    bool interrupted_ = false;
};

/** The file jobs of an execution context, and the threads that run them.

    The threads share the queue with the context, and nobody joins them: a thread that is in a call which does not
    return is left behind. Others take its place: a job that was given up, or that has run for longer than
    @ref patience, does not count as work of one of the threads that there may be. All threads together, the stuck ones
    included, are at most @ref most_threads; beyond that, jobs wait until one comes back.

    The executors of the waiters are released before the context ends (@ref disconnect), since a thread may hold a job
    for longer than that.
*/
class file_queue : public std::enable_shared_from_this<file_queue>
{
public:
    using clock = std::chrono::steady_clock;

    static constexpr std::size_t default_threads = 2;
    static constexpr std::size_t most_threads = 64;
    static constexpr std::chrono::milliseconds patience{1000};

    /// How long the end of a context waits for jobs that nobody has given up, such as the removal of a file.
    static constexpr std::chrono::milliseconds last_jobs{250};

    /// After which a notification is tried again for which there was no memory.
    static constexpr std::chrono::milliseconds next_try{10};

    /// Asks for so many threads at least; the largest number that was asked for counts.
    void require_threads(std::size_t number)
    {
        const std::lock_guard lock{mutex_};
        wanted_ = (std::max)(wanted_, (std::min)(number, most_threads));
    }

    /// Queues a job that nobody waits for. @throws If nothing could ever run it. It ends with the argument then,
    /// outside the lock: what it owns may queue other jobs.
    void post(std::shared_ptr<file_job> job)
    {
        const std::lock_guard lock{mutex_};
        enqueue(job);
    }

    /// Queues a job, and notifies the waiter, on its executor, of its end.
    void post(std::shared_ptr<file_job> job, const asio::any_io_executor& executor, event& waiter)
    {
        const std::lock_guard lock{mutex_};
        job->waiter_ = &waiter;
        if (connected_) {
            job->executor_ = executor;
        }
        enqueue(job);
    }

    /// Gives a job up: it is taken off the queue, or left behind with its thread. On the executor of the waiter.
    void abandon(file_job& job) noexcept
    {
        job.waiter_ = nullptr;
        std::list<std::shared_ptr<file_job>> taken; // ends outside the lock: what a job owns may queue other jobs
        const std::lock_guard lock{mutex_};
        job.executor_ = {};
        if (job.state_ == file_job::state::queued) {
            job.state_ = file_job::state::created;
            taken.splice(taken.end(), jobs_, job.place_);
        }
        else if (job.state_ == file_job::state::running) {
            for (worker& each : workers_) {
                if (each.job.get() == &job) {
                    write_off(each);
                }
            }
            replace_lost();
        }
    }

    /// From now on nobody is notified: the context ends.
    void disconnect() noexcept
    {
        const std::lock_guard lock{mutex_};
        connected_ = false;
        for (const auto& job : jobs_) {
            job->executor_ = {};
        }
        for (worker& each : workers_) {
            if (each.job) {
                each.job->executor_ = {};
            }
        }
    }

    /// Lets the threads end when nothing is left to do, and gives those that are not stuck a moment for that.
    void end() noexcept
    {
        std::unique_lock lock{mutex_};
        ended_ = true;
        conditions_->work.notify_all();
        conditions_->watch.notify_all();
        conditions_->ended.wait_for(lock, last_jobs, [this] { return workers_.size() == lost_ && !watched_; });
    }

    /// Threads that exist. For tests.
    std::size_t threads() const
    {
        const std::lock_guard lock{mutex_};
        return workers_.size();
    }

    // The mutex is held while the process is forked, so that the child finds all in order.

    void fork_prepare() { mutex_.lock(); }
    void fork_parent() { mutex_.unlock(); }

    /// None of the threads is in the child. What they were doing there ends interrupted.
    void fork_child()
    {
        std::list<worker> gone; // ends outside the lock
        std::unique_lock lock{mutex_, std::adopt_lock};
        // A condition variable that threads of the parent waited for cannot be destroyed: it stays where it is.
        const auto* const left = conditions_.release();
        static_cast<void>(left);
        conditions_ = std::make_unique<conditions>();
        lost_ = idle_ = 0;
        watched_ = false;
        gone.swap(workers_);
        for (const worker& each : gone) {
            if (each.job) {
                finish(each.job, true, lock);
            }
        }
        replace_lost();
    }

private:
    struct worker
    {
        std::shared_ptr<file_job> job = {};
        clock::time_point since = {};
        bool busy = false;
        bool lost = false; // not counted on
    };

    struct conditions
    {
        std::condition_variable work;
        std::condition_variable watch;
        std::condition_variable ended;
    };

    std::size_t size() const noexcept { return wanted_ > 0 ? wanted_ : default_threads; }

    void enqueue(const std::shared_ptr<file_job>& job)
    {
        jobs_.push_back(job);
        job->place_ = std::prev(jobs_.end());
        job->state_ = file_job::state::queued;
        if (idle_ >= jobs_.size()) {
            conditions_->work.notify_one();
            return;
        }
        try {
            if (workers_.size() - lost_ < size() && workers_.size() < most_threads) {
                start_worker();
            }
            else if (!watched_) {
                start_thread([self = shared_from_this()] { self->watch(); });
                watched_ = true;
            }
        }
        catch (...) {                       // there is no thread or no memory
            if (workers_.size() == lost_) { // nobody would ever run it
                jobs_.pop_back();
                job->state_ = file_job::state::created;
                throw;
            }
        }
    }

    /// @throws boost::system::system_error If the system has no thread to give.
    template <class Function>
    static void start_thread(Function work)
    {
        try {
            std::thread{std::move(work)}.detach();
        }
        catch (const std::system_error& failure) {
            throw boost::system::system_error(system_error_of(failure.code()), "a thread for files");
        }
    }

    void start_worker()
    {
        const auto place = workers_.emplace(workers_.end());
        try {
            start_thread([self = shared_from_this(), place] { self->serve(place); });
        }
        catch (...) {
            workers_.erase(place);
            throw;
        }
    }

    void write_off(worker& stuck) noexcept
    {
        if (!stuck.lost) {
            stuck.lost = true;
            ++lost_;
        }
    }

    void replace_lost() noexcept
    {
        try {
            std::size_t missing = jobs_.size() - (std::min)(jobs_.size(), idle_);
            for (; missing > 0 && workers_.size() - lost_ < size() && workers_.size() < most_threads; --missing) {
                start_worker();
            }
        }
        catch (...) { // NOLINT(bugprone-empty-catch): no thread or no memory; the watch tries again
        }
    }

    /// What a thread does.
    void serve(std::list<worker>::iterator self)
    {
        block_signals();
        std::unique_lock lock{mutex_};
        for (;;) {
            if (!jobs_.empty()) {
                self->job = std::move(jobs_.front());
                jobs_.pop_front();
                self->job->state_ = file_job::state::running;
                self->since = clock::now();
                self->busy = true;
                lock.unlock();
                self->job->run();
                lock.lock();
                finish(self->job, false, lock);
                std::shared_ptr<file_job> ended = std::move(self->job);
                lock.unlock();
                ended.reset(); // if nobody waits, what it owns is destroyed here, and that may block as well
                lock.lock();
                self->busy = false;
                if (std::exchange(self->lost, false)) {
                    --lost_;
                }
            }
            else if (ended_ || workers_.size() - lost_ > size()) {
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

    /// Looks after threads that do not come back, for as long as jobs wait.
    void watch()
    {
        block_signals();
        std::unique_lock lock{mutex_};
        while (!ended_ && !jobs_.empty()) {
            conditions_->watch.wait_for(lock, patience / 4);
            for (worker& each : workers_) {
                if (each.busy && clock::now() - each.since >= patience) {
                    write_off(each);
                }
            }
            replace_lost();
        }
        watched_ = false;
        conditions_->ended.notify_all();
    }

    /// Tells the waiter, if there is one. Without the memory for that it is tried again: who waits would wait for ever.
    static void finish(const std::shared_ptr<file_job>& job, bool interrupted,
                       std::unique_lock<std::mutex>& lock) noexcept
    {
        job->state_ = file_job::state::ended;
        while (!tell(job, interrupted)) {
            lock.unlock();
            std::this_thread::sleep_for(next_try);
            lock.lock();
        }
    }

    static bool tell(const std::shared_ptr<file_job>& job, bool interrupted) noexcept
    {
        if (!job->executor_) {
            return true;
        }
        try {
            asio::post(job->executor_, [job, interrupted] {
                job->done_ = true;
                job->interrupted_ = interrupted;
                if (event* const waiter = std::exchange(job->waiter_, nullptr)) {
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
    std::size_t wanted_ = 0;
    std::size_t idle_ = 0; // threads that wait for a job
    std::size_t lost_ = 0; // threads that are stuck
    bool watched_ = false;
    bool connected_ = true;
    bool ended_ = false;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_FILE_QUEUE_HPP
