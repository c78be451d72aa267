//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_POOL_HPP
#define CYCLOS_NET_POOL_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/detail/serial_check.hpp>
#include <cyclos/net/connect.hpp>
#include <cyclos/net/connection.hpp>
#include <cyclos/net/connection_quota.hpp>
#include <cyclos/net/options.hpp>
#include <cyclos/net/pool_core.hpp>
#include <cyclos/net/pool_sharing.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace cyclos::inline CYCLOS_ABI::net {

class pool;

/** The right to use a connection for one exchange.

    Its destructor decides what becomes of the connection: it goes back to the pool where clean() was called,
    and is closed otherwise. It may run on any thread.
*/
class lease
{
public:
    lease() = default;

    lease(std::shared_ptr<pool> owner, std::shared_ptr<connection> which) noexcept
        : pool_(std::move(owner))
        , connection_(std::move(which))
    {}

    lease(lease&& other) noexcept = default;

    lease& operator=(lease&& other) noexcept
    {
        if (this != &other) {
            give_back();
            pool_ = std::move(other.pool_);
            connection_ = std::move(other.connection_);
            clean_ = other.clean_;
        }
        return *this;
    }

    ~lease() { give_back(); }

    explicit operator bool() const noexcept { return connection_ != nullptr; }
    const std::shared_ptr<connection>& get() const noexcept { return connection_; }
    connection* operator->() const noexcept { return connection_.get(); }
    connection& operator*() const noexcept { return *connection_; }

    CYCLOS_DECL const boost::asio::any_io_executor& executor() const noexcept;

    /// What the pool connects to, and how.
    CYCLOS_DECL const connect_settings& settings() const noexcept;

    /// The exchange has ended so that the connection can carry another one, for so long as the server has said.
    void clean(std::optional<pool_core::duration> keep_alive) noexcept
    {
        using clock = pool_core::time_point::clock;
        clean_ = true;
        connection_->set_kept_until(keep_alive ? clock::now() + *keep_alive : (pool_core::time_point::max)());
    }

    /// Nothing was sent over the connection: it can serve as before.
    void keep() noexcept { clean_ = true; }

    /// Ends the lease.
    CYCLOS_DECL void give_back() noexcept;

    /// The same, on the strand of the pool, where there is no need to get there.
    CYCLOS_DECL void give_back_here() noexcept;

private:
    std::shared_ptr<pool> pool_;
    std::shared_ptr<connection> connection_;
    bool clean_ = false;
};

/// Which connection a request takes.
enum class freshness { any, newly_opened };

/** A request that wants a connection. It lives in the coroutine of that request: whichever way that goes, the pool
    forgets the waiter, and what it was granted goes back.
*/
class pool_waiter : private pool_core::waiter
{
public:
    /** Begins to wait.

        @param mailbox Is notified when there is a connection, or there will be none.
        @param which Any, or one that is newly opened: for a request that has met a connection which had ended.
        @param deadline When waiting has to end.
    */
    CYCLOS_DECL pool_waiter(pool& owner, cyclos::detail::event& mailbox, freshness which, purpose intent,
                            pool_core::time_point deadline);
    pool_waiter(const pool_waiter&) = delete;
    pool_waiter& operator=(const pool_waiter&) = delete;
    CYCLOS_DECL ~pool_waiter();

    /// The connection that was granted, if one was.
    CYCLOS_DECL lease take();

    /// Why there will be none, if so.
    CYCLOS_DECL std::optional<connect_failure> failure() const;

private:
    friend pool;

    CYCLOS_DECL void leave();

    pool& pool_;
    cyclos::detail::event& mailbox_;
    std::shared_ptr<connection> granted_;
    std::optional<refusal> refused_;
    pool_core::time_point pause_end_{}; // where it was refused because of a failure
};

/** The connections to one origin: @ref pool_core with sockets and a clock.

    All of it runs on the strand that it is given.
*/
class pool final : public idle_watcher, public std::enable_shared_from_this<pool>
{
public:
    using time_point = pool_core::time_point;

    /// @param quota What it shares with the other pools of the server; null: it has all connections for itself.
    CYCLOS_DECL pool(const boost::asio::any_io_executor& strand, const pool_config& limits,
                     std::shared_ptr<const connect_settings> settings, std::size_t input_size,
                     std::shared_ptr<connection_quota> quota = nullptr);

    const boost::asio::any_io_executor& executor() const noexcept { return strand_; }
    const connect_settings& settings() const noexcept { return *settings_; }

    /// For the events of those who run on the strand.
    cyclos::detail::event_registry& events() const noexcept { return events_; }

    /// An idle connection, if there is one and nobody waits for it. Who gets none becomes a @ref pool_waiter.
    CYCLOS_DECL lease try_acquire(purpose intent);

    /// Opens the least number of connections.
    CYCLOS_DECL void start();

    /// Whether it has an idle connection, as any thread may ask; perhaps it had one just now.
    bool has_idle() const noexcept { return sharing_.has_idle(); }

    /// Names the other pools of the same server, with which the quota is shared, before anything runs: they are told
    /// when the server cannot be reached, and when one of them starves.
    void set_siblings(std::vector<std::weak_ptr<pool>> others) { siblings_ = std::move(others); }

    /// Takes no more requests, and refuses those that wait.
    CYCLOS_DECL void stop();

    /// Takes no more requests, and ends what is in flight with errc::client_closed.
    CYCLOS_DECL void cut();

    /// Takes no more requests, refuses those that wait, and gives those in flight so much time before it cuts them.
    CYCLOS_DECL boost::asio::awaitable<void> close(pool_core::duration grace);

    /// The number of the pool in its quota. Any thread may ask.
    std::size_t number() const noexcept { return core_.number(); }

    /// When the pause after the last failure to connect ends, which may have passed.
    time_point pause_end() const noexcept { return core_.pause_end(); }

    /// Whether it takes no more requests.
    bool stopped() const noexcept { return stopped_; }

    /// Whether what was in flight has been ended.
    bool was_cut() const noexcept { return cut_; }

    /// What an @ref observer is notified of.
    enum class occasion {
        stopped, ///< The pool takes no more requests.
        drained, ///< No connection is in use any more.
    };

    /// Notifies an event of an occasion, for as long as it lives. A released connection wakes nobody else.
    class observer : public boost::intrusive::list_base_hook<>
    {
    public:
        observer(pool& observed, cyclos::detail::event& notified, occasion when = occasion::stopped)
            : list_(when == occasion::stopped ? observed.stop_observers_ : observed.drain_observers_)
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
        cyclos::detail::event& notified_;
    };

    CYCLOS_DECL pool_stats stats() const;

    CYCLOS_DECL void lost(connection& which) override;

private:
    friend lease;
    friend pool_waiter;

    CYCLOS_DECL void release(const std::shared_ptr<connection>& which, bool reusable);
    CYCLOS_DECL boost::asio::awaitable<void> open(std::shared_ptr<connection> c);
    CYCLOS_DECL void tell_siblings(time_point begun) const;
    CYCLOS_DECL void server_failed(const connect_failure& reason, time_point begun, time_point pause_end);
    CYCLOS_DECL void act();
    CYCLOS_DECL void share();
    CYCLOS_DECL void ask(pool_sharing::favour what);
    CYCLOS_DECL void carry_out(const pool_core::action& action);
    CYCLOS_DECL void arm();
    CYCLOS_DECL connect_failure explain(refusal why) const;

    double jitter() { return std::uniform_real_distribution<double>{}(random_); }

    CYCLOS_DECL static void notify(const boost::intrusive::list<observer>& observers);

    boost::asio::any_io_executor strand_;
    cyclos::detail::serial_check serial_;
    cyclos::detail::event_registry& events_;
    std::shared_ptr<const connect_settings> settings_;
    std::shared_ptr<session_cache> sessions_ = std::make_shared<session_cache>();
    std::weak_ptr<name_lookup> lookup_; // of the host name, while there is one
    std::size_t input_size_;
    pool_core core_;
    std::vector<std::shared_ptr<connection>> connections_; // by slot
    std::vector<pool_core::action> actions_;
    boost::asio::steady_timer timer_;
    time_point armed_for_ = (time_point::max)();
    std::minstd_rand random_;
    connect_failure last_failure_;
    bool last_failed_ = false; // the last connection that was tried
    std::vector<std::weak_ptr<pool>> siblings_;
    pool_sharing sharing_;            // with the siblings, where there are some
    std::atomic<bool> asked_ = false; // whether a favour is queued on its strand
    std::uint64_t resumed_ = 0;
    std::uint64_t timers_ = 0; // set by the pool, and by connections that are gone
    std::uint64_t last_id_ = 0;
    boost::intrusive::list<observer> stop_observers_;
    boost::intrusive::list<observer> drain_observers_;
    bool stopped_ = false;
    bool cut_ = false;
};

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/pool.ipp>
#endif

#endif // CYCLOS_NET_POOL_HPP
