//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_TLS_STREAM_IPP
#define CYCLOS_NET_IMPL_TLS_STREAM_IPP

#include <cyclos/net/tls_stream.hpp>

#include <boost/asio/ip/address.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace cyclos::net {

CYCLOS_DECL void tls_stream::secure(std::shared_ptr<tls_context> context, const std::string& host)
{
    context_ = std::move(context);
    tls_.emplace(socket_, context_->native());
    SSL* const ssl = tls_->native_handle();

    // OpenSSL compares the names itself, so that its verdict can be told from other failures afterwards.
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(host, ec);
    if (ec) {
        SSL_set_tlsext_host_name(ssl, host.c_str());
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        SSL_set1_host(ssl, host.c_str());
    }
    else {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address.to_string().c_str());
    }
    context_->offer_session(ssl);
}

CYCLOS_DECL bool tls_stream::resumed() const
{
    return tls_ && SSL_session_reused(handle()) == 1;
}

CYCLOS_DECL std::string tls_stream::verify_failure() const
{
    const long verdict = tls_ ? SSL_get_verify_result(handle()) : X509_V_OK;
    return verdict == X509_V_OK ? std::string{} : X509_verify_cert_error_string(verdict);
}

CYCLOS_DECL bool tls_stream::host_mismatch() const
{
    const long verdict = tls_ ? SSL_get_verify_result(handle()) : X509_V_OK;
    return verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

CYCLOS_DECL void tls_stream::close() noexcept
{
    if (tls_) {
        // OpenSSL takes a session for broken, and not fit to be resumed, that was not shut down in order.
        SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
}

} // namespace cyclos::net

#endif // CYCLOS_NET_IMPL_TLS_STREAM_IPP
