//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_CREDENTIALS_IPP
#define CYCLOS_IMPL_CREDENTIALS_IPP

#include <cyclos/credentials.hpp>

#include <cyclos/net/error.hpp>

#include <openssl/evp.h>

#include <algorithm>

namespace cyclos {

namespace detail {

// The value itself is never part of the message: it is a secret.
[[noreturn]] inline void refuse_credentials(std::string_view what, std::string_view why)
{
    error_context where;
    where.detail = what;
    where.detail += ": ";
    where.detail += why;
    throw error(errc::invalid_config, std::move(where));
}

inline bool has_control_character(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return u < 0x20 || u == 0x7f;
    });
}

inline void require_token(std::string_view what, std::string_view token)
{
    if (token.empty()) {
        refuse_credentials(what, "is empty");
    }
    if (has_control_character(token)) {
        refuse_credentials(what, "holds a control character");
    }
}

} // namespace detail

CYCLOS_DECL credentials credentials::basic(std::string_view username, std::string_view password)
{
    detail::require_token("username", username);
    if (username.find(':') != std::string_view::npos) {
        detail::refuse_credentials("username", "holds a colon, which ends it (RFC 7617)");
    }
    if (detail::has_control_character(password)) {
        detail::refuse_credentials("password", "holds a control character");
    }
    std::string text{username};
    text += ':';
    text += password;
    std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0'); // OpenSSL ends it with a null character
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return {kind::basic, "Authorization: Basic " + encoded + "\r\n"};
}

CYCLOS_DECL credentials credentials::session(std::string_view token)
{
    detail::require_token("session token", token);
    return {kind::session, "Session-Token: " + std::string{token} + "\r\n"};
}

CYCLOS_DECL credentials credentials::access_client(std::string_view token)
{
    detail::require_token("access client token", token);
    return {kind::access_client, "Access-Client-Token: " + std::string{token} + "\r\n"};
}

} // namespace cyclos

#endif // CYCLOS_IMPL_CREDENTIALS_IPP
