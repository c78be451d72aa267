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

/// Whether the response is an HTML page, which does not come from the API but from a proxy, say.
bool is_html_page(const cyclos::api_error& error)
{
    return error.content_type().starts_with("text/html");
}

/// Splits a name of the API into words: `temporarilyBlocked` becomes "temporarily blocked".
std::string split_words(std::string_view name)
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
        return ": wait a while, and check the password before you try again";
    }
    if (password == expired || password == reset) {
        return ": log in at the web site and change it";
    }
    return ": ask an administrator";
}

std::string response_text(const cyclos::unauthorized& error, const caller_identity& caller)
{
    using enum cyclos::unauthorized_code;
    const auto& code = error.details().code;
    if (code == login) {
        const auto& user = error.details().user_status;
        const auto& password = error.details().password_status;
        if (!user.empty() && user != cyclos::user_status::active) {
            return "the user is " + split_words(caller.secrets.redact(user.text())) +
                   ": ask an administrator";
        }
        if (!password.empty() && password != cyclos::password_status::active) {
            return "the password is " + split_words(caller.secrets.redact(password.text())) +
                   advice_on(password);
        }
        return caller.kind == credential_kind::user
                   ? "the user name or the password is wrong: check --username and --password-file"
                   : "the server does not accept the credentials";
    }
    if (code == logged_out) {
        return "the session has expired: log in again and give the new token with --session-token";
    }
    if (code == missing_authorization) {
        return caller.kind == credential_kind::guest
                   ? "this operation requires credentials: give --username and a password, "
                     "--session-token or --access-client-token"
                   : "the credentials were sent but did not arrive: a proxy in front of the server "
                     "may remove them";
    }
    if (code == remote_address_blocked) {
        return "too many failed logins: the server has blocked this address; wait before you try "
               "again";
    }
    if (code == invalid_access_client) {
        return "the access client is unknown: activate it again and give the new token with "
               "--access-client-token";
    }
    if (code == blocked_access_client) {
        return "the access client is blocked: its user can unblock it";
    }
    if (code == invalid_channel_usage) {
        return "these credentials are not valid for this channel: give another --channel, or other "
               "credentials";
    }
    if (code == unauthorized_address) {
        return "the user may not log in from this address: ask an administrator to allow it";
    }
    if (code == invalid_network) {
        return std::string{"there is no such network"} + std::string{check_path_advice};
    }
    return code.empty() ? "the server does not accept the credentials"
                        : caller.secrets.redact(code.text());
}

std::string response_text(const cyclos::forbidden& error, const caller_identity& caller)
{
    using enum cyclos::forbidden_code;
    const auto& code = error.details().code;
    if (code == permission_denied) {
        return "the user has no permission to do that: log in as another user, or ask an "
               "administrator for the permission";
    }
    if (code == expired_password || code == reset_password) {
        return "the password must be changed first: log in at the web site and change it";
    }
    if (code == inaccessible_channel) {
        return "the user may not use this channel: give another --channel, or ask an administrator";
    }
    return code.empty() ? "that is not allowed" : caller.secrets.redact(code.text());
}

std::string response_text(const cyclos::not_found& error, const caller_identity& caller)
{
    const auto& [type, key] = error.details();
    if (!type) {
        return std::string{"there is no such object"} + std::string{check_path_advice};
    }
    return "there is no " + caller.secrets.redact(*type + (key ? " '" + *key + "'" : ""));
}

std::string response_text(const cyclos::conflict& error, const caller_identity& caller)
{
    const auto& code = error.details().code;
    if (code == cyclos::conflict_code::constraint_violated_on_remove) {
        return "it is in use and cannot be removed";
    }
    if (code == cyclos::conflict_code::stale_entity) {
        return "it was changed by someone else in the meantime: try again";
    }
    return code.empty() ? "the current state does not allow it"
                        : caller.secrets.redact(code.text());
}

void append(std::string& text, std::string_view more)
{
    text += text.empty() ? "" : "; ";
    text += more;
}

std::string response_text(const cyclos::input_error_body& body, const caller_identity& caller)
{
    std::string text;
    for (const auto& message : body.general_errors) {
        append(text, caller.secrets.redact(message));
    }
    for (const auto* errors : {&body.property_errors, &body.custom_field_errors}) {
        for (const auto& [property, messages] : *errors) {
            for (const auto& message : messages) {
                std::string line = property;
                line += ": ";
                line += message;
                append(text, caller.secrets.redact(line));
            }
        }
    }
    if (body.max_file_size) {
        append(text, "the maximum file size is " + human_size(*body.max_file_size) +
                         ": make the image smaller");
    }
    if (body.max_items) {
        append(text, "the limit is " + std::to_string(*body.max_items) +
                         " images: remove one with delete-image first");
    }
    if (body.name) {
        append(text, "parameter " + caller.secrets.redact(*body.name));
    }
    if (body.value) {
        append(text, "value '" + caller.secrets.redact(*body.value) + "'");
    }
    for (const auto& [property, inner] : body.errors) {
        append(text, caller.secrets.redact(property) + ": " + response_text(*inner, caller));
    }
    for (const auto& [property, elements] : body.indexed_errors) {
        for (const auto& inner : elements) {
            if (inner) {
                append(text,
                       caller.secrets.redact(property) + ": " + response_text(*inner, caller));
            }
        }
    }
    return text.empty() ? caller.secrets.redact(body.code.text()) : text;
}

std::string response_text(const cyclos::internal_server_error& error, const caller_identity& caller)
{
    const auto& body = error.details();
    std::string text = "an unexpected error occurred in the server";
    if (body.exception_type) {
        append(text, caller.secrets.redact(*body.exception_type));
    }
    if (body.input_error) {
        append(text, response_text(*body.input_error, caller));
    }
    return text;
}

std::string response_text(const cyclos::bad_request& error, const caller_identity& caller)
{
    return caller.secrets.redact(error.details().message ? *error.details().message
                                                         : error.details().code.text());
}

/// Explains an error response of Cyclos. Redacts secrets in text of the server, which may repeat
/// them, but not in text of this tool: a redacted word there would reveal that it is the password.
std::string response_text(const cyclos::api_error& error, const caller_identity& caller)
{
    if (const auto* e = dynamic_cast<const cyclos::unauthorized*>(&error)) {
        return response_text(*e, caller);
    }
    if (const auto* e = dynamic_cast<const cyclos::forbidden*>(&error)) {
        return response_text(*e, caller);
    }
    if (const auto* e = dynamic_cast<const cyclos::conflict*>(&error)) {
        return response_text(*e, caller);
    }
    if (const auto* e = dynamic_cast<const cyclos::not_found*>(&error)) {
        return response_text(*e, caller);
    }
    if (const auto* e = dynamic_cast<const cyclos::invalid_input*>(&error)) {
        return response_text(e->details(), caller);
    }
    if (const auto* e = dynamic_cast<const cyclos::internal_server_error*>(&error)) {
        return response_text(*e, caller);
    }
    if (const auto* e = dynamic_cast<const cyclos::bad_request*>(&error)) {
        return response_text(*e, caller);
    }
    return caller.secrets.redact(error.server_code());
}

/// Explains an error response that is not from Cyclos, but from a proxy or another server.
std::string foreign_response_text(const cyclos::api_error& error)
{
    std::string text;
    switch (error.status()) {
    case 401:
        text = "a server in front of the API requires other credentials: ask its operator";
        break;
    case 413:
        text = "the file is too large for the server or for a proxy in front of it: make the image "
               "smaller";
        break;
    case 415:
        text = "the server does not accept files of this type: send a PNG, JPEG or GIF";
        break;
    case 429: text = "too many requests: wait, or give --retries"; break;
    case 502:
    case 503:
    case 504: text = "a proxy cannot reach the server: wait, or give --retries"; break;
    default:
        text = is_html_page(error) ? "the response is a web page and not from the API" : "";
        break;
    }
    if (error.status() / 100 == 3 || error.status() == 404 || error.status() == 405) {
        text += check_path_advice;
    }
    if (error.status() == 400 && error.endpoint().starts_with("http://")) {
        text += "; if the server uses TLS, --url must begin with https://";
    }
    return text;
}

} // namespace

std::string describe(const cyclos::api_error& error, const caller_identity& caller)
{
    const bool is_foreign =
        error.server_code().empty() && !error.content_type().starts_with("application/json");
    const std::string text =
        is_foreign ? foreign_response_text(error) : response_text(error, caller);
    std::string line = error.code().message();
    if (!text.empty()) {
        line += text.starts_with(';') ? text : ": " + text;
    }
    if (error.status() >= 502 && error.status() <= 504) {
        // The response of a gateway does not tell whether the server has stored the image.
        line += describe_upload_state(error);
    }
    if (error.retry_after()) {
        line += "; try again in " + std::to_string(error.retry_after()->count()) + " s";
    }
    return line;
}

} // namespace tool
