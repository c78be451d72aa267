//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_AUTHENTICATOR_HPP
#define CYCLOS_DETAIL_CLIENT_AUTHENTICATOR_HPP

#include <cyclos/config.hpp>
#include <cyclos/credentials.hpp>
#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/client/login.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/net/pool.hpp>
#include <cyclos/secret.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

// Obtains the credentials of an identity on demand, and caches them. An identity has an
// authenticator only for credentials::session_login() and credentials::from(); it knows all others
// from the start.
//
// States, protected by the mutex:
//   unknown    current_ and flight_ are null: before the first request, after invalidate(), and
//              after a flight that failed.
//   in flight  Only flight_ is set: one login or provider call runs for all requests that need
//              credentials (single-flight), and they wait for it.
//   known      Only current_ is set: requests send it without waiting. They take the mutex once.
// In addition, bad_login_ holds the last user and password that the server has rejected. They are
// never sent again: a flight that ends up with them fails with the server's reply.
//
// Threads: each request calls current(), await_credentials(), invalidate() and
// remember_bad_login() on the strand of its own shard. A flight is a coroutine of its own on the
// strand of the first shard, so that no request can cancel it for the others. finish_flight()
// stores its result under the mutex, and then posts a notification to each waiter's executor: only
// there may the waiter's notifier be used. take_session() and abandon() may be called on any
// thread.
//
// Invariants: there is at most one flight. Every flight ends in finish_flight(), except when its
// execution context is destroyed. The result of a finished flight does not change any more.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Credentials that can be sent as they are.
class authorization
{
public:
    /// @param log_out Whether they are a session that is to be ended at the server.
    authorization(credentials value, bool log_out)
        : credentials_(std::move(value))
        , log_out_(log_out)
    {}

    std::string_view header_fields() const noexcept { return credentials_.header_fields(); }
    const credentials& value() const noexcept { return credentials_; }
    bool log_out() const noexcept { return log_out_; }

private:
    credentials credentials_;
    bool log_out_;
};

using authorization_ptr = std::shared_ptr<const authorization>;

/// The credentials of an authorization. They keep it alive.
inline std::shared_ptr<const credentials> session_of(authorization_ptr owner) noexcept
{
    const credentials* const value = &owner->value();
    return {std::move(owner), value};
}

/// The cache of an identity's authorization, and the single-flight login that fills it.
class authenticator : public std::enable_shared_from_this<authenticator>
{
public:
    CYCLOS_DECL authenticator(const credentials& configured,
                              std::shared_ptr<session_service> service);

    /// The cached authorization. Null if it is unknown, or if it is the one that the server has
    /// just rejected; in that case it is dropped.
    CYCLOS_DECL authorization_ptr current(const authorization_ptr& rejected);

    /** Returns the authorization, and starts or joins a flight if it is unknown.

        Must run on the strand of the shard, in a coroutine whose awaits do not throw on
        cancellation.

        @param shard  The shard of the request. The wait ends when it stops.
        @param state  The state of the request. The wait ends at its deadline.
        @param rejected The authorization that the server has just rejected, or null.
        @throws cyclos::error, or the exception of a provider.
    */
    CYCLOS_DECL boost::asio::awaitable<authorization_ptr>
    await_credentials(net::pool& shard, http::exchange_state& state, authorization_ptr rejected);

    /** Drops an authorization that the server has rejected, so that the next request obtains
        another one.

        @return Whether the request may be sent again with another identity. False if the same
        credentials were dropped less than 10 seconds ago: a provider that keeps returning rejected
        credentials must not be called for every request. They stay current then. */
    CYCLOS_DECL bool invalidate(const authorization_ptr& rejected);

    /// Notes that the server has rejected a request with the code `login`.
    CYCLOS_DECL void remember_bad_login(const authorization_ptr& rejected,
                                        std::shared_ptr<const error_reply> reply);

    /// Takes the session out of the cache, to end it. Null if there is none.
    /// @param only_to_log_out Only a session that is to be ended when it is not needed any more.
    CYCLOS_DECL authorization_ptr take_session(bool only_to_log_out);

    /// The reply of the server if it has rejected the user and password of this identity. Null: it
    /// has not.
    CYCLOS_DECL std::shared_ptr<const error_reply> rejection();

    /// The server has rejected the user and password, as an earlier identity of the user knows.
    CYCLOS_DECL void set_rejection(std::shared_ptr<const error_reply> reply);

    /// No request will come any more. Ends the session in the background if it is to be ended, also
    /// that of a login which is still running.
    CYCLOS_DECL void abandon() noexcept;

private:
    class waiter;
    class login_flight;
    class provider_call;

    CYCLOS_DECL static boost::asio::awaitable<void>
    run_flight(std::shared_ptr<authenticator> self, std::shared_ptr<login_flight> flight,
               credentials_reason reason, std::shared_ptr<const http::call_terms> terms);
    CYCLOS_DECL boost::asio::awaitable<authorization_ptr>
    run_login(credentials_reason reason, login_failure& failure,
              std::shared_ptr<const http::call_terms> terms);
    CYCLOS_DECL boost::asio::awaitable<credentials> run_provider(credentials_reason reason);
    CYCLOS_DECL void start_provider(const std::shared_ptr<provider_call>& call,
                                    credentials_reason reason);
    CYCLOS_DECL bool reject_known_bad_login(const credentials& login, login_failure& failure);
    CYCLOS_DECL void store_bad_login(const credentials& login,
                                     std::shared_ptr<const error_reply> reply);
    CYCLOS_DECL void finish_flight(login_flight& flight, authorization_ptr result,
                                   login_failure failure);
    CYCLOS_DECL bool is_finished(const login_flight& flight);

    credentials configured_;

    // A copy of the function for this identity alone: a call may change what the function has
    // captured.
    std::shared_ptr<const credentials::provider> provider_;

    std::shared_ptr<session_service> service_;

    std::mutex mutex_; // protects all members below, and the members of a flight
    authorization_ptr current_;
    std::shared_ptr<login_flight> flight_;
    bool provided_before_ = false; // the provider has returned credentials at least once

    bool abandoned_ = false; // see abandon()

    // The authorization that invalidate() has dropped last.
    authorization_ptr invalidated_;
    http::exchange_state::time_point invalidated_at_;

    // The header field of the last bad login, and the server's reply to it. Null: there was none.
    secret bad_login_;
    std::shared_ptr<const error_reply> bad_login_reply_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/authenticator.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_AUTHENTICATOR_HPP
