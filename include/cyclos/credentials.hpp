//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CREDENTIALS_HPP
#define CYCLOS_CREDENTIALS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/text_argument.hpp>
#include <cyclos/secret.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// Options of credentials::basic().
struct basic_options
{
    /// `Principal-Type` header field: the internal name of the kind of user name, such as `email`;
    /// empty: the server tries all kinds that the channel allows.
    std::string_view principal_type = {};
};

static_assert(std::is_aggregate_v<basic_options> &&
              std::is_trivially_destructible_v<basic_options>);

/// Options of credentials::session_login().
struct session_login_options
{
    /** Ends the session at the server when it is not needed any more: in client::close(), within
        its grace period; and in the background when the last handle of images_api::as() with these
        credentials is destroyed. Destroying the client does not end it. */
    bool log_out_on_close = false;

    /// `Principal-Type` header field of the login, as in basic_options.
    std::string_view principal_type = {};
};

static_assert(std::is_aggregate_v<session_login_options> &&
              std::is_trivially_destructible_v<session_login_options>);

/// Why a credentials provider is called.
enum class credentials_reason {
    initial, ///< The user has no credentials yet.
    refresh, ///< The server rejected the last credentials, or ended the session that used them.
};

/** The credentials of a user: of a client (config::credentials), or of a handle (images_api::as()).
    They are sent only to the origin of the base URL.

    Secrets are wiped from memory on destruction; each copy wipes its own.

    @code
    cyclos::config config{"https://demo.cyclos.org/api",
                          cyclos::credentials::basic("alice", password)};
    @endcode
*/
class credentials
{
public:
    /// The types of credentials.
    enum class kind {
        guest,         ///< No credentials are sent.
        basic,         ///< `Authorization: Basic ...`
        session,       ///< `Session-Token: ...`
        access_client, ///< `Access-Client-Token: ...`
        bearer,        ///< `Authorization: Bearer ...`
        session_login, ///< `Session-Token: ...` of a session that the client opens by a login.
        provided,      ///< The credentials that a provider returns.
    };

    /** Returns credentials of any type except `provided`: see from().

        It is a coroutine, or an ordinary function that returns an awaitable.
    */
    using provider = std::function<boost::asio::awaitable<credentials>(credentials_reason)>;

    /// A guest: no credentials are sent.
    credentials() = default;

    /** A user name and a password that are sent with every request (Basic authentication).

        The server treats each request as a login. With a wrong password, each request is a failed
        login, and the server soon blocks the password or the IP address.

        @throws cyclos::error with errc::invalid_config if the name is empty or contains a colon, or
        if one of the texts contains a control character or is a null pointer, such as
        `std::getenv()` returns for a variable that is not set.
    */
    CYCLOS_DECL static credentials basic(detail::text_argument username,
                                         detail::text_argument password,
                                         basic_options options = {});

    /// The token of an existing session.
    /// @throws cyclos::error with errc::invalid_config if the token is empty, contains a control
    /// character, or is a null pointer.
    CYCLOS_DECL static credentials session(detail::text_argument token);

    /// The token of an access client.
    /// @throws cyclos::error with errc::invalid_config, as session().
    CYCLOS_DECL static credentials access_client(detail::text_argument token);

    /** An OAuth 2 or OpenID Connect access token, since Cyclos 4.16.

        The token is not renewed. To renew it, return it from a provider: see from().

        @throws cyclos::error with errc::invalid_config if the token is empty, contains a character
        that a bearer token cannot have (RFC 6750, section 2.1), or is a null pointer.
    */
    CYCLOS_DECL static credentials bearer(detail::text_argument token);

    /** A user name and a password for a login (`POST /auth/session`), which the client performs
        before the first request of the user. Requests then send the token of the session.

        @code
        config.credentials = cyclos::credentials::session_login("alice", password,
                                                                {.log_out_on_close = true});
        @endcode

        @par Single-flight login
        Requests of the user that need a login at the same time share one, across all threads,
        shards and handles of the client. Cancelling one of them does not cancel the login for the
        others; it ends at the latest with the client. The wait counts towards the total timeout of
        each request.

        @par Expired session
        If the server rejects the token (401 `loggedOut`, or another code that is listed at from()),
        there is one new login for all requests that were rejected, and each of them is sent again:
        the server has not carried them out. An upload is sent again only if its source can be
        rewound, as files and memory can. Otherwise it fails with the response of the server, and
        the next request logs in first.

        @par Failed login
        The requests that wait for the login fail with phase::authenticating; error::sent() is about
        the request itself, not about the login. The response of the server is thrown as the class
        for its status, such as @ref unauthorized. It is thrown as @ref api_error if that class
        would be about the operation instead, such as @ref not_found. The next request logs in
        again.

        @par Rejected password
        If the server rejects the user name and password (401 `login`), the client never sends them
        again, since servers block the password and then the IP address after some failed logins.
        From then on, all requests of the user fail at once with that response. Other users are not
        affected. After the last handle of images_api::as() for the user is destroyed, the client
        remembers the rejection for ten minutes; after that, a new handle sends the password once
        more.

        @par Retries
        If the connection is lost before the login has a response, the login is repeated once. After
        other failures it is repeated only if nothing of it was sent and @ref retry_config allows
        it.

        @throws cyclos::error with errc::invalid_config, as basic().
    */
    CYCLOS_DECL static credentials session_login(detail::text_argument username,
                                                 detail::text_argument password,
                                                 session_login_options options = {});

    /** Credentials from a provider, such as a vault or token service: the credentials that a
        coroutine returns.

        The client calls the provider before the first request of the user. It calls it again if the
        server no longer accepts the credentials: 401 with `loggedOut`, `invalidAccessClient`,
        `blockedAccessClient`, `invalidAccessToken` or `missingAuthorization`. If the provider
        returns the same credentials again, the client does not call it for each rejected request,
        but after 10 seconds at the earliest; until then, these requests fail with the response.

        The rules of session_login() for the login apply to the call of the provider: requests share
        it, and rejected ones are sent again. If the provider returns a session_login(), the client
        logs in with it, and calls the provider again before the next login.

        The provider runs on client::get_executor(), one call at a time for each user in use, and
        must not block. It may take its time: requests wait for it, each until its total timeout.

        @code
        config.credentials = cyclos::credentials::from(
            [&vault](cyclos::credentials_reason reason)
                -> boost::asio::awaitable<cyclos::credentials> {
                const bool refresh = reason == cyclos::credentials_reason::refresh;
                co_return cyclos::credentials::session(co_await vault.token(refresh));
            });
        @endcode

        @par Cancellation
        Cancelling a request does not cancel the provider. If the provider does not return within
        timeout_config::provider, or if the client is closed or destroyed, it is cancelled (terminal
        cancellation) and not waited for. The next request calls it again.

        @par Lifetime
        A client has a copy of the function object for each user in use, which exists at least as
        long as its coroutine. A lambda may thus have captures, and may modify them if it is
        mutable.

        @par Identity
        In images_api::as(), credentials of a provider equal only their own copies: keep the object,
        or the handle, for as long as the user is known.

        @par Exceptions
        If the provider throws a `system_error`, the requests that wait fail with a cyclos::error
        that has the same code. Other exceptions are rethrown unchanged. If the provider returns
        credentials of the type `provided`, the requests fail with errc::invalid_config. In all
        these cases the next request calls the provider again. It does so, too, if the server
        rejects (401 `login`) a user name and password from the provider; the client does not send
        these a second time.

        @throws cyclos::error with errc::invalid_config if the function is empty.
    */
    CYCLOS_DECL static credentials from(provider function);

    /// A guest: no credentials are sent.
    static credentials guest() { return {}; }

    /// The type of the credentials.
    kind type() const noexcept { return type_; }

    /// The header fields to send with every request, including their line ends; empty for a guest,
    /// and for `session_login` and `provided`, whose field is known only later. The view is valid
    /// as long as this object.
    std::string_view header_fields() const noexcept
    {
        return type_ == kind::session_login ? std::string_view{} : field_.view();
    }

    /// @cond internal
    /// The header fields of every request; for `session_login`, those of the login request.
    const secret& field() const noexcept { return field_; }
    const std::shared_ptr<const provider>& function() const noexcept { return provider_; }
    /// Whether a session that these credentials lead to is to be ended at the server.
    bool log_out_on_close() const noexcept { return log_out_on_close_; }
    /// @endcond

private:
    credentials(kind type, secret field)
        : type_(type)
        , field_(std::move(field))
    {}

    kind type_ = kind::guest;
    secret field_;
    std::shared_ptr<const provider> provider_;
    bool log_out_on_close_ = false;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/credentials.ipp>
#endif

#endif // CYCLOS_CREDENTIALS_HPP
