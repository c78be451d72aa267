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

/// Whether a certificate is refused because of the dates in it; these are OpenSSL's words.
bool is_about_time(std::string_view detail)
{
    return detail.find("expired") != detail.npos || detail.find("not yet valid") != detail.npos;
}

std::string describe_handshake(const cyclos::error& error, const std::string& detail)
{
    const auto& code = error.code();
    std::string text = "no TLS connection with " + error.endpoint() + ": ";
    if (code == cyclos::errc::host_name_mismatch) {
        return text + "the certificate is for another host; --url has to name the one that it was issued for";
    }
    if (has_ssl_reason(code, SSL_R_CERTIFICATE_VERIFY_FAILED)) {
        text += "the certificate is not trusted" + (detail.empty() ? "" : " (" + detail + ")");
        return text + (is_about_time(detail) ? "; the server needs a new one, unless the clock of this machine is wrong"
                                             : "; --ca-file names the authority of a server that has its own");
    }
    if (has_ssl_reason(code, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE)) { // of TLS 1.2 too, whatever it is called
        return text + code.message() + "; if it wants a certificate of yours, give --client-cert and --client-key";
    }
    if (has_ssl_reason(code, SSL_R_WRONG_VERSION_NUMBER) || has_ssl_reason(code, SSL_R_HTTP_REQUEST)) {
        return text + "what listens there does not speak TLS; is the port of --url right?";
    }
    text += code.message();
    return code.category() == boost::asio::error::get_ssl_category()
               ? text
               : text + "; is the port of --url right, and is it one for TLS?";
}

std::string describe_refused(const cyclos::error& error)
{
    const auto& detail = error.context().detail;
    if (error.code() == cyclos::errc::insecure_transport) {
        return "credentials would go out in clear: --url has to begin with https://, unless the host is this one";
    }
    if (error.code() == cyclos::errc::source_failed && error.cause() == boost::system::errc::operation_not_supported) {
        // What is behind the semicolon are the sources of the library.
        return "cannot read " + detail.substr(0, detail.rfind(';')) +
               "; give - as the file, and its content on standard input";
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
    if (error.code() == cyclos::errc::target_failed || error.code() == cyclos::errc::target_exists) {
        return "cannot write " + detail;
    }
    text += error.code().message() + " while " + std::string{to_string(error.phase())};
    text += detail.empty() ? "" : " (" + detail + ")";
    if (error.code() == cyclos::errc::unexpected_response) {
        text += check_the_path;
    }
    else if (detail.find("certificate required") != detail.npos) { // with TLS 1.3 the server says so afterwards
        text += "; give --client-cert and --client-key";
    }
    else if (plain && error.code() == cyclos::errc::connection_lost) {
        // How many servers answer to plain HTTP where they expect TLS: not at all.
        text += "; does --url have to begin with https://?";
    }
    else if (error.code() == cyclos::errc::malformed_response && detail.starts_with("not HTTP")) {
        text += "; is it a web server that listens there? Look at the scheme and the port of --url";
    }
    return text;
}

/// @param detail Perhaps a proxy's own words.
std::string describe_connect(const cyclos::error& error, const std::string& detail)
{
    std::string text = "cannot connect to " + error.endpoint() + ": " + error.code().message() +
                       (detail.empty() ? "" : " (" + detail + ")");
    if (error.code() == cyclos::errc::proxy_refused) {
        return text + (detail.find(" 407") != detail.npos
                           ? "; it wants credentials: give --proxy http://user:password@host:port"
                           : "; is --proxy right, and may it be used for this server?");
    }
    if (error.code() == boost::asio::error::connection_refused) {
        return text + "; does the server run, and is the port of --url right?";
    }
    return text + "; where only a proxy leads out of this network, give --proxy";
}

std::string describe_failure(const cyclos::error& error, const secrets& hidden)
{
    // Of a certificate, of a proxy or of a response: their words.
    const std::string detail = hidden.blot(error.context().detail);
    if (error.is_refused()) {
        return describe_refused(error);
    }
    const std::string why = error.code().message();
    switch (error.phase()) {
    case cyclos::phase::resolving:
        if (!can_open_more()) {
            return "cannot look up the host for " + error.endpoint() +
                   ": too many files are open; a higher limit helps, see ulimit -n";
        }
        return "cannot find the host for " + error.endpoint() + ": " + why +
               "; is it spelt right in --url, or in --proxy where one is given?";
    case cyclos::phase::connecting: return describe_connect(error, detail);
    case cyclos::phase::handshaking: return describe_handshake(error, detail);
    default: return describe_exchange(error, detail);
    }
}

} // namespace

std::string describe(const cyclos::error& error, const caller& from)
{
    return describe_failure(error, from.hidden) + what_became_of_it(error);
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
