//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "advice.hpp"

#include "text.hpp"

#include <string_view>

namespace tool {
namespace {

/// Whether the server's answer is a page for people: of a proxy, or of something else than the API.
bool is_page(const cyclos::api_error& error)
{
    return error.content_type().starts_with("text/html");
}

/// A name of the API as people write it: `temporarilyBlocked` is temporarily blocked.
std::string spaced(std::string_view name)
{
    std::string words;
    for (const char c : name) {
        const bool capital = c >= 'A' && c <= 'Z';
        words += capital ? std::string{' ', static_cast<char>(c - 'A' + 'a')} : std::string(1, c);
    }
    return words;
}

std::string advice_on(const cyclos::open_enum<cyclos::password_status>& password)
{
    using enum cyclos::password_status;
    if (password == temporarily_blocked) {
        return ": wait a while, and check it before you try again";
    }
    if (password == expired || password == reset) {
        return ": log in at the web site and change it";
    }
    return ": ask an administrator";
}

std::string answer(const cyclos::unauthorized& error, const caller& from)
{
    using enum cyclos::unauthorized_code;
    const auto& code = error.details().code;
    if (code == login) {
        const auto& user = error.details().user_status;
        const auto& password = error.details().password_status;
        if (!user.empty() && user != cyclos::user_status::active) {
            return "the user is " + spaced(from.hidden.blot(user.text())) + ": ask an administrator";
        }
        if (!password.empty() && password != cyclos::password_status::active) {
            return "the password is " + spaced(from.hidden.blot(password.text())) + advice_on(password);
        }
        return from.who == identity::user
                   ? "the user name or the password is wrong: check --username and --password-file"
                   : "the server does not accept the credentials";
    }
    if (code == logged_out) {
        return "the session has ended: log in again, and give --session-token the new token";
    }
    if (code == missing_authorization) {
        return from.who == identity::guest
                   ? "this needs credentials: --username with a password, --session-token or --access-client-token"
                   : "the credentials were sent, but have not arrived: a proxy before the server may drop them";
    }
    if (code == remote_address_blocked) {
        return "too many wrong logins, so the server has blocked this address: wait before you try again";
    }
    if (code == invalid_access_client) {
        return "the access client is not known: activate it again, and give --access-client-token the new token";
    }
    if (code == blocked_access_client) {
        return "the access client is blocked: its user can unblock it";
    }
    if (code == invalid_channel_usage) {
        return "these credentials are not for this channel: give another --channel, or other credentials";
    }
    if (code == unauthorized_address) {
        return "the user may not log in from this address: ask an administrator to allow it";
    }
    if (code == invalid_network) {
        return std::string{"there is no such network"} + std::string{check_the_path};
    }
    return code.empty() ? "the server does not accept the credentials" : from.hidden.blot(code.text());
}

std::string answer(const cyclos::forbidden& error, const caller& from)
{
    using enum cyclos::forbidden_code;
    const auto& code = error.details().code;
    if (code == permission_denied) {
        return "the user may not do that: log in as one who may, or ask an administrator for the permission";
    }
    if (code == expired_password || code == reset_password) {
        return "the password has to be changed first: log in at the web site and do it";
    }
    if (code == inaccessible_channel) {
        return "the user may not use this channel: give another --channel, or ask an administrator";
    }
    return code.empty() ? "that is not allowed" : from.hidden.blot(code.text());
}

std::string answer(const cyclos::not_found& error, const caller& from)
{
    const auto& [type, key] = error.details();
    if (!type) {
        return std::string{"there is no such thing"} + std::string{check_the_path};
    }
    return "there is no " + from.hidden.blot(*type + (key ? " '" + *key + "'" : ""));
}

std::string answer(const cyclos::conflict& error, const caller& from)
{
    const auto& code = error.details().code;
    if (code == cyclos::conflict_code::constraint_violated_on_remove) {
        return "it is in use, so it cannot be removed";
    }
    if (code == cyclos::conflict_code::stale_entity) {
        return "somebody else has changed it meanwhile: try again";
    }
    return code.empty() ? "the present state does not allow it" : from.hidden.blot(code.text());
}

void append(std::string& text, std::string_view more)
{
    text += text.empty() ? "" : "; ";
    text += more;
}

std::string answer(const cyclos::input_error_body& body, const caller& from)
{
    std::string text;
    for (const auto& message : body.general_errors) {
        append(text, from.hidden.blot(message));
    }
    for (const auto* errors : {&body.property_errors, &body.custom_field_errors}) {
        for (const auto& [property, messages] : *errors) {
            for (const auto& message : messages) {
                std::string line = property;
                line += ": ";
                line += message;
                append(text, from.hidden.blot(line));
            }
        }
    }
    if (body.max_file_size) {
        append(text, "a file may have " + human_size(*body.max_file_size) + " at most: make the image smaller");
    }
    if (body.max_items) {
        append(text, "the limit is " + std::to_string(*body.max_items) + " images: remove one with delete-image first");
    }
    if (body.name) {
        append(text, "parameter " + from.hidden.blot(*body.name));
    }
    if (body.value) {
        append(text, "value '" + from.hidden.blot(*body.value) + "'");
    }
    for (const auto& [property, inner] : body.errors) {
        append(text, from.hidden.blot(property) + ": " + answer(*inner, from));
    }
    for (const auto& [property, elements] : body.indexed_errors) {
        for (const auto& inner : elements) {
            if (inner) {
                append(text, from.hidden.blot(property) + ": " + answer(*inner, from));
            }
        }
    }
    return text.empty() ? from.hidden.blot(body.code.text()) : text;
}

std::string answer(const cyclos::unexpected& error, const caller& from)
{
    const auto& body = error.details();
    std::string text = "the server met something unexpected";
    if (body.exception_type) {
        append(text, from.hidden.blot(*body.exception_type));
    }
    if (body.input_error) {
        append(text, answer(*body.input_error, from));
    }
    return text;
}

std::string answer(const cyclos::bad_request& error, const caller& from)
{
    return from.hidden.blot(error.details().message ? *error.details().message : error.details().code.text());
}

/// What the server says, where it says it as Cyclos does. Its own words are blotted, since they may repeat a secret;
/// ours are not: where a password is one of them, a blot would tell it.
std::string answer_of(const cyclos::api_error& error, const caller& from)
{
    if (const auto* e = dynamic_cast<const cyclos::unauthorized*>(&error)) {
        return answer(*e, from);
    }
    if (const auto* e = dynamic_cast<const cyclos::forbidden*>(&error)) {
        return answer(*e, from);
    }
    if (const auto* e = dynamic_cast<const cyclos::conflict*>(&error)) {
        return answer(*e, from);
    }
    if (const auto* e = dynamic_cast<const cyclos::not_found*>(&error)) {
        return answer(*e, from);
    }
    if (const auto* e = dynamic_cast<const cyclos::invalid_input*>(&error)) {
        return answer(e->details(), from);
    }
    if (const auto* e = dynamic_cast<const cyclos::unexpected*>(&error)) {
        return answer(*e, from);
    }
    if (const auto* e = dynamic_cast<const cyclos::bad_request*>(&error)) {
        return answer(*e, from);
    }
    return from.hidden.blot(error.code_text());
}

/// What is not Cyclos' own: a proxy before it, or something else altogether.
std::string answer_of_stranger(const cyclos::api_error& error)
{
    std::string text;
    switch (error.status()) {
    case 401: text = "not the API, but something before it, wants other credentials: ask who runs it"; break;
    case 413: text = "the server, or a proxy before it, takes no file that large: make the image smaller"; break;
    case 415: text = "the server takes no file of this type: send a PNG, JPEG or GIF"; break;
    case 429: text = "too many requests: wait, or give --retries"; break;
    case 502:
    case 503:
    case 504: text = "a proxy does not reach the server: wait, or give --retries"; break;
    default: text = is_page(error) ? "the answer is a page, and not from the API" : ""; break;
    }
    if (error.status() / 100 == 3 || error.status() == 404 || error.status() == 405) {
        text += check_the_path;
    }
    if (error.status() == 400 && error.endpoint().starts_with("http://")) {
        text += "; does --url have to begin with https://?";
    }
    return text;
}

} // namespace

std::string describe(const cyclos::api_error& error, const caller& from)
{
    const bool stranger = error.code_text().empty() && !error.content_type().starts_with("application/json");
    const std::string text = stranger ? answer_of_stranger(error) : answer_of(error, from);
    std::string line = error.code().message();
    if (!text.empty()) {
        line += text.starts_with(';') ? text : ": " + text;
    }
    if (error.status() >= 502 && error.status() <= 504) {
        line += what_became_of_it(error); // which a gateway does not know
    }
    if (error.retry_after()) {
        line += "; try again in " + std::to_string(error.retry_after()->count()) + " s";
    }
    return line;
}

} // namespace tool
