//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "advice.hpp"

#include "platform.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <string_view>

namespace tool {
namespace {

bool has_ssl_reason(const cyclos::error_code& code, int reason)
{
    return code.category() == boost::asio::error::get_ssl_category() &&
           ERR_GET_REASON(static_cast<unsigned long>(code.value())) == reason;
}

/// Whether a certificate is rejected because of its validity period, according to OpenSSL's
/// message.
bool is_validity_error(std::string_view detail)
{
    return detail.find("expired") != detail.npos || detail.find("not yet valid") != detail.npos;
}

std::string describe_handshake(const cyclos::error& error, const std::string& detail)
{
    const auto& code = error.code();
    std::string text = "cannot establish TLS with " + error.endpoint() + ": ";
    if (code == cyclos::errc::host_name_mismatch) {
        return text + "the certificate is for another host; --url must name the host that it was "
                      "issued for";
    }
    if (has_ssl_reason(code, SSL_R_CERTIFICATE_VERIFY_FAILED)) {
        text += "the certificate is not trusted" + (detail.empty() ? "" : " (" + detail + ")");
        return text +
               (is_validity_error(detail)
                    ? "; the server needs a new certificate, unless the clock of this machine is "
                      "wrong"
                    : "; if the server uses its own certificate authority, give --ca-file");
    }
    // Despite its name, this is the alert of TLS 1.2, too.
    if (has_ssl_reason(code, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE)) {
        return text + code.message() +
               "; if the server requires a client certificate, give --client-cert and --client-key";
    }
    if (has_ssl_reason(code, SSL_R_WRONG_VERSION_NUMBER) ||
        has_ssl_reason(code, SSL_R_HTTP_REQUEST)) {
        return text + "the server does not use TLS on this port; check the port in --url";
    }
    text += code.message();
    return code.category() == boost::asio::error::get_ssl_category()
               ? text
               : text + "; check that the port in --url is right and uses TLS";
}

std::string describe_rejection(const cyclos::error& error)
{
    const auto& detail = error.context().detail;
    if (error.code() == cyclos::errc::insecure_transport) {
        return "credentials would be sent in clear text: --url must begin with https://, unless "
               "the "
               "host is this machine";
    }
    if (error.code() == cyclos::errc::source_failed &&
        error.cause() == boost::system::errc::operation_not_supported) {
        // After the semicolon, the library recommends classes of its own, which do not help here.
        return "cannot read " + detail.substr(0, detail.rfind(';')) +
               "; give - as the file and pass its content on standard input";
    }
    if (error.code() == cyclos::errc::source_failed && !detail.empty()) {
        return "cannot read " + detail;
    }
    return error.code().message() + (detail.empty() ? "" : ": " + detail);
}

std::string describe_exchange(const cyclos::error& error, const std::string& detail)
{
    const bool plain = error.endpoint().starts_with("http://");
    std::string text = error.endpoint() + ": ";
    if (error.code() == cyclos::errc::target_failed ||
        error.code() == cyclos::errc::target_exists) {
        return "cannot write " + detail;
    }
    text += error.code().message() + " while " + std::string{to_string(error.phase())};
    text += detail.empty() ? "" : " (" + detail + ")";
    if (error.code() == cyclos::errc::unexpected_response) {
        text += check_path_advice;
    }
    else if (detail.find("certificate required") != detail.npos) {
        // A TLS 1.3 server sends this alert after the client has completed the handshake.
        text += "; give --client-cert and --client-key";
    }
    else if (plain && error.code() == cyclos::errc::connection_lost) {
        // Many TLS servers close a connection without a response if the client sends plain HTTP.
        text += "; if the server uses TLS, --url must begin with https://";
    }
    else if (error.code() == cyclos::errc::malformed_response && detail.starts_with("not HTTP")) {
        text += "; this is not an HTTP server: check the scheme and the port in --url";
    }
    return text;
}

/// @param detail May contain the response of a proxy.
std::string describe_connect(const cyclos::error& error, const std::string& detail)
{
    std::string text = "cannot connect to " + error.endpoint() + ": " + error.code().message() +
                       (detail.empty() ? "" : " (" + detail + ")");
    if (error.code() == cyclos::errc::proxy_refused) {
        return text + (detail.find(" 407") != detail.npos
                           ? "; it requires credentials: give --proxy "
                             "http://user:password@host:port"
                           : "; check --proxy, and whether the proxy allows this server");
    }
    if (error.code() == boost::asio::error::connection_refused) {
        return text + "; check that the server is running and that the port in --url is right";
    }
    return text + "; if this network requires a proxy, give --proxy";
}

std::string describe_failure(const cyclos::error& error, const secrets& hidden)
{
    // It may quote a certificate, a proxy or a response.
    const std::string detail = hidden.redact(error.context().detail);
    if (error.is_rejected_locally()) {
        return describe_rejection(error);
    }
    const std::string reason = error.code().message();
    switch (error.phase()) {
    case cyclos::phase::resolving:
        if (!can_open_descriptor()) {
            return "cannot resolve the host for " + error.endpoint() +
                   ": too many files are open; raise the limit, see ulimit -n";
        }
        return "cannot resolve the host for " + error.endpoint() + ": " + reason +
               "; check its spelling in --url, or in --proxy if one is given";
    case cyclos::phase::connecting: return describe_connect(error, detail);
    case cyclos::phase::handshaking: return describe_handshake(error, detail);
    default: return describe_exchange(error, detail);
    }
}

} // namespace

std::string describe(const cyclos::error& error, const caller_identity& caller)
{
    return describe_failure(error, caller.secrets) + describe_upload_state(error);
}

std::string describe_upload_state(const cyclos::error& error)
{
    if (!error.operation().starts_with("upload_")) {
        return {};
    }
    switch (error.sent()) {
    case cyclos::sent_state::none: return "; nothing was sent";
    case cyclos::sent_state::partial:
        return "; the request was sent in part, so the image is not stored";
    case cyclos::sent_state::complete:
        return "; the request was sent completely, so the image may be stored: check before you "
               "repeat the upload";
    }
    return {};
}

} // namespace tool
