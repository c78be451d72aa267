//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_POOL_CORE_HPP
#define CYCLOS_DETAIL_NET_POOL_CORE_HPP

#include <cyclos/close_reason.hpp>
#include <cyclos/detail/base/deadline_queue.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/connection_quota.hpp>
#include <cyclos/pool_config.hpp>
#include <cyclos/pool_stats.hpp>
#include <cyclos/timeout_config.hpp>

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/// The reason why a waiter is rejected.
enum class acquire_error {
    queue_full, ///< The maximum number of waiters is reached.
    busy,       ///< The request would have to wait, and must not.
    timeout,    ///< The deadline of the waiter has expired.
    connect,    ///< No connection is open, and the last attempt to open one failed.
    shutdown,   ///< The pool is shut down.
};

/// When a request releases its connection, and which other requests may wait for that.
enum class purpose {
    exchange, ///< Releases it at the end of the response.
    content,  ///< Releases it when the caller has read the content, at any time.
    resume, ///< Like `content`, for resuming a content that lost its connection. An upload may wait
            ///< for it.
    upload, ///< Releases it at the end of the response. It may read from a content.
    login,  ///< Releases it at the end of the response. An upload or a resumed content may wait for
            ///< it.
};

/// Whether the request holds its connection until the caller has read the content.
constexpr bool holds_content(purpose intent) noexcept
{
    return intent == purpose::content || intent == purpose::resume;
}

/// Whether a request may wait in the queue. One that may not still waits for a connection that is
/// being opened for it.
enum class queueing { allowed, refused };

/// Whether a content may depend on the request, so that the request may use a companion place.
constexpr bool may_use_companion(purpose intent) noexcept
{
    return intent == purpose::resume || intent == purpose::upload || intent == purpose::login;
}

/** The rules of the connection pool: a state machine without I/O and without a clock.

    @ref pool, on its strand, is the caller. It passes in events with the current time, and executes
    the returned actions in order after each event. Tests do the same with invented times.

    A slot is *free*, *connecting* (after the action `open`), *in use* (after `grant`), or *idle*.
    It is free again after `close`, or if the connection could not be opened.

    @par Order
    Waiters are served first come, first served; newcomers do not overtake them. A released
    connection is granted to the first waiter of its pool, even if another one is being opened for
    it; that one becomes idle then. Idle connections are reused last in, first out, so that surplus
    ones reach their idle timeout. A request whose connection was stale waits for a new connection.
    It takes precedence over other waiters, and if there is no free place, an idle connection is
    closed for it.

    @par Limits
    Only waiters for which no connection may be opened now count toward `max_pending_acquires`,
    summed over all pools that share a quota.

    @par Failing fast
    If a connection could not be opened and none is open, all waiters are rejected with that reason:
    as soon as no other connection is being opened, after one second at the latest. Then new
    requests are rejected during a pause. The first request after the pause opens a connection, the
    *probe*; requests that arrive meanwhile wait for it, for at most one second. While a connection
    is open, requests wait for it. A *spare* connection (opened for `min_connections`, not for a
    request) that cannot be opened neither rejects nor delays a request; so while the server is
    unreachable, waiters do not count on spare connections that are being opened.

    @par Sharing
    Pools of one server share a @ref connection_quota. If a pool finds no free place, another pool
    closes a connection that it does not need (@ref pool_sharing). A place that becomes free is
    reserved for the pool whose first waiter has waited for longest. Opening a connection takes
    time, so a pool with waiters closes one for another pool only if the waiter there has waited for
    half a second longer.

    @par Freedom from deadlock
    There is no state in which all connections are held by requests that wait for a connection. A
    content may be read by an upload that waits for a connection. That upload may read from a
    content that has lost its connection and waits for another one. So in addition to the quota,
    there are as many *companion places* as there are contents that hold a connection or wait for
    one to be resumed. Uploads, resumed contents, and the logins that these wait for may use them.
    Proof: suppose that no request can proceed. Then each content and its upload hold at most one
    connection, so there are at least as many contents as connections. The connections hold all
    regular places and the companion places in use. So there are more contents than companion places
    in use, and one is free.

    @par Complexity
    The cost of an event does not depend on the number of waiters or connections, except for
    deadlines, which take O(log n): waiters and connections are in linked lists, and nothing is
    searched. If pools share a quota, each event visits all pools, and while a pool is blocked, the
    waiters for which connections are being opened.
*/
class pool_core
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;
    /// Identifies a connection from its `open` action to its `close` action.
    using slot = std::size_t;

    /// A request that waits for a connection. The caller owns it and must not move it while it
    /// waits.
    class waiter : public boost::intrusive::list_base_hook<>, public cyclos::detail::deadline_entry
    {
        friend pool_core;

        // Links the waiters that may use a companion place.
        boost::intrusive::list_member_hook<> companion_hook_;
        time_point waiting_since_{};
        net::purpose purpose_ = net::purpose::exchange;
        bool fresh_ = false; // needs a newly opened connection
        // The connection that is being opened for it is the probe of an unreachable server.
        bool is_probe_ = false;
    };

    /// What the caller must do.
    struct action
    {
        enum class kind {
            open,  ///< Start to open a connection in the slot.
            grant, ///< Give the connection in the slot to the waiter.
            fail,  ///< Reject the waiter.
            close, ///< Close the connection in the slot.
        };

        kind type = kind::open;
        pool_core::slot slot = 0;
        pool_core::waiter* waiter = nullptr;
        close_reason reason = close_reason::idle;
        net::acquire_error error = net::acquire_error::timeout;
    };

    /// @param quota The limit that is shared with the other pools of the server; null if there are
    /// none.
    CYCLOS_DECL explicit pool_core(const pool_config& limits,
                                   std::shared_ptr<connection_quota> quota = nullptr);

    /// @name Events
    /// @{

    /// Opens the minimum number of connections.
    void start(time_point now) { open_more(now); }

    /// Takes the most recently used idle connection that is not expired: the fast path, without a
    /// waiter.
    CYCLOS_DECL std::optional<slot> try_acquire(time_point now, purpose intent = purpose::exchange);

    /// Adds a request. It is rejected at the deadline.
    CYCLOS_DECL void acquire(waiter& w, time_point deadline, time_point now,
                             purpose intent = purpose::exchange,
                             queueing queue = queueing::allowed);

    /// Adds a request whose connection was stale: it needs a newly opened one. It was admitted
    /// before, so `max_pending_acquires` does not apply to it.
    CYCLOS_DECL void acquire_fresh(waiter& w, time_point deadline, time_point now,
                                   purpose intent = purpose::exchange,
                                   queueing queue = queueing::allowed);

    /// Removes a waiter. No effect if it was granted a connection or rejected.
    CYCLOS_DECL void abandon(waiter& w);

    /// The connection in the slot is open.
    CYCLOS_DECL void connected(slot index, time_point now);

    /** The connection in the slot could not be opened.

        @param jitter A random number from 0 to 1.
        @return Whether this is a reason to reject requests: false for a spare connection.
    */
    CYCLOS_DECL bool connect_failed(slot index, time_point now, double jitter);

    /** Another pool of the same server could not open a connection.

        @param begun When it began to open the connection.
        @param pause_end When its pause ends.
        @return Whether this pool has no open connection either and did not know yet; it then
        behaves in the same way.
    */
    CYCLOS_DECL bool server_failed(time_point begun, time_point pause_end, time_point now);

    /// A request has released the connection. `keep_alive` is the server's keep-alive timeout, if
    /// known.
    CYCLOS_DECL void released(slot index, bool reusable, std::optional<duration> keep_alive,
                              time_point now);

    /// The peer has closed the idle connection in the slot. If it has carried no request, this
    /// counts as a failure to open it. `jitter` is a random number from 0 to 1.
    CYCLOS_DECL void lost(slot index, time_point now, double jitter);

    /// The quota may have a free place.
    void place_may_be_free(time_point now) { open_more(now); }

    /// Another pool is blocked: closes an idle connection for it, if that is still necessary and
    /// possible.
    CYCLOS_DECL void release_place(time_point now);

    /// Time has passed: next_tick() has been reached.
    CYCLOS_DECL void tick(time_point now);

    /// Closes the idle connections. As many as pool_config::min_connections are opened again.
    CYCLOS_DECL void close_idle(time_point now);

    /// Rejects all waiters and new requests, and closes idle connections.
    CYCLOS_DECL void shut_down();

    /// @}

    /// Whether there are waiters for which no connection is being opened and no place is free.
    bool is_blocked() const noexcept
    {
        return no_free_place_ && !shut_down_ && stats_.waiting > connecting_for_waiters();
    }

    /// Since when the first waiter has waited for which no connection is being opened. Connections
    /// that are being opened are attributed to the first waiters.
    CYCLOS_DECL time_point blocked_since() const noexcept;

    /// The id of the next connection, which is unique among all pools of the quota.
    std::uint64_t next_connection_id() noexcept { return quota_->next_connection_id(); }

    /// The number of the pool in its quota.
    std::size_t number() const noexcept { return number_; }

    /// Whether more waiters may use a companion place than companion connections are being opened.
    bool needs_companion() const noexcept
    {
        return companions_connecting_ < companions_waiting_.size();
    }

    /// Whether an idle connection could be closed for another pool.
    bool can_release_place() const noexcept { return stats_.waiting == 0 && !idle_.empty(); }

    /// The number of connections in use for a purpose.
    std::size_t in_use_for(purpose intent) const noexcept
    {
        return in_use_by_purpose_[static_cast<std::size_t>(intent)];
    }

    /// When tick() must be called. May be earlier than necessary, but not later.
    time_point next_tick() const noexcept { return next_tick_; }

    /// Moves the pending actions into `actions`, which is cleared first.
    void take_actions(std::vector<action>& actions)
    {
        actions.clear();
        actions.swap(actions_);
    }

    /// When the pause after the last failure ends. No connection is opened for a request before.
    time_point pause_end() const noexcept { return pause_end_; }

    /// Whether the last attempt to open a connection failed, and no connection is open.
    bool failing() const noexcept { return failures_ > 0 && stats_.idle + stats_.in_use == 0; }

    /// Whether there are pending actions.
    bool has_actions() const noexcept { return !actions_.empty(); }

    /// Whether the connection in the slot is idle.
    bool is_idle(slot index) const noexcept { return connections_[index].state == state::idle; }

    /// Gauges and counters of the pool.
    const pool_stats& stats() const noexcept { return stats_; }

private:
    enum class state { free, connecting, idle, in_use };

    struct connection : boost::intrusive::list_base_hook<> // in free_ or idle_
        ,
                        cyclos::detail::deadline_entry // of an idle connection: when it expires
    {
        explicit connection(pool_core::slot number) noexcept
            : index(number)
        {}

        pool_core::slot index;
        pool_core::state state = pool_core::state::free;
        bool spare = false;              // opened for min_connections, not for a request
        bool companion = false;          // on a companion place
        bool counted_as_content = false; // by the quota
        net::purpose purpose = net::purpose::exchange; // while it is in use
        time_point opened{}; // when it was opened; while connecting, when that began
        std::uint64_t requests = 0;
    };

    using waiter_list = boost::intrusive::list<waiter>;
    using companion_list = boost::intrusive::list<
        waiter, boost::intrusive::member_hook<waiter, boost::intrusive::list_member_hook<>,
                                              &waiter::companion_hook_>>;
    using connection_list = boost::intrusive::list<connection>;

    CYCLOS_DECL std::optional<bool> acquire_place(bool spare, time_point now);
    CYCLOS_DECL bool become_regular(connection& c);
    CYCLOS_DECL bool has_room() const noexcept;
    CYCLOS_DECL bool is_needed_by_other_pool() const noexcept;
    CYCLOS_DECL void end_use(connection& c) noexcept;

    std::size_t open_or_opening() const noexcept
    {
        return stats_.connecting + stats_.idle + stats_.in_use;
    }

    /// The number of connections being opened that the current waiters can expect to be granted.
    std::size_t connecting_for_waiters() const noexcept
    {
        // While the server is unreachable, waiters do not wait for a spare connection.
        const std::size_t spares = failures_ > 0 && stats_.waiting > 0 ? spares_connecting_ : 0;
        // A companion connection can be granted only to a waiter that may use a companion place.
        const std::size_t companions =
            (std::min)(companions_connecting_, companions_waiting_.size());
        return stats_.connecting - spares - (companions_connecting_ - companions);
    }

    CYCLOS_DECL void assign(connection& c, std::optional<duration> keep_alive, time_point now);
    CYCLOS_DECL void open_more(time_point now);
    CYCLOS_DECL void open_needed(time_point now);
    CYCLOS_DECL void end_connecting(connection& c) noexcept;
    CYCLOS_DECL bool fresh_waiter_needs_place(time_point now) const noexcept;
    CYCLOS_DECL void enqueue(waiter& w, bool fresh, time_point deadline, time_point now,
                             purpose intent);
    CYCLOS_DECL void dequeue(waiter& w) noexcept;
    CYCLOS_DECL waiter& take_first(waiter_list& queue) noexcept;
    CYCLOS_DECL void report_waiters() noexcept;
    CYCLOS_DECL void begin_pause(time_point begun, time_point now, double jitter);
    CYCLOS_DECL void back_off_spares(time_point begun, time_point now, double jitter);
    CYCLOS_DECL void fail_all(waiter_list& queue, acquire_error reason);
    CYCLOS_DECL void fail_unreachable(time_point now);
    CYCLOS_DECL void fail_overdue(waiter_list& queue, time_point now);
    CYCLOS_DECL void close(connection& c, close_reason reason);
    CYCLOS_DECL void evict(connection& c, close_reason reason);
    CYCLOS_DECL void fail(waiter& w, acquire_error reason);
    CYCLOS_DECL void begin_use(connection& c, purpose intent);
    CYCLOS_DECL void grant(connection& c, waiter& w);
    CYCLOS_DECL void become_idle(connection& c, std::optional<duration> keep_alive, time_point now);
    CYCLOS_DECL void leave_idle(connection& c) noexcept;
    CYCLOS_DECL void become_free(connection& c) noexcept;
    CYCLOS_DECL std::optional<close_reason> expiry_reason(const connection& c,
                                                          time_point now) const;
    CYCLOS_DECL connection& allocate_connection(bool companion);
    void schedule_tick(time_point time) noexcept
    {
        next_tick_ = time < next_tick_ ? time : next_tick_;
    }

    pool_config limits_;
    std::shared_ptr<connection_quota> quota_;
    std::size_t number_;
    std::size_t companions_connecting_ = 0;
    std::size_t spares_connecting_ = 0;
    std::size_t reported_waiters_ = 0; // number last reported to the quota
    std::array<std::size_t, 5> in_use_by_purpose_{};
    std::deque<connection> connections_; // by slot, with stable addresses
    connection_list free_;
    connection_list idle_; // a stack: the most recently used is at the back
    cyclos::detail::deadline_queue<connection> idle_deadlines_;
    waiter_list waiting_;
    waiter_list fresh_waiters_;         // those that need a new connection
    companion_list companions_waiting_; // of both lists: those that may use a companion place
    cyclos::detail::deadline_queue<waiter> deadlines_;
    std::vector<action> actions_;
    time_point next_tick_ = (time_point::max)();
    time_point pause_end_ = (time_point::min)();       // after a failure
    time_point last_failure_at_ = (time_point::min)(); // the last one that began a pause
    // The last failure or probe. While failing, waiters wait for at most failing_wait_limit after
    // this time or after their arrival, whichever is later.
    time_point failing_wait_start_ = (time_point::min)();
    unsigned failures_ = 0; // consecutive

    // The same for spare connections.
    time_point spare_backoff_end_ = (time_point::min)();
    time_point last_spare_failure_at_ = (time_point::min)();
    unsigned spare_failures_ = 0;

    bool no_free_place_ = false; // when one was last needed
    bool shut_down_ = false;
    pool_stats stats_;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/pool_core.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_POOL_CORE_HPP
