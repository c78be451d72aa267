//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "advice.hpp"

#include "text.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <string_view>

namespace tool {
namespace {

constexpr std::string_view check_the_path =
    "; is the path of --url right? That of a Cyclos API ends with /api, behind the network's name if there is one";

/// Whether the server's answer is a page for people: of a proxy, or of something else than the API.
bool is_page(const cyclos::api_error& error)
{
    return error.content_type().starts_with("text/html");
}

std::string answer(const cyclos::unauthorized& error)
{
    using enum cyclos::unauthorized_code;
    const auto& code = error.details().code;
    if (code == login) {
        const auto& user = error.details().user_status;
        const auto& password = error.details().password_status;
        if (!user.empty() && user != cyclos::user_status::active) {
            return "the user is " + std::string{user.text()};
        }
        if (!password.empty() && password != cyclos::password_status::active) {
            return "the password is " + std::string{password.text()};
        }
        return "the user name or the password is wrong";
    }
    if (code == logged_out) {
        return "the session has ended: log in again";
    }
    if (code == missing_authorization) {
        return "this needs credentials: --username with a password, --session-token or --access-client-token";
    }
    if (code == remote_address_blocked) {
        return "too many wrong logins: the server has blocked this address for a while";
    }
    if (code == invalid_access_client || code == blocked_access_client) {
        return "the access client is not known or blocked";
    }
    if (code == invalid_network) {
        return std::string{"there is no such network"} + std::string{check_the_path};
    }
    return code.empty() ? "the server does not accept the credentials" : std::string{code.text()};
}

std::string answer(const cyclos::forbidden& error)
{
    using enum cyclos::forbidden_code;
    const auto& code = error.details().code;
    if (code == permission_denied) {
        return "the user may not do that";
    }
    if (code == expired_password || code == reset_password) {
        return "the password has to be changed first";
    }
    if (code == inaccessible_channel) {
        return "the user may not use this channel";
    }
    return code.empty() ? "that is not allowed" : std::string{code.text()};
}

std::string answer(const cyclos::not_found& error)
{
    const auto& [type, key] = error.details();
    if (!type) {
        return "there is no such thing";
    }
    return "there is no " + *type + (key ? " '" + *key + "'" : "");
}

std::string answer(const cyclos::conflict& error)
{
    const auto& code = error.details().code;
    if (code == cyclos::conflict_code::constraint_violated_on_remove) {
        return "it is in use, so it cannot be removed";
    }
    if (code == cyclos::conflict_code::stale_entity) {
        return "somebody else has changed it meanwhile: try again";
    }
    return code.empty() ? "the present state does not allow it" : std::string{code.text()};
}

void append(std::string& text, std::string_view more)
{
    text += text.empty() ? "" : "; ";
    text += more;
}

std::string answer(const cyclos::input_error_body& body)
{
    std::string text;
    for (const auto& message : body.general_errors) {
        append(text, message);
    }
    for (const auto* errors : {&body.property_errors, &body.custom_field_errors}) {
        for (const auto& [property, messages] : *errors) {
            const std::string where = property + ": ";
            for (const auto& message : messages) {
                append(text, where + message);
            }
        }
    }
    if (body.max_file_size) {
        append(text, "a file may have " + human_size(*body.max_file_size) + " at most");
    }
    if (body.max_items) {
        append(text, "there may be " + std::to_string(*body.max_items) + " images at most");
    }
    if (body.name) {
        append(text, "parameter " + *body.name);
    }
    if (body.value) {
        append(text, "value '" + *body.value + "'");
    }
    for (const auto& [property, inner] : body.errors) {
        append(text, property + ": " + answer(*inner));
    }
    for (const auto& [property, elements] : body.indexed_errors) {
        for (const auto& inner : elements) {
            if (inner) {
                append(text, property + ": " + answer(*inner));
            }
        }
    }
    return text.empty() ? std::string{body.code.text()} : text;
}

std::string answer(const cyclos::unexpected& error)
{
    const auto& body = error.details();
    std::string text = "the server met something unexpected";
    if (body.exception_type) {
        append(text, *body.exception_type);
    }
    if (body.input_error) {
        append(text, answer(*body.input_error));
    }
    return text;
}

std::string answer(const cyclos::bad_request& error)
{
    return error.details().message.value_or(std::string{error.details().code.text()});
}

/** What the server says, where it says it as Cyclos does.

    Where its own words are part of that, they may repeat what it was sent.
*/
std::string answer_of(const cyclos::api_error& error, const secrets& hidden)
{
    if (const auto* e = dynamic_cast<const cyclos::unauthorized*>(&error)) {
        return answer(*e);
    }
    if (const auto* e = dynamic_cast<const cyclos::forbidden*>(&error)) {
        return answer(*e);
    }
    if (const auto* e = dynamic_cast<const cyclos::conflict*>(&error)) {
        return answer(*e);
    }
    if (const auto* e = dynamic_cast<const cyclos::not_found*>(&error)) {
        return hidden.blot(answer(*e));
    }
    if (const auto* e = dynamic_cast<const cyclos::invalid_input*>(&error)) {
        return hidden.blot(answer(e->details()));
    }
    if (const auto* e = dynamic_cast<const cyclos::unexpected*>(&error)) {
        return hidden.blot(answer(*e));
    }
    if (const auto* e = dynamic_cast<const cyclos::bad_request*>(&error)) {
        return hidden.blot(answer(*e));
    }
    return hidden.blot(error.code_text());
}

/// What is not Cyclos' own: a proxy before it, or something else altogether.
std::string answer_of_stranger(const cyclos::api_error& error)
{
    std::string text;
    switch (error.status()) {
    case 401: text = "not the API, but something before it, wants other credentials"; break;
    case 413: text = "the server, or a proxy before it, takes no file that large"; break;
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

bool has_ssl_reason(const cyclos::error_code& code, int reason)
{
    return code.category() == boost::asio::error::get_ssl_category() &&
           ERR_GET_REASON(static_cast<unsigned long>(code.value())) == reason;
}

std::string describe_handshake(const cyclos::error& error)
{
    const auto& code = error.code();
    const auto& detail = error.context().detail;
    std::string text = "no TLS connection with " + error.endpoint() + ": ";
    if (code == cyclos::errc::host_name_mismatch) {
        return text + "the certificate is for another host";
    }
    if (has_ssl_reason(code, SSL_R_CERTIFICATE_VERIFY_FAILED)) {
        return text + "the certificate is not trusted" + (detail.empty() ? "" : " (" + detail + ")") +
               "; --ca-file names the authority of a server that has its own";
    }
    if (has_ssl_reason(code, SSL_R_WRONG_VERSION_NUMBER) || has_ssl_reason(code, SSL_R_HTTP_REQUEST)) {
        return text + "what listens there does not speak TLS; is the port of --url right?";
    }
    return text + code.message();
}

std::string describe_refused(const cyclos::error& error)
{
    const auto& detail = error.context().detail;
    if (error.code() == cyclos::errc::insecure_transport) {
        return "credentials would go out in clear: --url has to begin with https://, unless the host is this one";
    }
    if (error.code() == cyclos::errc::source_failed && !detail.empty()) {
        return "cannot read " + detail;
    }
    return error.code().message() + (detail.empty() ? "" : ": " + detail);
}

std::string describe_exchange(const cyclos::error& error)
{
    const auto& detail = error.context().detail;
    const bool plain = error.endpoint().starts_with("http://");
    std::string text = error.endpoint() + ": ";
    if (error.code() == cyclos::errc::target_failed || error.code() == cyclos::errc::target_exists) {
        return error.code().message() + ": " + detail;
    }
    text += error.code().message() + " while " + std::string{to_string(error.phase())};
    text += detail.empty() ? "" : " (" + detail + ")";
    if (error.code() == cyclos::errc::unexpected_response) {
        text += check_the_path;
    }
    else if (plain &&
             (error.code() == cyclos::errc::connection_lost || error.code() == cyclos::errc::malformed_response)) {
        text += "; does --url have to begin with https://?";
    }
    return text;
}

std::string describe_failure(const cyclos::error& error, const secrets& hidden)
{
    if (error.is_refused()) {
        return describe_refused(error);
    }
    const std::string why = error.code().message();
    switch (error.phase()) {
    case cyclos::phase::resolving: return "cannot find the host of " + error.endpoint() + ": " + why;
    case cyclos::phase::connecting: {
        const std::string detail = hidden.blot(error.context().detail); // maybe of a proxy
        return "cannot connect to " + error.endpoint() + ": " + why + (detail.empty() ? "" : " (" + detail + ")");
    }
    case cyclos::phase::handshaking: return describe_handshake(error);
    default: return describe_exchange(error);
    }
}

} // namespace

std::string describe(const cyclos::api_error& error, const secrets& hidden)
{
    const bool stranger = error.code_text().empty() && !error.content_type().starts_with("application/json");
    const std::string text = stranger ? answer_of_stranger(error) : answer_of(error, hidden);
    std::string line = error.code().message();
    if (!text.empty()) {
        line += text.starts_with(';') ? text : ": " + text;
    }
    if (error.retry_after()) {
        line += "; try again in " + std::to_string(error.retry_after()->count()) + " s";
    }
    return line;
}

std::string describe(const cyclos::error& error, const secrets& hidden)
{
    return describe_failure(error, hidden) + what_became_of_it(error);
}

std::string what_became_of_it(const cyclos::error& error)
{
    if (!error.operation().starts_with("upload_")) {
        return {};
    }
    switch (error.sent()) {
    case cyclos::sent_state::no: return "; nothing was sent";
    case cyclos::sent_state::partly: return "; it was sent in part, so the image is not stored";
    case cyclos::sent_state::yes: return "; it was sent whole, so the image may be stored: look before you repeat it";
    }
    return {};
}

} // namespace tool
