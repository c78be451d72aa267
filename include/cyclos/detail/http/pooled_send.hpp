//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_POOLED_SEND_HPP
#define CYCLOS_DETAIL_HTTP_POOLED_SEND_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/attempt.hpp>
#include <cyclos/detail/http/exchange_machine.hpp>
#include <cyclos/detail/http/exchange_settings.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/request/request_writer.hpp>
#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/detail/net/pool.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {
namespace detail {

/** Sends a request over a connection of the pool until the header section of a response arrives:
    once, as a rule, and again if exchange_machine decides on a replay.

    It never waits: its coroutine calls advance() and waits for its notifier in turn. So a request
    that finds an idle connection takes one coroutine frame only.

    The connection of the next attempt can be acquired before the source of an upload is opened
    (hold_connection()): an upload that waits in the queue holds no file and no block.
*/
class pooled_send
{
public:
    /// @param intent The use that the request makes of its connection.
    pooled_send(net::pool& connections, request_writer& message, cyclos::detail::notifier& wakeup,
                exchange_state& state, const exchange_settings& settings, exchange_machine& machine,
                net::purpose intent)
        : pool_(connections)
        , message_(message)
        , wakeup_(wakeup)
        , state_(state)
        , settings_(settings)
        , machine_(machine)
        , intent_(intent)
    {}

    pooled_send(const pooled_send&) = delete;
    pooled_send& operator=(const pooled_send&) = delete;

    ~pooled_send()
    {
        if (held_) {
            // The source has failed, or the wait was cancelled.
            held_.mark_unused();
        }
    }

    /// Does everything that it can without waiting.
    /// @return Whether the header section of a response was received.
    bool advance()
    {
        for (;;) {
            if (!attempt_ && !begin_attempt()) {
                return false;
            }
            try {
                if (!attempt_->advance()) {
                    return false;
                }
            }
            catch (const error& failure) {
                const next_step next =
                    machine_.on_failed_attempt({.sent = state_.sent,
                                                .connection_used_before = attempt_->used_before(),
                                                .no_bytes_received = attempt_->no_bytes_received(),
                                                .closed_by_peer = attempt_->closed_by_peer()});
                if (next == next_step::finish) {
                    throw;
                }
                end_attempt(failure.code());
                continue;
            }
            if (!attempt_->expectation_failed() ||
                machine_.on_expectation_failed() == next_step::finish) {
                return true;
            }
            message_.disable_expect();
            end_attempt(error_code{417, http_status_category()});
        }
    }

    response take_response() { return attempt_->take_response(); }

    /// Acquires an idle connection for the next attempt.
    /// @return Whether there is one.
    bool hold_idle_connection()
    {
        if (!held_) {
            held_ = pool_.try_acquire(intent_);
        }
        return static_cast<bool>(held_);
    }

    /// Acquires a connection for the next attempt.
    /// @return Whether it has one; otherwise it waits in the queue of the pool.
    bool hold_connection()
    {
        if (!held_) {
            state_.phase = phase::acquiring;
            held_ = acquire();
        }
        return static_cast<bool>(held_);
    }

private:
    /// The request is replayed.
    void end_attempt(error_code reason)
    {
        state_.report.retried(reason);
        state_.begin_attempt();
        attempt_.reset(); // releases its connection, which is another event of the pool
    }

    /// @return Whether it has a connection; otherwise it waits in the queue of the pool.
    bool begin_attempt()
    {
        state_.phase = phase::acquiring;
        for (;;) {
            net::lease connection = held_ ? std::exchange(held_, {}) : acquire();
            if (!connection) {
                return false;
            }
            if (connection->check_alive(message_.repeatable())) {
                ++state_.attempts;
                state_.report.connection_acquired(connection.get());
                attempt_.emplace(std::move(connection), message_, wakeup_, state_, settings_);
                return true;
            }
            // It was closed while it was idle or while the source was opened. The server has seen
            // nothing of the request.
            if (const error_code alert = connection->early_alert()) {
                state_.phase = phase::handshaking;
                state_.fail(alert);
            }
            if (machine_.on_dead_connection(connection->used_before()) == next_step::finish) {
                state_.fail(errc::connection_lost,
                            "the server ends connections, or speaks, before it is asked");
            }
        }
    }

    /// @return A connection; an empty lease while the request waits in the queue.
    /// @throws cyclos::error if the pool gives none.
    net::lease acquire()
    {
        if (wakeup_.cancelled()) {
            state_.fail(errc::cancelled);
        }
        if (!waiter_) {
            const bool any = !machine_.needs_new_connection();
            if (any) {
                if (net::lease idle = pool_.try_acquire(intent_)) {
                    return idle;
                }
            }
            const auto limit = pool_.settings().timeouts.acquire;
            deadline_ = limit.count() > 0 ? exchange_state::time_point::clock::now() + limit
                                          : (exchange_state::time_point::max)();
            waiter_.emplace(pool_, wakeup_,
                            any ? net::freshness::any : net::freshness::newly_opened, intent_,
                            (std::min)(deadline_, state_.end), queueing_of_call());
        }
        if (auto failure = waiter_->failure()) {
            if (failure->code == errc::acquire_timeout && state_.end < deadline_) {
                failure->code = errc::total_timeout;
            }
            state_.fail(std::move(*failure));
        }
        net::lease granted = waiter_->take();
        if (granted) {
            waiter_.reset();
        }
        return granted;
    }

    net::queueing queueing_of_call() const
    {
        // The rest of a content is not given up because the connections are busy now.
        const bool must_not_wait =
            state_.terms && state_.terms->no_wait && intent_ != net::purpose::resume;
        return must_not_wait ? net::queueing::refused : net::queueing::allowed;
    }

    net::pool& pool_;
    request_writer& message_;
    cyclos::detail::notifier& wakeup_;
    exchange_state& state_;
    const exchange_settings& settings_;
    exchange_machine& machine_;
    net::purpose intent_;
    exchange_state::time_point deadline_;
    std::optional<net::pool_waiter> waiter_;
    net::lease held_; // for the next attempt
    std::optional<attempt> attempt_;
};

} // namespace detail
} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_POOLED_SEND_HPP
