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
        throw failure{bad_request("there is more than one " + std::string(http::to_string(name)))};
    return first->value();
}

std::string_view request::header(std::string_view name) const
{
    const auto [first, last] = headers.equal_range(name);
    if (first == last)
        return {};
    if (std::next(first) != last)
        throw failure{bad_request("there is more than one " + std::string(name))};
    return first->value();
}

namespace {

std::optional<std::string> decode_base64(std::string_view text)
{
    std::string out(text.size() / 4 * 3, '\0');
    const auto size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (text.empty() || size < 0)
        return std::nullopt;
    // What stood for padding was decoded as zeros.
    const auto padding = text.ends_with("==") ? 2u : text.ends_with('=') ? 1u : 0u;
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

void check_status(const user& who)
{
    if (who.status != "active")
        throw failure{unauthorized("login", {{"userStatus", who.status}})};
    if (who.password_status == "expired")
        throw failure{
            forbidden("expiredPassword", {{"passwordType", {{"name", "Password"}, {"internalName", "login"}}}})};
    if (who.password_status == "reset")
        throw failure{
            forbidden("resetPassword", {{"passwordType", {{"name", "Password"}, {"internalName", "login"}}}})};
    if (who.password_status != "active")
        throw failure{unauthorized("login", {{"passwordStatus", who.password_status}})};
}

const user& log_in(state& known, const request& from, std::string_view authorization)
{
    const auto scheme = take_until(authorization, ' ');
    if (iequals(scheme, "Bearer") && known.options().dialect == dialect::v4_16)
        throw failure{unauthorized("invalidAccessToken")};
    const auto pair = decode_base64(trim(authorization));
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (!iequals(scheme, "Basic") || colon == std::string::npos)
        throw failure{bad_request("the Authorization header is no basic credentials")};
    if (known.is_blocked_address(from.remote_address))
        throw failure{unauthorized("remoteAddressBlocked")};

    auto* who = known.user_by_principal(std::string_view(*pair).substr(0, colon));
    if (!who || who->password != std::string_view(*pair).substr(colon + 1)) {
        known.bad_login(who, from.remote_address);
        if (who && who->password_status != "active")
            throw failure{unauthorized("login", {{"passwordStatus", who->password_status}})};
        throw failure{unauthorized("login")};
    }
    check_status(*who);
    known.good_login(*who, from.remote_address);
    return *who;
}

void check_channel(std::string_view channel)
{
    if (channel == "pos")
        throw failure{forbidden("inaccessibleChannel")};
    if (channel != "main" && channel != "mobile" && channel != "webServices")
        throw failure{unauthorized("invalidChannelUsage")};
}

} // namespace

identity authenticate(state& known, const request& from)
{
    constexpr std::string_view session_header = "Session-Token", client_header = "Access-Client-Token";
    const bool basic = from.has_header(http::field::authorization);
    const bool session = from.headers.count(session_header) != 0;
    const bool client = from.headers.count(client_header) != 0;
    if (basic + session + client > 1)
        throw failure{bad_request("there is more than one kind of credentials")};

    identity result;
    if (basic) {
        result.is_basic = true;
        const auto value = from.header(http::field::authorization);
        if (trim(value).empty())
            throw failure{bad_request("the Authorization header is empty")};
        result.who = &log_in(known, from, value);
    }
    else if (session) {
        result.session_token = from.header(session_header);
        result.who = known.user_of_session(result.session_token);
        if (!result.who)
            throw failure{unauthorized("loggedOut")};
    }
    else if (client) {
        const auto token = from.header(client_header);
        if (known.is_blocked_access_client(token))
            throw failure{unauthorized("blockedAccessClient")};
        result.who = known.user_of_access_client(token);
        if (!result.who)
            throw failure{unauthorized("invalidAccessClient")};
    }
    if (session || client)
        if (result.who->status != "active")
            throw failure{unauthorized("login", {{"userStatus", result.who->status}})};
    if (from.headers.count("Channel") != 0)
        check_channel(from.header("Channel"));
    return result;
}

} // namespace cyclos::sandbox
