//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_POOL_HPP
#define CYCLOS_DETAIL_NET_POOL_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/base/serial_check.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/connect.hpp>
#include <cyclos/detail/net/connection.hpp>
#include <cyclos/detail/net/connection_quota.hpp>
#include <cyclos/detail/net/pool_core.hpp>
#include <cyclos/detail/net/pool_sharing.hpp>
#include <cyclos/pool_config.hpp>
#include <cyclos/timeout_config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

class pool;

/** The exclusive right to use a connection for one exchange.

    The destructor releases the connection: it returns to the pool after mark_reusable() or
    mark_unused(), and is closed otherwise.

    @par Thread safety
    The destructor and release() may be called on any thread.
*/
class lease
{
public:
    lease() = default;

    lease(std::shared_ptr<pool> owner, std::shared_ptr<connection> c) noexcept
        : pool_(std::move(owner))
        , connection_(std::move(c))
    {}

    lease(lease&& other) noexcept = default;

    lease& operator=(lease&& other) noexcept
    {
        if (this != &other) {
            release();
            pool_ = std::move(other.pool_);
            connection_ = std::move(other.connection_);
            reusable_ = other.reusable_;
        }
        return *this;
    }

    ~lease() { release(); }

    explicit operator bool() const noexcept { return connection_ != nullptr; }
    const std::shared_ptr<connection>& get() const noexcept { return connection_; }
    connection* operator->() const noexcept { return connection_.get(); }
    connection& operator*() const noexcept { return *connection_; }

    CYCLOS_DECL const boost::asio::any_io_executor& executor() const noexcept;

    /// The target of the pool's connections, and how they are opened.
    CYCLOS_DECL const connect_settings& settings() const noexcept;

    /// Declares that the exchange has ended so that the connection can be used again.
    /// @param keep_alive The server's keep-alive timeout, if it sent one.
    void mark_reusable(std::optional<pool_core::duration> keep_alive) noexcept
    {
        using clock = pool_core::time_point::clock;
        reusable_ = true;
        connection_->set_kept_until(keep_alive ? clock::now() + *keep_alive
                                               : (pool_core::time_point::max)());
    }

    /// Declares that nothing was sent, so that the connection can be used as before.
    void mark_unused() noexcept { reusable_ = true; }

    /// Releases the connection.
    CYCLOS_DECL void release() noexcept;

    /// Releases the connection without a dispatch. @pre Runs on the strand of the pool.
    CYCLOS_DECL void release_on_strand() noexcept;

private:
    std::shared_ptr<pool> pool_;
    std::shared_ptr<connection> connection_;
    bool reusable_ = false;
};

/// Whether a request takes an idle connection, or only a new one.
enum class freshness { any, newly_opened };

/** A request that waits for a connection. It is a member of the request's coroutine. If that is
    destroyed, the waiter is removed from the pool, and a connection that was granted is released.
*/
class pool_waiter : private pool_core::waiter
{
public:
    /** Starts to wait.

        @param wakeup Notified when a connection is granted, or the request is rejected.
        @param kind Use newly_opened if the previous connection of the request was stale.
        @param deadline When the request is rejected with acquire_error::timeout.
        @param queue    Whether the request may wait for a connection that is in use.
    */
    CYCLOS_DECL pool_waiter(pool& owner, cyclos::detail::notifier& wakeup, freshness kind,
                            purpose intent, pool_core::time_point deadline,
                            queueing queue = queueing::allowed);
    pool_waiter(const pool_waiter&) = delete;
    pool_waiter& operator=(const pool_waiter&) = delete;
    CYCLOS_DECL ~pool_waiter();

    /// The connection if one was granted; otherwise an empty lease.
    CYCLOS_DECL lease take();

    /// The reason if the request was rejected.
    CYCLOS_DECL std::optional<connect_failure> failure() const;

private:
    friend pool;

    CYCLOS_DECL void withdraw();

    pool& pool_;
    cyclos::detail::notifier& wakeup_;
    std::shared_ptr<connection> granted_;
    std::optional<acquire_error> error_;
    pool_core::time_point pause_end_{}; // set together with acquire_error::connect
};

/** The connection pool of one origin on one strand.

    Parts:
    - @ref pool_core decides: a state machine without I/O. After each event, run_actions() executes
      the actions that it returns.
    - @ref connection objects, one for each slot of pool_core, with sockets and TLS.
    - One timer for the earliest deadline of pool_core.
    - @ref pool_sharing coordinates it with its siblings: the pools of the other shards, which share
      a @ref connection_quota.

    Life of a connection: open() (a coroutine for each connection that is being opened) runs
    connect(). Then the connection is granted to a waiter, or idle. try_acquire() and @ref
    pool_waiter::take return a @ref lease for it. The lease's destructor calls release(), after
    which the connection is granted again, idle, or closed. An idle connection that the peer closes
    is reported by connection_lost().

    Threads: everything runs on the strand that is passed to the constructor. Exceptions are
    has_idle(), number(), post_request(), and the destructor of a lease.
*/
class pool final : public idle_watcher, public std::enable_shared_from_this<pool>
{
public:
    using time_point = pool_core::time_point;

    /// @param quota The limit that is shared with the other pools of the server; null if there are
    /// none.
    CYCLOS_DECL pool(const boost::asio::any_io_executor& strand, const pool_config& limits,
                     std::shared_ptr<const connect_settings> settings, std::size_t input_size,
                     std::shared_ptr<connection_quota> quota = nullptr);

    const boost::asio::any_io_executor& executor() const noexcept { return strand_; }
    const connect_settings& settings() const noexcept { return *settings_; }

    /// The registry for notifiers of coroutines on the strand. Passing it to their constructor
    /// saves a look-up.
    cyclos::detail::notifier_registry& notifiers() const noexcept { return notifiers_; }

    /// Returns an idle connection, unless there is none or other requests are waiting. In that case
    /// use a @ref pool_waiter.
    CYCLOS_DECL lease try_acquire(purpose intent);

    /// Opens the minimum number of connections.
    CYCLOS_DECL void start();

    /// Whether there is an idle connection. May be called on any thread; the result may be
    /// outdated.
    bool has_idle() const noexcept { return sharing_.has_idle(); }

    /// Sets the other pools that share the quota. They are notified if the server is unreachable,
    /// and asked for connections if this pool is blocked. To be called before the pool is used.
    void set_siblings(std::vector<std::weak_ptr<pool>> siblings)
    {
        siblings_ = std::move(siblings);
    }

    /// Closes the idle connections.
    CYCLOS_DECL void close_idle();

    /// Rejects new requests and those that wait.
    CYCLOS_DECL void stop();

    /// Rejects new requests, and aborts all connections with errc::client_closed.
    CYCLOS_DECL void abort_all();

    /// Rejects new requests and those that wait, waits until no connection is in use, for at most
    /// `grace`, and then aborts all connections.
    CYCLOS_DECL boost::asio::awaitable<void> close(pool_core::duration grace);

    /// The number of the pool in the quota. May be called on any thread.
    std::size_t number() const noexcept { return core_.number(); }

    /// When the pause after the last failure to connect ends. It may be in the past.
    time_point pause_end() const noexcept { return core_.pause_end(); }

    /// Whether the pool rejects new requests.
    bool stopped() const noexcept { return stopped_; }

    /// Whether abort_all() was called.
    bool aborted() const noexcept { return aborted_; }

    /// The state changes that an @ref observer can wait for.
    enum class transition {
        stopped,   ///< The pool rejects new requests.
        drained,   ///< No connection is in use any more.
        warmed_up, ///< A warm_up() has ended.
    };

    /// Registers a notifier for a state change, for the lifetime of this object. Releasing a
    /// connection notifies only observers of `drained`, and only when none is in use any more.
    class observer : public boost::intrusive::list_base_hook<>
    {
    public:
        observer(pool& observed, cyclos::detail::notifier& notified,
                 transition awaited = transition::stopped)
            : list_(observed.observers_of(awaited))
            , notified_(notified)
        {
            list_.push_back(*this);
        }

        observer(const observer&) = delete;
        observer& operator=(const observer&) = delete;
        ~observer() { list_.erase(list_.iterator_to(*this)); }

    private:
        friend pool;

        boost::intrusive::list<observer>& list_;
        cyclos::detail::notifier& notified_;
    };

    /// The right to run warm_up(), which holds connections while it waits for others: two at a time
    /// could wait for each other.
    class warm_up_section
    {
    public:
        /// @pre No other section exists: see warming_up().
        explicit warm_up_section(pool& owner) noexcept
            : owner_(owner)
        {
            owner_.warming_up_ = true;
        }

        warm_up_section(const warm_up_section&) = delete;
        warm_up_section& operator=(const warm_up_section&) = delete;

        ~warm_up_section()
        {
            owner_.warming_up_ = false;
            notify(owner_.warm_up_observers_);
        }

    private:
        pool& owner_;
    };

    bool warming_up() const noexcept { return warming_up_; }

    CYCLOS_DECL pool_stats stats() const;

    CYCLOS_DECL void connection_lost(connection& c) override;

private:
    friend lease;
    friend pool_waiter;

    CYCLOS_DECL void release(const std::shared_ptr<connection>& c, bool reusable);
    CYCLOS_DECL boost::asio::awaitable<void> open(std::shared_ptr<connection> c);
    CYCLOS_DECL void update_tls();
    CYCLOS_DECL void notify_siblings(time_point started) const;
    CYCLOS_DECL void server_failed(const connect_failure& reason, time_point started,
                                   time_point pause_end);
    CYCLOS_DECL void run_actions();
    CYCLOS_DECL void coordinate();
    CYCLOS_DECL void post_request(pool_sharing::request needed);
    CYCLOS_DECL void execute(const pool_core::action& action);
    CYCLOS_DECL void arm_timer();
    CYCLOS_DECL connect_failure to_connect_failure(acquire_error reason) const;

    double jitter() { return std::uniform_real_distribution<double>{}(random_); }

    boost::intrusive::list<observer>& observers_of(transition awaited) noexcept
    {
        return awaited == transition::stopped   ? stop_observers_
               : awaited == transition::drained ? drain_observers_
                                                : warm_up_observers_;
    }

    CYCLOS_DECL static void notify(const boost::intrusive::list<observer>& observers);

    boost::asio::any_io_executor strand_;
    cyclos::detail::serial_check serial_check_;
    cyclos::detail::notifier_registry& notifiers_;
    std::shared_ptr<const connect_settings> settings_;
    std::shared_ptr<tls_context> tls_; // of the last connection that was opened
    std::shared_ptr<session_cache> sessions_ = std::make_shared<session_cache>(); // of tls_
    std::weak_ptr<name_lookup> lookup_; // in progress, if any
    std::size_t input_size_;
    pool_core core_;
    std::vector<std::shared_ptr<connection>> connections_; // by slot
    std::vector<pool_core::action> actions_;
    boost::asio::steady_timer timer_;
    time_point armed_for_ = (time_point::max)();
    std::minstd_rand random_;
    connect_failure last_failure_;
    bool last_attempt_failed_ = false; // whether the last attempt to connect failed
    std::vector<std::weak_ptr<pool>> siblings_;
    pool_sharing sharing_;                     // with the siblings, if any
    std::atomic<bool> request_posted_ = false; // a request of a sibling is queued on the strand
    std::uint64_t resumed_ = 0;
    std::uint64_t timer_sets_ = 0; // by the pool and its closed connections
    boost::intrusive::list<observer> stop_observers_;
    boost::intrusive::list<observer> drain_observers_;
    boost::intrusive::list<observer> warm_up_observers_;
    bool warming_up_ = false;
    bool stopped_ = false;
    bool aborted_ = false;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/pool.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_POOL_HPP
