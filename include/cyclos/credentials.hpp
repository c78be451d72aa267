//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CREDENTIALS_HPP
#define CYCLOS_CREDENTIALS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/secret.hpp>
#include <cyclos/net/text_argument.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cyclos::inline CYCLOS_ABI {

/// What else can be said of a login.
struct session_login_options
{
    /// client::close() ends the session at the server, within its grace. Destroying the client does not.
    bool log_out_on_close = false;
};

static_assert(std::is_aggregate_v<session_login_options> && std::is_trivially_destructible_v<session_login_options>);

/// Why a provider is asked for credentials.
enum class credentials_need {
    first, ///< There are none yet.
    anew,  ///< The server no longer takes what it gave last, or has ended the session that began with it.
};

/** Who a client is to the server. They are sent to the origin of the base URL, and to nobody else.

    What is secret in them is wiped when they go. Copies are copies.

    @code
    cyclos::config config{"https://demo.cyclos.org/api", cyclos::credentials::basic("alice", password)};
    @endcode
*/
class credentials
{
public:
    /// The ways to say who one is.
    enum class kind {
        guest,         ///< Nothing is sent.
        basic,         ///< `Authorization: Basic ...`
        session,       ///< `Session-Token: ...`
        access_client, ///< `Access-Client-Token: ...`
        session_login, ///< `Session-Token: ...`, of a session that the client begins.
        provided,      ///< Whatever a coroutine gives.
    };

    /** Gives credentials, of any kind but `provided`, when they are needed: see from().

        It is a coroutine, or an ordinary function that returns an awaitable.
    */
    using provider = std::function<boost::asio::awaitable<credentials>(credentials_need)>;

    /// A guest.
    credentials() = default;

    /** A user and a password, sent with every request.

        Each request is a login then. Where the password is wrong, each is a bad one, and the server blocks the password
        or the address soon.

        @throws cyclos::error with errc::invalid_config where the name is empty or holds a colon, one of them holds a
        control character, or is a null pointer, such as std::getenv() gives for a variable that is not set.
    */
    CYCLOS_DECL static credentials basic(detail::text_argument username, detail::text_argument password);

    /// The token of a session. @throws cyclos::error with errc::invalid_config where it is empty or no header value.
    CYCLOS_DECL static credentials session(detail::text_argument token);

    /// The token of an access client. @throws cyclos::error with errc::invalid_config as session() does.
    CYCLOS_DECL static credentials access_client(detail::text_argument token);

    /** A user and a password that the client logs in with (`POST /auth/session`) when it first needs to. After that the
        token of the session is sent.

        **One login.** Requests that need one at the same time wait for the same one, on all threads and shards of the
        client. None of them can cancel it for the others; it ends with the client. The wait counts for the total
        timeout of each request.

        **When the session has ended** (401 `loggedOut`), there is one more login for all requests that are told so, and
        each is sent once more: the server has done nothing. An upload is, too, if its source can be rewound, as files
        and memory can. Another one fails with the server's answer; the request after it logs in first.

        **When a login fails,** the requests that wait for it fail: `sent()` tells of the request itself, not of the
        login, and `phase()` is phase::logging_in. What the server answers comes as the class for it, such as
        @ref unauthorized, but as @ref api_error itself where that would say something about an image, such as
        @ref not_found. The next request logs in anew.

        **Except that a user and password which the server has refused** (401 `login`) are never sent again: servers
        block the password, and then the address, after some bad logins. All requests fail at once from then on, with
        that answer. Another client, with other credentials, begins anew.

        A login whose connection is lost before there is an answer is repeated once, and otherwise not.

        @throws cyclos::error with errc::invalid_config, as basic() does.

        @code
        config.credentials = cyclos::credentials::session_login("alice", password, {.log_out_on_close = true});
        @endcode
    */
    CYCLOS_DECL static credentials session_login(detail::text_argument username, detail::text_argument password,
                                                 session_login_options options = {});

    /** Credentials that a coroutine gives when they are needed: before the first request, and again when the server no
        longer takes them: 401 with `loggedOut`, `invalidAccessClient`, `blockedAccessClient`, `invalidAccessToken` or
        `missingAuthorization`. A coroutine that gives the same again is not asked for each request, but some seconds
        later at the earliest. All that is said of session_login() holds, with the coroutine in place
        of the login. Where it gives a session_login(), the client logs in with that, and asks the coroutine again when
        it next has to.

        The coroutine runs on client::get_executor(), one at a time, and should not block. It need not be quick:
        requests wait for it, each until its total timeout, and their cancellation does not reach it. When it has not
        returned within `timeouts.provider`, or the client is closed or destroyed, it is cancelled (terminal
        cancellation) and not waited for; the next request asks again.

        Each client has a copy of the function, which lives as long as its coroutine: a lambda may capture what it
        needs, and change it. A `system_error` that it throws comes out of the requests as @ref error with the same
        code, anything else as it is. Then the next request asks again. It also asks again where the server has
        refused (401 `login`) a user and password that it gave, but these are not sent a second time.

        @code
        config.credentials = cyclos::credentials::from(
            [&vault](cyclos::credentials_need need) -> boost::asio::awaitable<cyclos::credentials> {
                co_return cyclos::credentials::session(co_await vault.token(need == cyclos::credentials_need::anew));
            });
        @endcode

        @throws cyclos::error with errc::invalid_config where there is no function.
    */
    CYCLOS_DECL static credentials from(provider function);

    /// Nobody in particular.
    static credentials guest() { return {}; }

    /// Which of the ways this is.
    kind type() const noexcept { return type_; }

    /// The header field that is sent with every request, with its line end; empty for a guest, and where it is known
    /// only later. It lasts as long as this object.
    std::string_view header_field() const noexcept
    {
        return type_ == kind::session_login ? std::string_view{} : field_.view();
    }

    /// @cond internal
    const secret& field() const noexcept { return field_; } // of a session_login: that of the login
    const std::shared_ptr<const provider>& function() const noexcept { return provider_; }
    session_login_options options() const noexcept { return options_; }
    /// @endcond

private:
    credentials(kind type, secret field)
        : type_(type)
        , field_(std::move(field))
    {}

    kind type_ = kind::guest;
    secret field_;
    std::shared_ptr<const provider> provider_;
    session_login_options options_;
};

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/credentials.ipp>
#endif

#endif // CYCLOS_CREDENTIALS_HPP
