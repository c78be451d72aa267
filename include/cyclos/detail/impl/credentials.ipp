//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_CREDENTIALS_IPP
#define CYCLOS_DETAIL_IMPL_CREDENTIALS_IPP

#include <cyclos/credentials.hpp>

#include <cyclos/detail/net/basic_authorization.hpp>
#include <cyclos/error.hpp>

#include <algorithm>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

// The message never contains the value: it is a secret.
[[noreturn]] inline void reject_credentials(std::string_view name, std::string_view problem)
{
    error_context context;
    context.detail = name;
    context.detail += ": ";
    context.detail += problem;
    throw error(errc::invalid_config, std::move(context));
}

inline bool has_control_character(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return u < 0x20 || u == 0x7f;
    });
}

inline void require_token(std::string_view name, std::string_view token)
{
    if (token.empty()) {
        reject_credentials(name, "is empty");
    }
    if (has_control_character(token)) {
        reject_credentials(name, "holds a control character");
    }
}

/// Makes a header field with a secret value.
inline secret make_field(std::string_view name, std::string_view value)
{
    secret field{name};
    field += ": ";
    field += value;
    field += "\r\n";
    return field;
}

} // namespace detail

CYCLOS_DECL credentials credentials::basic(detail::text_argument username,
                                           detail::text_argument password)
{
    detail::require_token("username", username);
    if (std::string_view{username}.find(':') != std::string_view::npos) {
        detail::reject_credentials("username", "holds a colon, which ends it (RFC 7617)");
    }
    if (detail::has_control_character(password)) {
        detail::reject_credentials("password", "holds a control character");
    }
    return {kind::basic, detail::make_field("Authorization",
                                            net::basic_authorization(username, password).view())};
}

CYCLOS_DECL credentials credentials::session(detail::text_argument token)
{
    detail::require_token("session token", token);
    return {kind::session, detail::make_field("Session-Token", token)};
}

CYCLOS_DECL credentials credentials::access_client(detail::text_argument token)
{
    detail::require_token("access client token", token);
    return {kind::access_client, detail::make_field("Access-Client-Token", token)};
}

CYCLOS_DECL credentials credentials::session_login(detail::text_argument username,
                                                   detail::text_argument password,
                                                   session_login_options options)
{
    credentials result = basic(username, password);
    result.type_ = kind::session_login;
    result.options_ = options;
    return result;
}

CYCLOS_DECL credentials credentials::from(provider function)
{
    if (!function) {
        detail::reject_credentials("provider", "is no function");
    }
    credentials result;
    result.type_ = kind::provided;
    result.provider_ = std::make_shared<const provider>(std::move(function));
    return result;
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_CREDENTIALS_IPP
