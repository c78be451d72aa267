//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_POOL_IPP
#define CYCLOS_NET_IMPL_POOL_IPP

#include <cyclos/net/pool.hpp>

#include <cyclos/detail/alarm.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::net {

CYCLOS_DECL const boost::asio::any_io_executor& lease::executor() const noexcept
{
    return pool_->executor();
}

CYCLOS_DECL const connect_settings& lease::settings() const noexcept
{
    return pool_->settings();
}

CYCLOS_DECL void lease::give_back() noexcept
{
    if (!connection_) {
        return;
    }
    const auto executor = pool_->executor();
    boost::asio::dispatch(
        executor, [p = std::move(pool_), c = std::move(connection_), reusable = clean_] { p->release(c, reusable); });
    connection_.reset();
}

CYCLOS_DECL void lease::give_back_here() noexcept
{
    const auto owner = std::exchange(pool_, nullptr);
    owner->release(std::exchange(connection_, nullptr), clean_);
}

CYCLOS_DECL pool::pool(const boost::asio::any_io_executor& strand, const pool_config& limits,
                       std::shared_ptr<const connect_settings> settings, std::size_t input_size,
                       std::shared_ptr<connection_quota> quota)
    : strand_(strand)
    , events_(cyclos::detail::event_registry::of(strand))
    , settings_(std::move(settings))
    , input_size_(input_size)
    , core_(limits, quota)
    , timer_(strand)
    , random_(std::random_device{}())
    , sharing_(std::move(quota), core_.number())
{}

CYCLOS_DECL pool_waiter::pool_waiter(pool& owner, cyclos::detail::event& mailbox, freshness which, purpose intent,
                                     pool_core::time_point deadline)
    : pool_(owner)
    , mailbox_(mailbox)
{
    const auto now = pool_core::time_point::clock::now();
    if (which == freshness::newly_opened) {
        pool_.core_.renew(*this, deadline, now, intent);
    }
    else {
        pool_.core_.acquire(*this, deadline, now, intent);
    }
    try {
        pool_.act();
    }
    catch (...) {
        leave(); // there will be no destructor
        throw;
    }
}

CYCLOS_DECL pool_waiter::~pool_waiter()
{
    leave();
}

CYCLOS_DECL void pool_waiter::leave()
{
    if (is_linked()) {
        pool_.core_.abandon(*this);
        pool_.act(); // nobody may starve any more
    }
    if (granted_) {
        // Nothing was sent: what the server has said of the connection before still holds.
        pool_.release(std::exchange(granted_, nullptr), true);
    }
}

CYCLOS_DECL lease pool::try_acquire(purpose intent)
{
    const cyclos::detail::serial_check::section here{serial_};
    const auto now = pool_core::time_point::clock::now();
    const auto where = core_.try_acquire(now, intent);
    if (core_.has_actions() || !siblings_.empty()) {
        act();
    }
    if (!where) {
        return {};
    }
    connections_[*where]->take(now);
    return {shared_from_this(), connections_[*where]};
}

CYCLOS_DECL lease pool_waiter::take()
{
    return granted_ ? lease{pool_.shared_from_this(), std::exchange(granted_, nullptr)} : lease{};
}

CYCLOS_DECL std::optional<connect_failure> pool_waiter::failure() const
{
    if (!refused_) {
        return std::nullopt;
    }
    connect_failure why = pool_.explain(*refused_);
    if (*refused_ == refusal::connect) {
        why.pause_end = pause_end_;
    }
    return why;
}

CYCLOS_DECL connect_failure pool::explain(refusal why) const
{
    connect_failure failure;
    failure.phase = phase::acquiring;
    switch (why) {
    case refusal::crowded: failure.code = errc::too_many_waiters; break;
    case refusal::shutdown: failure.code = errc::client_closed; break;
    case refusal::connect: failure = last_failure_; break;
    case refusal::timeout:
        failure.code = errc::acquire_timeout;
        if (last_failed_) {
            failure.detail = "the last connection failed while " + std::string{to_string(last_failure_.phase)} + ": " +
                             last_failure_.code.message();
        }
        else if (const auto contents = core_.lent_for(purpose::content) + core_.lent_for(purpose::resume),
                 uploads = core_.lent_for(purpose::upload);
                 contents + uploads > 0) {
            // Whoever holds those may wait for this request.
            failure.detail = "of the connections in use, " + std::to_string(contents) +
                             " are held by contents that have not been read, and " + std::to_string(uploads) +
                             " by uploads";
        }
        break;
    }
    return failure;
}

CYCLOS_DECL pool_stats pool::stats() const
{
    pool_stats now = core_.stats();
    now.resumed = resumed_;
    now.timers = timers_;
    for (const auto& c : connections_) {
        now.timers += c ? c->timer_operations() : 0;
    }
    return now;
}

CYCLOS_DECL void pool::start()
{
    core_.start(pool_core::time_point::clock::now());
    act();
}

CYCLOS_DECL void pool::stop()
{
    stopped_ = true;
    core_.shut_down();
    act();
    notify(stop_observers_);
}

CYCLOS_DECL void pool::cut()
{
    cut_ = true;
    stop();
    timer_.cancel();
    const auto all = connections_; // aborting one may change what is there
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
    cyclos::detail::event mailbox{strand_};
    const observer here{*this, mailbox, occasion::drained};
    const cyclos::detail::alarm end{strand_, time_point::clock::now() + grace, mailbox};
    stop();
    while (core_.stats().in_use > 0 && !end.due() && !mailbox.cancelled()) {
        co_await mailbox.wait();
    }
    cut();
}

CYCLOS_DECL void pool::lost(connection& which)
{
    const std::size_t where = which.slot();
    if (connections_[where].get() == &which) {
        core_.lost(where, pool_core::time_point::clock::now(), jitter());
        act();
    }
}

CYCLOS_DECL void pool::release(const std::shared_ptr<connection>& which, bool reusable)
{
    which->detach();
    which->set_seasoned();
    const auto now = pool_core::time_point::clock::now();
    if (reusable) {
        which->watch(weak_from_this(), now); // which may find that it has ended already
    }
    std::optional<pool_core::duration> keep_alive;
    if (which->kept_until() != (time_point::max)()) {
        keep_alive = which->kept_until() - now;
    }
    core_.released(which->slot(), reusable && which->fit(), keep_alive, now);
    act();
    if (core_.stats().in_use == 0) {
        notify(drain_observers_);
    }
}

CYCLOS_DECL boost::asio::awaitable<void> pool::open(std::shared_ptr<connection> c)
{
    const auto self = shared_from_this();
    const auto begun = pool_core::time_point::clock::now();
    connect_failure failure;
    try {
        failure = co_await connect(c, settings_, sessions_, lookup_);
    }
    catch (const boost::system::system_error& why) {
        failure.code = why.code(); // no thread to look up a name, for one
    }
    catch (const std::exception&) {
        failure.code = boost::asio::error::no_memory;
    }
    const auto now = pool_core::time_point::clock::now();
    if (failure.code) {
        c->detach();
        c->abort(failure.code);
        timers_ += c->timer_operations();
        connections_[c->slot()].reset();
        last_failure_ = std::move(failure);
        last_failed_ = true;
        if (core_.connect_failed(c->slot(), now, jitter()) && core_.failing()) {
            tell_siblings(begun);
        }
    }
    else {
        last_failed_ = false;
        resumed_ += c->stream().resumed() ? 1 : 0;
        c->watch(weak_from_this(), now);
        core_.connected(c->slot(), now);
        if (core_.is_idle(c->slot())) {
            c->set_seasoned();
        }
        if (!c->fit()) {
            core_.lost(c->slot(), now, jitter());
        }
    }
    act();
}

CYCLOS_DECL void pool::tell_siblings(time_point begun) const
{
    for (const std::weak_ptr<pool>& each : siblings_) {
        if (const auto sibling = each.lock()) {
            boost::asio::post(sibling->executor(), [sibling, reason = last_failure_, begun, end = core_.pause_end()] {
                sibling->server_failed(reason, begun, end);
            });
        }
    }
}

CYCLOS_DECL void pool::server_failed(const connect_failure& reason, time_point begun, time_point pause_end)
{
    if (core_.server_failed(begun, pause_end, pool_core::time_point::clock::now())) {
        last_failure_ = reason;
        last_failed_ = true;
        act();
    }
}

CYCLOS_DECL void pool::act()
{
    const cyclos::detail::serial_check::section here{serial_};
    while (core_.has_actions()) {
        std::vector<pool_core::action> now = std::move(actions_);
        core_.take_actions(now);
        for (const auto& action : now) {
            carry_out(action);
        }
        now.clear();
        actions_ = std::move(now); // its capacity serves the next time
    }
    arm();
    if (!siblings_.empty()) {
        share();
    }
}

/// Does what is to be done for the pool itself, or else for the siblings, so that none of them starves.
CYCLOS_DECL void pool::share()
{
    using favour = pool_sharing::favour;
    if (!sharing_.publish(core_)) {
        return;
    }
    if (const favour own = sharing_.wanted(); own != favour::none) {
        return ask(own);
    }
    bool has_asked = false;
    for (const std::weak_ptr<pool>& each : siblings_) {
        const auto sibling = each.lock();
        const favour what = sibling ? sibling->sharing_.wanted() : favour::none;
        // One idle connection at a time, for the place of that one is taken first.
        if (what == favour::look || (what == favour::yield && !std::exchange(has_asked, true))) {
            sibling->ask(what);
        }
    }
}

/// Asks the pool for something. Any thread may do so.
CYCLOS_DECL void pool::ask(pool_sharing::favour what)
{
    if (asked_.exchange(true)) {
        return; // once it has done what it was asked for before, it looks what else there is to do
    }
    try {
        boost::asio::post(strand_, [self = shared_from_this(), what] {
            self->asked_.store(false);
            const auto now = pool_core::time_point::clock::now();
            if (what == pool_sharing::favour::look) {
                self->core_.room_may_be_free(now);
            }
            else {
                self->core_.yield(now);
            }
            self->act();
        });
    }
    catch (...) {
        asked_.store(false);
        throw;
    }
}

CYCLOS_DECL void pool::carry_out(const pool_core::action& action)
{
    switch (action.what) {
    case pool_core::action::kind::open: {
        if (connections_.size() <= action.slot) {
            connections_.resize(action.slot + 1);
        }
        auto c = std::make_shared<connection>(strand_, action.slot, ++last_id_, input_size_);
        connections_[action.slot] = c;
        boost::asio::co_spawn(strand_, open(std::move(c)), boost::asio::detached);
        break;
    }
    case pool_core::action::kind::lend: {
        auto& w = static_cast<pool_waiter&>(*action.waiter);
        w.granted_ = connections_[action.slot];
        w.mailbox_.notify_later();
        break;
    }
    case pool_core::action::kind::refuse: {
        auto& w = static_cast<pool_waiter&>(*action.waiter);
        w.refused_ = action.refusal;
        // A connection may be opened before the waiter looks, which ends the pause; it may have been ended before, too.
        w.pause_end_ = (std::max)(core_.pause_end(), pool_core::time_point::clock::now());
        w.mailbox_.notify_later();
        break;
    }
    case pool_core::action::kind::close: {
        const auto c = std::exchange(connections_[action.slot], nullptr);
        timers_ += c->timer_operations();
        if (settings_->on_event) {
            settings_->on_event(events::closed{.connection = c->id(), .reason = action.reason});
        }
        c->abort(make_error_code(errc::client_closed));
        break;
    }
    }
}

CYCLOS_DECL void pool::arm()
{
    const time_point due = core_.next_tick();
    if (due >= armed_for_) {
        return; // the timer that is set comes early enough, and looks again
    }
    armed_for_ = due;
    ++timers_;
    timer_.expires_at(due);
    timer_.async_wait([weak = weak_from_this()](const error_code& ec) {
        const auto self = weak.lock();
        if (!ec && self) {
            self->armed_for_ = (time_point::max)();
            self->core_.tick(pool_core::time_point::clock::now());
            self->act();
        }
    });
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_POOL_IPP
