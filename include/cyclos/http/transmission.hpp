//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_TRANSMISSION_HPP
#define CYCLOS_HTTP_TRANSMISSION_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/http/attempt.hpp>
#include <cyclos/http/exchange_settings.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/response.hpp>
#include <cyclos/http/upload.hpp>
#include <cyclos/net/pool.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::http::detail {

// So many new connections may be of no use before they are asked anything, one after the other, until a request is
// given up.
inline constexpr unsigned spoilt_connections = 3;

/** Sends a message over a connection of the pool, and once more over a new one where the first had ended before it was
    used. Its coroutine waits: a request that finds an idle connection and is answered takes but one frame.
*/
class transmission
{
public:
    /// @param intent What the request does with its connection.
    transmission(net::pool& connections, outgoing& message, cyclos::detail::event& mailbox, progress& state,
                 const exchange_settings& settings, net::purpose intent)
        : pool_(connections)
        , message_(message)
        , mailbox_(mailbox)
        , state_(state)
        , settings_(settings)
        , intent_(intent)
    {}

    transmission(const transmission&) = delete;
    transmission& operator=(const transmission&) = delete;

    ~transmission()
    {
        if (held_) {
            held_.keep(); // its source has failed, or nobody waits any more
        }
    }

    /// Goes as far as it can without waiting. True once the head of a response is there.
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
                // An idle connection can end at the very moment that it is used: the server has not seen the request
                // then, or nothing of its work can be lost by asking again. What fails on a new one has failed.
                const bool stale = attempt_->seasoned() && attempt_->silent() && attempt_->lost();
                if (!stale || !(message_.repeatable() || state_.sent == sent_state::no)) {
                    throw;
                }
                which_ = net::freshness::newly_opened;
                again(failure.code());
                continue;
            }
            if (!attempt_->minds_being_asked()) {
                return true;
            }
            message_.do_not_ask();
            again(error_code{417, status_category()});
        }
    }

    response take_response() { return attempt_->take_response(); }

    /// Takes an idle connection for the next attempt. False: there is none.
    bool hold_idle_connection()
    {
        if (!held_) {
            held_ = pool_.try_acquire(intent_);
        }
        return static_cast<bool>(held_);
    }

    /// Takes a connection for the next attempt. False: there is none yet.
    bool hold_connection()
    {
        if (!held_) {
            state_.phase = phase::acquiring;
            held_ = acquire();
        }
        return static_cast<bool>(held_);
    }

private:
    void again(error_code why)
    {
        state_.report.retried(why);
        state_.begin_anew();
        attempt_.reset(); // its connection goes, which is another event
    }

    /// False: there is no connection yet.
    bool begin_attempt()
    {
        state_.phase = phase::acquiring;
        for (;;) {
            // One that has ended meanwhile, while its source was opened, has seen nothing: another is taken.
            net::lease connection = held_ ? std::exchange(held_, {}) : acquire();
            if (!connection) {
                return false;
            }
            if (connection->at_rest(message_.repeatable())) {
                ++state_.attempts;
                state_.report.acquired(connection.get());
                attempt_.emplace(std::move(connection), message_, mailbox_, state_, settings_);
                return true;
            }
            // It has ended while it lay idle or was handed over.
            if (const error_code alert = connection->early_alert()) {
                state_.phase = phase::handshaking;
                state_.fail(alert);
            }
            if (!connection->seasoned() && ++spoilt_ == spoilt_connections) {
                state_.fail(errc::connection_lost, "the server ends connections, or speaks, before it is asked");
            }
        }
    }

    /// A connection, or nothing where it has to be waited for. Throws why there will be none.
    net::lease acquire()
    {
        if (mailbox_.cancelled()) {
            state_.fail(errc::cancelled);
        }
        if (!waiter_) {
            if (which_ == net::freshness::any) {
                if (net::lease idle = pool_.try_acquire(intent_)) {
                    return idle;
                }
            }
            const auto within = pool_.settings().timeouts.acquire;
            deadline_ =
                within.count() > 0 ? progress::time_point::clock::now() + within : (progress::time_point::max)();
            waiter_.emplace(pool_, mailbox_, which_, intent_, (std::min)(deadline_, state_.end));
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

    net::pool& pool_;
    outgoing& message_;
    cyclos::detail::event& mailbox_;
    progress& state_;
    const exchange_settings& settings_;
    net::purpose intent_;
    net::freshness which_ = net::freshness::any;
    progress::time_point deadline_;
    std::optional<net::pool_waiter> waiter_;
    net::lease held_; // for the next attempt, while the source is opened
    std::optional<attempt> attempt_;
    unsigned spoilt_ = 0;
};

} // namespace cyclos::inline CYCLOS_ABI::http::detail

#endif // CYCLOS_HTTP_TRANSMISSION_HPP
