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

/// Whether a text has the form of a bearer token: b64token in RFC 6750, section 2.1.
inline bool is_bearer_token(std::string_view text)
{
    const std::size_t size =
        (std::min)(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789-._~+/"),
                   text.size());
    return size > 0 && text.find_first_not_of('=', size) == std::string_view::npos;
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
                                           detail::text_argument password, basic_options options)
{
    detail::require_token("username", username);
    if (std::string_view{username}.find(':') != std::string_view::npos) {
        detail::reject_credentials("username", "holds a colon, which ends it (RFC 7617)");
    }
    if (detail::has_control_character(password)) {
        detail::reject_credentials("password", "holds a control character");
    }
    if (detail::has_control_character(options.principal_type)) {
        detail::reject_credentials("principal type", "holds a control character");
    }
    secret fields =
        detail::make_field("Authorization", net::basic_authorization(username, password).view());
    if (!options.principal_type.empty()) {
        fields += detail::make_field("Principal-Type", options.principal_type).view();
    }
    return {kind::basic, std::move(fields)};
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

CYCLOS_DECL credentials credentials::bearer(detail::text_argument token)
{
    detail::require_token("bearer token", token);
    if (!detail::is_bearer_token(token)) {
        detail::reject_credentials("bearer token", "holds a character that no such token has");
    }
    secret value{"Bearer "};
    value += token;
    return {kind::bearer, detail::make_field("Authorization", value.view())};
}

CYCLOS_DECL credentials credentials::session_login(detail::text_argument username,
                                                   detail::text_argument password,
                                                   session_login_options options)
{
    credentials result = basic(username, password, {.principal_type = options.principal_type});
    result.type_ = kind::session_login;
    result.log_out_on_close_ = options.log_out_on_close;
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
