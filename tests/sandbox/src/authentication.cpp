//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "authentication.hpp"

#include "openssl.hpp"
#include "reply.hpp"
#include "text.hpp"

#include <optional>

namespace cyclos::sandbox {

namespace http = boost::beast::http;

std::string_view request::header(http::field name) const
{
    const auto [first, last] = headers.equal_range(name);
    if (first == last)
        return {};
    if (std::next(first) != last)
        throw error_reply{
            bad_request("there is more than one " + std::string(http::to_string(name)))};
    return first->value();
}

std::string_view request::header(std::string_view name) const
{
    const auto [first, last] = headers.equal_range(name);
    if (first == last)
        return {};
    if (std::next(first) != last)
        throw error_reply{bad_request("there is more than one " + std::string(name))};
    return first->value();
}

namespace {

std::optional<std::string> decode_base64(std::string_view text)
{
    std::string out(text.size() / 4 * 3, '\0');
    const auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
    if (text.empty() || size < 0)
        return std::nullopt;
    // EVP_DecodeBlock decodes padding to zero bytes.
    const auto padding = text.ends_with("==") ? 2u : text.ends_with('=') ? 1u : 0u;
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

void check_status(const user& account)
{
    if (account.status != "active")
        throw error_reply{unauthorized("login", {{"userStatus", account.status}})};
    if (account.password_status == "expired")
        throw error_reply{
            forbidden("expiredPassword",
                      {{"passwordType", {{"name", "Password"}, {"internalName", "login"}}}})};
    if (account.password_status == "reset")
        throw error_reply{
            forbidden("resetPassword",
                      {{"passwordType", {{"name", "Password"}, {"internalName", "login"}}}})};
    if (account.password_status != "active")
        throw error_reply{unauthorized("login", {{"passwordStatus", account.password_status}})};
}

const user& authenticate_basic(state& server_state, const request& req,
                               std::string_view authorization)
{
    const auto scheme = take_until(authorization, ' ');
    const auto user_and_password = decode_base64(trim(authorization));
    const auto colon = user_and_password ? user_and_password->find(':') : std::string::npos;
    if (!iequals(scheme, "Basic") || colon == std::string::npos)
        throw error_reply{
            bad_request("the Authorization header does not contain basic credentials")};
    if (server_state.is_blocked_address(req.remote_address))
        throw error_reply{unauthorized("remoteAddressBlocked")};

    auto* account =
        server_state.user_by_principal(std::string_view(*user_and_password).substr(0, colon));
    if (!account || account->password != std::string_view(*user_and_password).substr(colon + 1)) {
        server_state.record_bad_login(account, req.remote_address);
        if (account && account->password_status != "active")
            throw error_reply{
                unauthorized("login", {{"passwordStatus", account->password_status}})};
        throw error_reply{unauthorized("login")};
    }
    check_status(*account);
    server_state.record_good_login(*account, req.remote_address);
    return *account;
}

bool is_bearer(const state& server_state, std::string_view authorization)
{
    return iequals(take_until(authorization, ' '), "Bearer") &&
           server_state.options().api_version == api_version::v4_16;
}

const user& authenticate_bearer(state& server_state, std::string_view authorization)
{
    take_until(authorization, ' ');
    const auto* account = server_state.user_of_access_token(trim(authorization));
    if (!account)
        throw error_reply{unauthorized("invalidAccessToken")};
    if (account->status != "active")
        throw error_reply{unauthorized("login", {{"userStatus", account->status}})};
    return *account;
}

void check_channel(std::string_view channel)
{
    if (channel == "pos")
        throw error_reply{forbidden("inaccessibleChannel")};
    if (channel != "main" && channel != "mobile" && channel != "webServices")
        throw error_reply{unauthorized("invalidChannelUsage")};
}

} // namespace

identity authenticate(state& server_state, const request& req)
{
    constexpr std::string_view session_header = "Session-Token",
                               client_header = "Access-Client-Token";
    const bool basic = req.has_header(http::field::authorization);
    const bool session = req.headers.count(session_header) != 0;
    const bool client = req.headers.count(client_header) != 0;
    if (basic + session + client > 1)
        throw error_reply{bad_request("there is more than one kind of credentials")};

    identity result;
    if (basic) {
        const auto value = req.header(http::field::authorization);
        if (trim(value).empty())
            throw error_reply{bad_request("the Authorization header is empty")};
        result.is_basic = !is_bearer(server_state, value);
        result.user = result.is_basic ? &authenticate_basic(server_state, req, value)
                                      : &authenticate_bearer(server_state, value);
    }
    else if (session) {
        result.session_token = req.header(session_header);
        result.user = server_state.user_of_session(result.session_token);
        if (!result.user)
            throw error_reply{unauthorized("loggedOut")};
    }
    else if (client) {
        const auto token = req.header(client_header);
        if (server_state.is_blocked_access_client(token))
            throw error_reply{unauthorized("blockedAccessClient")};
        result.user = server_state.user_of_access_client(token);
        if (!result.user)
            throw error_reply{unauthorized("invalidAccessClient")};
    }
    if (session || client)
        if (result.user->status != "active")
            throw error_reply{unauthorized("login", {{"userStatus", result.user->status}})};
    if (req.headers.count("Channel") != 0)
        check_channel(req.header("Channel"));
    return result;
}

} // namespace cyclos::sandbox
