//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_POOL_IPP
#define CYCLOS_DETAIL_NET_IMPL_POOL_IPP

#include <cyclos/detail/net/pool.hpp>

#include <cyclos/detail/base/deadline_timer.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

CYCLOS_DECL const boost::asio::any_io_executor& lease::executor() const noexcept
{
    return pool_->executor();
}

CYCLOS_DECL const connect_settings& lease::settings() const noexcept
{
    return pool_->settings();
}

CYCLOS_DECL void lease::release() noexcept
{
    if (!connection_) {
        return;
    }
    const auto executor = pool_->executor();
    boost::asio::dispatch(executor, [p = std::move(pool_), c = std::move(connection_),
                                     reusable = reusable_] { p->release(c, reusable); });
    connection_.reset();
}

CYCLOS_DECL void lease::release_on_strand() noexcept
{
    const auto owner = std::exchange(pool_, nullptr);
    owner->release(std::exchange(connection_, nullptr), reusable_);
}

CYCLOS_DECL pool::pool(const boost::asio::any_io_executor& strand, const pool_config& limits,
                       std::shared_ptr<const connect_settings> settings, std::size_t input_size,
                       std::shared_ptr<connection_quota> quota)
    : strand_(strand)
    , notifiers_(cyclos::detail::notifier_registry::of(strand))
    , settings_(std::move(settings))
    , input_size_(input_size)
    , core_(limits, quota)
    , timer_(strand)
    , random_(std::random_device{}())
    , sharing_(std::move(quota), core_.number())
{}

CYCLOS_DECL pool_waiter::pool_waiter(pool& owner, cyclos::detail::notifier& wakeup, freshness kind,
                                     purpose intent, pool_core::time_point deadline, queueing queue)
    : pool_(owner)
    , wakeup_(wakeup)
{
    const auto now = pool_core::time_point::clock::now();
    if (kind == freshness::newly_opened) {
        pool_.core_.acquire_fresh(*this, deadline, now, intent, queue);
    }
    else {
        pool_.core_.acquire(*this, deadline, now, intent, queue);
    }
    try {
        pool_.run_actions();
    }
    catch (...) {
        // The destructor does not run.
        withdraw();
        throw;
    }
}

CYCLOS_DECL pool_waiter::~pool_waiter()
{
    withdraw();
}

CYCLOS_DECL void pool_waiter::withdraw()
{
    if (is_linked()) {
        pool_.core_.abandon(*this);
        // If the pool is no longer blocked, this publishes it to the siblings.
        pool_.run_actions();
    }
    if (granted_) {
        // Nothing was sent, so the server's keep-alive time from the last response still applies.
        pool_.release(std::exchange(granted_, nullptr), true);
    }
}

CYCLOS_DECL lease pool::try_acquire(purpose intent)
{
    const cyclos::detail::serial_check::section exclusive{serial_check_};
    const auto now = pool_core::time_point::clock::now();
    const auto slot = core_.try_acquire(now, intent);
    if (core_.has_actions() || !siblings_.empty()) {
        run_actions();
    }
    if (!slot) {
        return {};
    }
    connections_[*slot]->lease_out(now);
    return {shared_from_this(), connections_[*slot]};
}

CYCLOS_DECL lease pool_waiter::take()
{
    return granted_ ? lease{pool_.shared_from_this(), std::exchange(granted_, nullptr)} : lease{};
}

CYCLOS_DECL std::optional<connect_failure> pool_waiter::failure() const
{
    if (!error_) {
        return std::nullopt;
    }
    connect_failure failure = pool_.to_connect_failure(*error_);
    if (*error_ == acquire_error::connect) {
        failure.pause_end = pause_end_;
    }
    return failure;
}

CYCLOS_DECL connect_failure pool::to_connect_failure(acquire_error reason) const
{
    connect_failure failure;
    failure.phase = phase::acquiring;
    switch (reason) {
    case acquire_error::queue_full: failure.code = errc::pool_queue_full; break;
    case acquire_error::busy: failure.code = errc::pool_busy; break;
    case acquire_error::shutdown: failure.code = errc::client_closed; break;
    case acquire_error::connect: failure = last_failure_; break;
    case acquire_error::timeout:
        failure.code = errc::acquire_timeout;
        if (last_attempt_failed_) {
            failure.detail = "the last connection failed while " +
                             std::string{to_string(last_failure_.phase)} + ": " +
                             last_failure_.code.message();
        }
        else if (const auto contents =
                     core_.in_use_for(purpose::content) + core_.in_use_for(purpose::resume),
                 uploads = core_.in_use_for(purpose::upload);
                 contents + uploads > 0) {
            // The requests that hold these connections may be waiting for this very request.
            failure.detail = "of the connections in use, " + std::to_string(contents) +
                             " are held by contents that have not been read, and " +
                             std::to_string(uploads) + " by uploads";
        }
        break;
    }
    return failure;
}

CYCLOS_DECL pool_stats pool::stats() const
{
    pool_stats now = core_.stats();
    now.resumed = resumed_;
    now.timer_sets = timer_sets_;
    for (const auto& c : connections_) {
        now.timer_sets += c ? c->timer_sets() : 0;
    }
    return now;
}

CYCLOS_DECL void pool::start()
{
    core_.start(pool_core::time_point::clock::now());
    run_actions();
}

CYCLOS_DECL void pool::close_idle()
{
    core_.close_idle(pool_core::time_point::clock::now());
    run_actions();
}

CYCLOS_DECL void pool::stop()
{
    stopped_ = true;
    core_.shut_down();
    run_actions();
    notify(stop_observers_);
}

CYCLOS_DECL void pool::abort_all()
{
    aborted_ = true;
    stop();
    timer_.cancel();
    // Aborting a connection may change connections_.
    const auto all = connections_;
    for (const auto& c : all) {
        if (c) {
            c->abort(make_error_code(errc::client_closed));
        }
    }
}

CYCLOS_DECL void pool::notify(const boost::intrusive::list<observer>& observers)
{
    for (const observer& each : observers) {
        each.notified_.notify_later();
    }
}

CYCLOS_DECL boost::asio::awaitable<void> pool::close(pool_core::duration grace)
{
    cyclos::detail::notifier wakeup{strand_};
    const observer drained{*this, wakeup, transition::drained};
    const cyclos::detail::deadline_timer end{strand_, time_point::clock::now() + grace, wakeup};
    stop();
    while (core_.stats().in_use > 0 && !end.due() && !wakeup.cancelled()) {
        co_await wakeup.wait();
    }
    abort_all();
}

CYCLOS_DECL void pool::connection_lost(connection& c)
{
    const std::size_t index = c.slot();
    if (connections_[index].get() == &c) {
        core_.lost(index, pool_core::time_point::clock::now(), jitter());
        run_actions();
    }
}

CYCLOS_DECL void pool::release(const std::shared_ptr<connection>& c, bool reusable)
{
    c->detach();
    c->set_used_before();
    const auto now = pool_core::time_point::clock::now();
    if (reusable) {
        // This may find that the peer has closed it.
        c->watch_idle(weak_from_this(), now);
    }
    std::optional<pool_core::duration> keep_alive;
    if (c->kept_until() != (time_point::max)()) {
        keep_alive = c->kept_until() - now;
    }
    core_.released(c->slot(), reusable && c->reusable(), keep_alive, now);
    run_actions();
    if (core_.stats().in_use == 0) {
        notify(drain_observers_);
    }
}

/// Uses the current TLS context for new connections.
CYCLOS_DECL void pool::update_tls()
{
    auto current = settings_->tls ? settings_->tls->get() : nullptr;
    if (current != tls_) {
        // An earlier session implies the former client certificate, and the verification with the
        // former authorities and pins: it must not be resumed.
        sessions_ = std::make_shared<session_cache>();
        tls_ = std::move(current);
    }
}

CYCLOS_DECL boost::asio::awaitable<void> pool::open(std::shared_ptr<connection> c)
{
    const auto self = shared_from_this();
    const auto started = pool_core::time_point::clock::now();
    connect_failure failure;
    try {
        update_tls();
        failure = co_await connect(c, settings_, tls_, sessions_, lookup_);
    }
    catch (const boost::system::system_error& e) {
        // For example, the name look-up could not start a thread.
        failure.code = e.code();
    }
    catch (const std::exception&) {
        failure.code = boost::asio::error::no_memory;
    }
    const auto now = pool_core::time_point::clock::now();
    if (failure.code) {
        c->detach();
        c->abort(failure.code);
        timer_sets_ += c->timer_sets();
        connections_[c->slot()].reset();
        last_failure_ = std::move(failure);
        last_attempt_failed_ = true;
        if (core_.connect_failed(c->slot(), now, jitter()) && core_.failing()) {
            notify_siblings(started);
        }
    }
    else {
        last_attempt_failed_ = false;
        resumed_ += c->stream().resumed() ? 1 : 0;
        c->watch_idle(weak_from_this(), now);
        core_.connected(c->slot(), now);
        if (core_.is_idle(c->slot())) {
            c->set_used_before();
        }
        if (!c->reusable()) {
            core_.lost(c->slot(), now, jitter());
        }
    }
    run_actions();
}

CYCLOS_DECL void pool::notify_siblings(time_point started) const
{
    for (const std::weak_ptr<pool>& each : siblings_) {
        if (const auto sibling = each.lock()) {
            boost::asio::post(sibling->executor(),
                              [sibling, reason = last_failure_, started, end = core_.pause_end()] {
                                  sibling->server_failed(reason, started, end);
                              });
        }
    }
}

CYCLOS_DECL void pool::server_failed(const connect_failure& reason, time_point started,
                                     time_point pause_end)
{
    if (core_.server_failed(started, pause_end, pool_core::time_point::clock::now())) {
        last_failure_ = reason;
        last_attempt_failed_ = true;
        run_actions();
    }
}

CYCLOS_DECL void pool::run_actions()
{
    const cyclos::detail::serial_check::section exclusive{serial_check_};
    while (core_.has_actions()) {
        std::vector<pool_core::action> now = std::move(actions_);
        core_.take_actions(now);
        for (const auto& action : now) {
            execute(action);
        }
        now.clear();
        // Keeps the capacity for the next actions.
        actions_ = std::move(now);
    }
    arm_timer();
    if (!siblings_.empty()) {
        coordinate();
    }
}

/// Gives this pool, or else its siblings, a request that helps a blocked pool.
CYCLOS_DECL void pool::coordinate()
{
    using request = pool_sharing::request;
    if (!sharing_.publish(core_)) {
        return;
    }
    if (const request own = sharing_.needed(); own != request::none) {
        return post_request(own);
    }
    bool release_requested = false;
    for (const std::weak_ptr<pool>& each : siblings_) {
        const auto sibling = each.lock();
        const request needed = sibling ? sibling->sharing_.needed() : request::none;
        // Only one sibling is asked to close an idle connection: the blocked pool takes that place
        // first.
        if (needed == request::check_places ||
            (needed == request::release_place && !std::exchange(release_requested, true))) {
            sibling->post_request(needed);
        }
    }
}

/// Posts a request to the strand of the pool. May be called on any thread.
CYCLOS_DECL void pool::post_request(pool_sharing::request needed)
{
    if (request_posted_.exchange(true)) {
        // The pending request ends with run_actions(), which checks what else is needed.
        return;
    }
    try {
        boost::asio::post(strand_, [self = shared_from_this(), needed] {
            self->request_posted_.store(false);
            const auto now = pool_core::time_point::clock::now();
            if (needed == pool_sharing::request::check_places) {
                self->core_.place_may_be_free(now);
            }
            else {
                self->core_.release_place(now);
            }
            self->run_actions();
        });
    }
    catch (...) {
        request_posted_.store(false);
        throw;
    }
}

CYCLOS_DECL void pool::execute(const pool_core::action& action)
{
    switch (action.type) {
    case pool_core::action::kind::open: {
        if (connections_.size() <= action.slot) {
            connections_.resize(action.slot + 1);
        }
        auto c = std::make_shared<connection>(strand_, action.slot, core_.next_connection_id(),
                                              input_size_);
        connections_[action.slot] = c;
        boost::asio::co_spawn(strand_, open(std::move(c)), boost::asio::detached);
        break;
    }
    case pool_core::action::kind::grant: {
        auto& w = static_cast<pool_waiter&>(*action.waiter);
        w.granted_ = connections_[action.slot];
        w.wakeup_.notify_later();
        break;
    }
    case pool_core::action::kind::fail: {
        auto& w = static_cast<pool_waiter&>(*action.waiter);
        w.error_ = action.error;
        // Stored now, because a connection may be opened before the waiter runs, which resets the
        // pause. The pause may also have ended already.
        w.pause_end_ = (std::max)(core_.pause_end(), pool_core::time_point::clock::now());
        w.wakeup_.notify_later();
        break;
    }
    case pool_core::action::kind::close: {
        const auto c = std::exchange(connections_[action.slot], nullptr);
        timer_sets_ += c->timer_sets();
        if (settings_->on_event) {
            settings_->on_event(events::closed{.connection = c->id(), .reason = action.reason});
        }
        c->abort(make_error_code(errc::client_closed));
        break;
    }
    }
}

CYCLOS_DECL void pool::arm_timer()
{
    const time_point due = core_.next_tick();
    if (due >= armed_for_) {
        // The timer expires earlier, and is then set again.
        return;
    }
    armed_for_ = due;
    ++timer_sets_;
    timer_.expires_at(due);
    timer_.async_wait([weak = weak_from_this()](const error_code& ec) {
        const auto self = weak.lock();
        if (!ec && self) {
            self->armed_for_ = (time_point::max)();
            self->core_.tick(pool_core::time_point::clock::now());
            self->run_actions();
        }
    });
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_POOL_IPP
