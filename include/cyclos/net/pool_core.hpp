//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_POOL_CORE_HPP
#define CYCLOS_NET_POOL_CORE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/deadline_queue.hpp>
#include <cyclos/net/connection_quota.hpp>
#include <cyclos/net/options.hpp>

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

namespace cyclos::inline CYCLOS_ABI::net {

/// Why a connection left the pool.
enum class close_reason {
    idle,     ///< It lay idle for too long.
    age,      ///< It became too old.
    requests, ///< It has carried as many requests as it may.
    peer,     ///< The peer closed it, or sent what nobody asked for, while it was idle.
    broken,   ///< Its last message did not end cleanly, or the peer wanted it closed.
    replaced, ///< It made room for a new one, where a request has met one that had ended.
    shutdown, ///< The pool is shut down.
};

/// Why a waiter gets no connection.
enum class refusal {
    crowded,  ///< There are as many waiters as there may be.
    timeout,  ///< Its deadline has come.
    connect,  ///< No connection is open, and the last attempt to open one has failed.
    shutdown, ///< The pool is shut down.
};

/// What a request does with its connection, as far as that concerns the others.
enum class purpose {
    exchange, ///< It releases it at the end of the response.
    content,  ///< It releases it when the caller has read a content: nobody knows when.
    resume,   ///< The same; it goes on with a content whose connection has ended. An upload may wait for it.
    upload,   ///< It releases it at the end of the response. It may read from a content.
    login,    ///< It releases it at the end of the response. An upload or a resume may wait for it.
};

/// Whether requests for a purpose leave a content to be read.
constexpr bool holds_content(purpose which) noexcept
{
    return which == purpose::content || which == purpose::resume;
}

/// Whether a content may not be read to its end before a request is served, so that it may use a companion place.
constexpr bool may_accompany(purpose which) noexcept
{
    return which == purpose::resume || which == purpose::upload || which == purpose::login;
}

/// What a pool holds, and what it has done so far.
struct pool_stats
{
    std::size_t connecting = 0; ///< Connections being opened.
    std::size_t idle = 0;       ///< Open connections that carry no request.
    std::size_t in_use = 0;     ///< Connections that carry a request.
    std::size_t waiting = 0;    ///< Requests that wait for a connection.

    std::uint64_t opened = 0;   ///< Connections opened.
    std::uint64_t resumed = 0;  ///< Connections whose handshake has resumed an earlier TLS session.
    std::uint64_t failed = 0;   ///< Connections that could not be opened.
    std::uint64_t reused = 0;   ///< Requests that went over a connection which had carried one before.
    std::uint64_t evicted = 0;  ///< Connections that were closed while idle.
    std::uint64_t timeouts = 0; ///< Waiters whose deadline came.
    std::uint64_t timers = 0;   ///< How often a timer was set: a request on a warm connection needs none.

    /// Adds what another pool holds and has done.
    CYCLOS_DECL pool_stats& operator+=(const pool_stats& other) noexcept;
};

/** The rules of the pool, without its connections: a state machine that takes events and gives actions.

    It does no I/O and reads no clock, so every rule can be tested with made-up times. Whoever feeds it
    carries out the actions, in their order, after each event.

    Waiters are served first come, first served, and no newcomer overtakes them. A connection that is released goes to
    the first waiter of its pool, whether or not one is being opened for it: that one is kept as an idle one then.
    Idle connections are used last in, first out, so that those which are not needed age out. A request that has met
    a connection which had ended comes back for one that is newly opened: it is served before the other waiters, and
    if there is no room, a connection that is not in use is closed for it.

    Only a request for which no connection may be opened now counts as one that waits: `max_waiters` limits those, in
    all pools that share a quota.

    A server that cannot be reached fails fast. When a connection could not be opened and none is open, all waiters are
    refused with that reason, as soon as no other connection is being opened, after a second at the latest. A pause
    follows, in which newcomers are refused at once. The first request after it opens a connection, the probe; requests
    that come while it is being opened wait for it, for a second at most. While a connection is open, requests wait for
    it. A connection of the least number that could not be opened refuses nobody and delays no request: while the server
    cannot be reached, requests do not count on one that is being opened.

    Pools of the same server share a quota. A pool that finds no free place gets one as soon as another pool has a
    connection that it does not need: that one is closed (@ref pool_sharing). A place that becomes free is for the pool
    whose first waiter has waited for longest. To open a connection costs time, so a pool with waiters of its own closes
    one for another pool only if the waiter there has waited for half a second longer.

    No state can be reached in which all connections are held by requests that wait for one. A content may be read by
    an upload that waits for a connection, and an upload may read a content that has lost its connection and waits for
    another one. So there are as many companion places beside the quota as there are contents that hold a connection
    or wait for one to go on, and uploads, resumed contents and the logins that they wait for may use those. If
    nothing went on, then each content and its upload would hold one connection at most, so that contents would be no
    fewer than connections; the connections are all regular places and the companion places in use; so a companion
    place would be free.

    The work per event does not grow with the number of waiters or connections, but for their deadlines, which take
    O(log n): waiters and connections are linked with each other, and nothing is searched. Where pools
    share a quota, each event looks at all of them, and while a pool waits for a free place, at the waiters for whom
    connections are being opened.
*/
class pool_core
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;
    using slot = std::size_t; ///< Names a connection from its `open` to its `close`.

    /// A request that waits for a connection. It belongs to the caller, and stays where it is while it waits.
    class waiter : public boost::intrusive::list_base_hook<>, public cyclos::detail::deadline_entry
    {
        friend pool_core;

        boost::intrusive::list_member_hook<> companion_hook_; // among those who may use a companion place
        time_point since_{};
        net::purpose purpose_ = net::purpose::exchange;
        bool fresh_ = false;  // wants a connection that is newly opened
        bool probes_ = false; // a connection was opened for it to see whether the server can be reached again
    };

    /// What is to be done.
    struct action
    {
        enum class kind {
            open,   ///< Begin to open a connection in the slot.
            lend,   ///< Give the connection in the slot to the waiter.
            refuse, ///< Tell the waiter that it gets none.
            close,  ///< Close the connection in the slot.
        };

        kind what = kind::open;
        pool_core::slot slot = 0;
        pool_core::waiter* waiter = nullptr;
        close_reason reason = close_reason::idle;
        net::refusal refusal = net::refusal::timeout;
    };

    /// @param quota What it shares with the other pools of the server; null: it has all connections for itself.
    CYCLOS_DECL explicit pool_core(const pool_config& limits, std::shared_ptr<connection_quota> quota = nullptr);

    /// @name Events
    /// @{

    /// The pool begins: it opens the least number of connections.
    void start(time_point now) { open_more(now); }

    /// The newest idle connection, where there is one that is fit for use: the short way that needs no waiter.
    CYCLOS_DECL std::optional<slot> try_acquire(time_point now, purpose intent = purpose::exchange);

    /// A request wants a connection, at the latest by the deadline.
    CYCLOS_DECL void acquire(waiter& who, time_point deadline, time_point now, purpose intent = purpose::exchange);

    /// A request whose connection had ended wants another one, newly opened. It has been admitted before, so it does
    /// not count among those that may wait.
    CYCLOS_DECL void renew(waiter& who, time_point deadline, time_point now, purpose intent = purpose::exchange);

    /// A waiter goes away; nothing happens to one that was served or refused.
    CYCLOS_DECL void abandon(waiter& who);

    /// The connection in the slot is open.
    CYCLOS_DECL void connected(slot where, time_point now);

    /** The connection in the slot could not be opened.

        @param jitter A random number from 0 to 1.
        @return Whether that is a reason to refuse requests: it was not opened for the least number alone. */
    CYCLOS_DECL bool connect_failed(slot where, time_point now, double jitter);

    /** Another pool of the same server could not open a connection, which it began to do at some time, and pauses until
        then.

        @return Whether that is news to this one, which has no open connection either, and does the same. */
    CYCLOS_DECL bool server_failed(time_point begun, time_point pause_end, time_point now);

    /// A request is done with the connection. `keep_alive` is what the server said it will keep it for.
    CYCLOS_DECL void released(slot where, bool reusable, std::optional<duration> keep_alive, time_point now);

    /// The idle connection in the slot was closed by the peer. One that had carried no request counts as a failure
    /// to open it. `jitter` is a random number from 0 to 1.
    CYCLOS_DECL void lost(slot where, time_point now, double jitter);

    /// There may be a free place of the quota.
    void room_may_be_free(time_point now) { open_more(now); }

    /// Another pool starves: an idle connection is closed for it, if that is still so and there is one to give.
    CYCLOS_DECL void yield(time_point now);

    /// Time has passed.
    CYCLOS_DECL void tick(time_point now);

    /// Takes no more requests, refuses the waiters and closes what is idle.
    CYCLOS_DECL void shut_down();

    /// @}

    /// Whether there are waiters for whom no place is free.
    bool starves() const noexcept { return no_place_ && !shut_down_ && stats_.waiting > connecting_for_waiters(); }

    /// Since when the first waiter has waited for whom no connection is being opened. Connections that are being opened
    /// count for the first waiters.
    CYCLOS_DECL time_point first_waiter() const noexcept;

    /// The number of the pool in its quota.
    std::size_t number() const noexcept { return number_; }

    /// Whether there are waiters who may use a companion place, and more than such connections being opened.
    bool wants_companion() const noexcept { return companions_connecting_ < companions_waiting_.size(); }

    /// Whether there is an idle connection that nobody waits for.
    bool can_yield() const noexcept { return stats_.waiting == 0 && !idle_.empty(); }

    /// How many connections are lent for a purpose.
    std::size_t lent_for(purpose which) const noexcept { return lent_[static_cast<std::size_t>(which)]; }

    /// When the next tick is due at the latest: never later than needed, perhaps earlier.
    time_point next_tick() const noexcept { return next_tick_; }

    /// Moves the actions that are to be carried out now into `actions`, which is cleared first.
    void take_actions(std::vector<action>& actions)
    {
        actions.clear();
        actions.swap(actions_);
    }

    /// When the pause after the last failure ends. No connection is opened before for a request.
    time_point pause_end() const noexcept { return retry_at_; }

    /// Whether the last attempt to open a connection has failed, and none is open.
    bool failing() const noexcept { return failures_ > 0 && stats_.idle + stats_.in_use == 0; }

    /// Whether there are actions to be carried out.
    bool has_actions() const noexcept { return !actions_.empty(); }

    /// Whether the connection in the slot carries no request.
    bool is_idle(slot where) const noexcept { return connections_[where].state == state::idle; }

    /// What the pool holds, and what it has done.
    const pool_stats& stats() const noexcept { return stats_; }

private:
    enum class state { free, connecting, idle, in_use };

    struct connection : boost::intrusive::list_base_hook<> // among those that are free or idle
        ,
                        cyclos::detail::deadline_entry // when it has been idle for too long
    {
        explicit connection(pool_core::slot which) noexcept
            : where(which)
        {}

        pool_core::slot where;
        pool_core::state state = pool_core::state::free;
        bool spare = false;                            // opened for the least number, not for a request
        bool companion = false;                        // on a companion place
        bool counted = false;                          // by the quota, as one that a content holds
        net::purpose purpose = net::purpose::exchange; // while it is in use
        time_point opened{};                           // while it is being opened, when that was begun
        std::uint64_t requests = 0;
    };

    using waiter_list = boost::intrusive::list<waiter>;
    using companion_list = boost::intrusive::list<
        waiter, boost::intrusive::member_hook<waiter, boost::intrusive::list_member_hook<>, &waiter::companion_hook_>>;
    using connection_list = boost::intrusive::list<connection>;

    CYCLOS_DECL std::optional<bool> take_place(bool spare, time_point now);
    CYCLOS_DECL bool become_regular(connection& c);
    CYCLOS_DECL bool has_room() const noexcept;
    CYCLOS_DECL bool is_wanted_elsewhere() const noexcept;
    CYCLOS_DECL void end_use(connection& c) noexcept;

    std::size_t open_or_opening() const noexcept { return stats_.connecting + stats_.idle + stats_.in_use; }

    /// How many of the connections that are being opened the waiters may count on.
    std::size_t connecting_for_waiters() const noexcept
    {
        const std::size_t spares = failures_ > 0 && stats_.waiting > 0 ? spares_connecting_ : 0;
        // The place of a companion serves nobody else.
        const std::size_t companions = (std::min)(companions_connecting_, companions_waiting_.size());
        return stats_.connecting - spares - (companions_connecting_ - companions);
    }

    CYCLOS_DECL void serve(connection& c, std::optional<duration> keep_alive, time_point now);
    CYCLOS_DECL void open_more(time_point now);
    CYCLOS_DECL void open_wanted(time_point now);
    CYCLOS_DECL void end_connecting(connection& c) noexcept;
    CYCLOS_DECL bool room_is_wanted(time_point now) const noexcept;
    CYCLOS_DECL void enqueue(waiter& who, bool fresh, time_point deadline, time_point now, purpose intent);
    CYCLOS_DECL void dequeue(waiter& who) noexcept;
    CYCLOS_DECL waiter& take_first(waiter_list& queue) noexcept;
    CYCLOS_DECL void count_waiters() noexcept;
    CYCLOS_DECL void pause(time_point begun, time_point now, double jitter);
    CYCLOS_DECL void pause_spares(time_point begun, time_point now, double jitter);
    CYCLOS_DECL void refuse_all(waiter_list& queue, refusal why);
    CYCLOS_DECL void refuse_hopeless(time_point now);
    CYCLOS_DECL void refuse_impatient(waiter_list& queue, time_point now);
    CYCLOS_DECL void close(connection& c, close_reason reason);
    CYCLOS_DECL void evict(connection& c, close_reason reason);
    CYCLOS_DECL void refuse(waiter& who, refusal why);
    CYCLOS_DECL void use(connection& c, purpose intent);
    CYCLOS_DECL void lend(connection& c, waiter& who);
    CYCLOS_DECL void become_idle(connection& c, std::optional<duration> keep_alive, time_point now);
    CYCLOS_DECL void leave_idle(connection& c) noexcept;
    CYCLOS_DECL void become_free(connection& c) noexcept;
    CYCLOS_DECL std::optional<close_reason> unfit(const connection& c, time_point now) const;
    CYCLOS_DECL connection& free_connection(bool companion);
    void due(time_point when) noexcept { next_tick_ = when < next_tick_ ? when : next_tick_; }

    pool_config limits_;
    std::shared_ptr<connection_quota> quota_;
    std::size_t number_;
    std::size_t companions_connecting_ = 0;
    std::size_t spares_connecting_ = 0;
    std::size_t counted_waiters_ = 0;    // by the quota
    std::array<std::size_t, 5> lent_{};  // by purpose
    std::deque<connection> connections_; // by slot; they stay where they are
    connection_list free_;
    connection_list idle_; // a stack: the newest is the last
    cyclos::detail::deadline_queue<connection> idle_deadlines_;
    waiter_list waiting_;
    waiter_list renewing_;              // those who want a new connection
    companion_list companions_waiting_; // of both, those who may use a companion place
    cyclos::detail::deadline_queue<waiter> deadlines_;
    std::vector<action> actions_;
    time_point next_tick_ = (time_point::max)();
    time_point retry_at_ = (time_point::min)();   // the end of the pause after a failure
    time_point failed_at_ = (time_point::min)();  // the last failure that counted
    time_point patient_at_ = (time_point::min)(); // the last failure or probe: from then on waiters are patient
    unsigned failures_ = 0;                       // in a row

    // The same for connections that no request wants.
    time_point spare_retry_at_ = (time_point::min)();
    time_point spare_failed_at_ = (time_point::min)();
    unsigned spare_failures_ = 0;

    bool no_place_ = false; // was free when one was last wanted
    bool shut_down_ = false;
    pool_stats stats_;
};

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/pool_core.ipp>
#endif

#endif // CYCLOS_NET_POOL_CORE_HPP
