//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_LOGIN_HPP
#define CYCLOS_IMPL_LOGIN_HPP

#include <cyclos/config.hpp>
#include <cyclos/credentials.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>
#include <cyclos/http/exchange.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/response.hpp>
#include <cyclos/net/pool.hpp>
#include <cyclos/net/secret.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::detail {

/// An answer of the server that is an error, kept for all whom it concerns.
class refusal
{
public:
    refusal() = default;

    /// Takes what there is to know of a response whose body has been read.
    CYCLOS_DECL refusal(const http::response& answer, std::string body);

    /// As it is thrown; it refers to this.
    CYCLOS_DECL error_response told() const noexcept;

    /// The `code` in the body, if there is one.
    CYCLOS_DECL std::string code() const;

    /// Whether the server no longer takes the token that was sent, be it of a session or of an access client.
    CYCLOS_DECL bool is_refused_token() const;

    /// Whether a user and password are wrong, or not to be used.
    bool is_bad_login() const { return status_ == 401 && code() == "login"; }

private:
    unsigned status_ = 0;
    std::string content_type_;
    std::string body_;
    std::optional<std::chrono::seconds> retry_after_;
};

/// Why there are no credentials, as it is told to every request that waits for them.
class login_failure
{
public:
    /// There was an answer.
    void answered(std::shared_ptr<const refusal> answer) noexcept { answer_ = std::move(answer); }

    /// There was none.
    void failed(error_code code, std::string detail)
    {
        code_ = code;
        detail_ = std::move(detail);
    }

    /// The provider has thrown what is none of ours.
    void thrown(std::exception_ptr what) noexcept { foreign_ = std::move(what); }

    /// What the server answered, if it did.
    const std::shared_ptr<const refusal>& answer() const noexcept { return answer_; }

    explicit operator bool() const noexcept { return answer_ || code_ || foreign_; }

    /// Throws it as the failure of a request, which it may not say anything about but that it was not sent.
    [[noreturn]] CYCLOS_DECL void raise(const http::progress& state) const;

private:
    std::shared_ptr<const refusal> answer_;
    error_code code_;
    std::string detail_;
    std::exception_ptr foreign_;
};

/// Begins and ends sessions at the server.
class session_service
{
public:
    /// @param how It has to outlive what is sent.
    CYCLOS_DECL session_service(const config& settings, const base_url& base, std::string_view common_fields,
                                http::exchange_settings& how);

    /** Begins a session.

        @param who A user and a password.
        @return The credentials of the session; those of a guest where it failed.
    */
    CYCLOS_DECL boost::asio::awaitable<credentials> log_in(std::shared_ptr<net::pool> connections, credentials who,
                                                           login_failure& failure);

    /// Ends a session before the given time, if that can be done.
    CYCLOS_DECL boost::asio::awaitable<void> log_out(std::shared_ptr<net::pool> connections, credentials who,
                                                     http::progress::time_point end);

private:
    CYCLOS_DECL http::progress begin(std::string_view operation) const;

    std::string target_;
    std::string fields_;
    std::shared_ptr<const std::string> endpoint_;
    std::chrono::milliseconds total_;
    http::exchange_settings& how_;
};

/// The `sessionToken` of an answer; empty where there is none that can be sent. It leaves no copy of the token behind.
CYCLOS_DECL secret read_session_token(std::string_view json);

} // namespace cyclos::inline CYCLOS_ABI::detail

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/login.ipp>
#endif

#endif // CYCLOS_IMPL_LOGIN_HPP
