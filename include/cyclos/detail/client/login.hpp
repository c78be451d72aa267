//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_LOGIN_HPP
#define CYCLOS_DETAIL_CLIENT_LOGIN_HPP

#include <cyclos/api_error.hpp>
#include <cyclos/config.hpp>
#include <cyclos/credentials.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/detail/net/pool.hpp>
#include <cyclos/secret.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

// Logging in and out with `POST` and `DELETE /auth/session`, and how a failed login is reported.
//
// Parts:
//   error_reply      An error response, which tells whether it rejects the credentials. It is
//                    immutable, and shared by all requests that it concerns.
//   login_failure    Why there are no credentials: a reply, an error or a foreign exception. It can
//                    be thrown once for each request that waits for the login.
//   logout_list      The sessions that are being ended in the background.
//   session_service  Sends the two requests.
//
// Threads: session_service is called on the strand of the first shard, in coroutines whose awaits
// do not throw on cancellation. client_state makes an error_reply of each error response, on the
// strand of the request's shard.
//
// Invariants: servers count bad logins, so a login is sent again only if its connection is lost
// before the response is complete, and only once. Secrets are wiped from memory: the request refers
// to the secret in the credentials, and the response is read, parsed and kept in memory that is
// wiped before it is freed.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// An error response of the server.
class error_reply
{
public:
    error_reply() = default;

    /// @param body The body of the response, which has been read already.
    CYCLOS_DECL error_reply(const http::response& response, std::string body);

    /// The reply in the form that exceptions are made of. It refers to this object.
    CYCLOS_DECL error_response view() const noexcept;

    /// The `code` in the body; empty if there is none.
    CYCLOS_DECL std::string code() const;

    /// Whether the server no longer accepts the token of a session or an access client.
    CYCLOS_DECL bool is_token_rejection() const;

    /// Whether the server rejected a user and password, or does not let that user log in.
    bool is_bad_login() const { return status_ == 401 && code() == "login"; }

private:
    unsigned status_ = 0;
    std::string content_type_;
    std::string body_;
    std::optional<std::chrono::seconds> retry_after_;
};

/// Why there are no credentials, for every request that waits for them.
class login_failure
{
public:
    /// The server replied with an error.
    void set_reply(std::shared_ptr<const error_reply> reply) noexcept { reply_ = std::move(reply); }

    /// There was no reply.
    void set_error(error_code code, std::string detail)
    {
        code_ = code;
        detail_ = std::move(detail);
    }

    /// There was an exception that is no `system_error`: of the provider, or for lack of memory.
    void set_exception(std::exception_ptr exception) noexcept { exception_ = std::move(exception); }

    /// The server's reply; null if there was none.
    const std::shared_ptr<const error_reply>& reply() const noexcept { return reply_; }

    explicit operator bool() const noexcept { return reply_ || code_ || exception_; }

    /// Throws the failure as that of a request which waited for the credentials, and was not sent.
    [[noreturn]] CYCLOS_DECL void throw_for(const http::exchange_state& state) const;

private:
    std::shared_ptr<const error_reply> reply_;
    error_code code_;
    std::string detail_;
    std::exception_ptr exception_;
};

/// Sessions that are being ended in the background. Any thread may use it.
class logout_list
{
public:
    using entry = std::shared_ptr<const credentials>;

    void add(const entry& session)
    {
        const std::lock_guard lock{mutex_};
        sessions_.insert(session);
    }

    void remove(const entry& session) noexcept
    {
        const std::lock_guard lock{mutex_};
        sessions_.erase(session);
    }

    /// Those that are left: the client was closed before they were ended.
    std::set<entry> take()
    {
        const std::lock_guard lock{mutex_};
        return std::exchange(sessions_, {});
    }

private:
    std::mutex mutex_;
    std::set<entry> sessions_;
};

/// Begins and ends sessions at the server, for all identities of a client. It owns what it needs,
/// so a login or a logout may outlive the client.
class session_service
{
public:
    using time_point = http::exchange_state::time_point;

    /// @param pool The pool of the first shard. Logins use its connections.
    CYCLOS_DECL session_service(const config& settings, const base_url& base,
                                std::string_view common_fields,
                                std::shared_ptr<http::exchange_settings> exchange,
                                std::shared_ptr<net::pool> pool);

    /// The pool of the first shard.
    const std::shared_ptr<net::pool>& pool() const noexcept { return pool_; }

    /// The limit of a call of a provider; zero: none.
    std::chrono::milliseconds provider_timeout() const noexcept { return provider_timeout_; }

    /// Maximum size of the header section of a response, in bytes.
    std::size_t max_header_size() const noexcept { return exchange_settings_->header_limit; }

    /** Begins a session.

        @param login   A user and a password.
        @param failure Is set if the login fails.
        @param terms   Of the call that needs the login; may be null. Only its tag and header fields
        apply: others may wait for the login, too.
        @return The credentials of the session; those of a guest if the login fails.
    */
    CYCLOS_DECL boost::asio::awaitable<credentials>
    log_in(credentials login, login_failure& failure,
           std::shared_ptr<const http::call_terms> terms);

    /** Ends a session at the server. That the session has ended already is a success.

        @param pool  The pool to take a connection from.
        @param terms Of the call; may be null.
        @param end   The latest time; the timeout of the call may end it earlier.
        @throws cyclos::error if the server cannot be reached, or answers with another error.
    */
    CYCLOS_DECL boost::asio::awaitable<void>
    log_out(net::pool& pool, const credentials& session,
            std::shared_ptr<const http::call_terms> terms = nullptr,
            time_point end = (time_point::max)());

    /// The sessions that are being ended in the background.
    logout_list& background_logouts() noexcept { return background_logouts_; }

private:
    CYCLOS_DECL http::exchange_state
    make_state(std::string_view operation, std::shared_ptr<const http::call_terms> terms) const;
    CYCLOS_DECL http::request make_request(std::string_view method,
                                           const http::call_terms* terms) const;

    std::string target_;
    std::string common_fields_;
    std::shared_ptr<const std::string> endpoint_;
    std::chrono::milliseconds total_timeout_;
    std::chrono::milliseconds provider_timeout_;
    std::shared_ptr<http::exchange_settings> exchange_settings_;
    std::shared_ptr<net::pool> pool_;
    logout_list background_logouts_;
};

/// The `sessionToken` in the JSON reply to a login. Empty if there is none, or if it cannot be sent
/// in a header field. Leaves no other copy of the token in memory.
CYCLOS_DECL secret read_session_token(std::string_view json);

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/login.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_LOGIN_HPP
