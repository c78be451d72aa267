//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "tls_context.hpp"

#include <openssl/pem.h>

#include <string_view>

namespace cyclos::sandbox {

namespace {

openssl::bio memory_of(const std::string& text)
{
    openssl::bio memory{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    openssl::check(memory != nullptr, "making a BIO");
    return memory;
}

openssl::x509 read_certificate(const std::string& pem)
{
    openssl::x509 certificate{PEM_read_bio_X509(memory_of(pem).get(), nullptr, nullptr, nullptr)};
    openssl::check(certificate != nullptr, "reading a certificate");
    return certificate;
}

openssl::key read_key(const std::string& pem)
{
    openssl::key key{PEM_read_bio_PrivateKey(memory_of(pem).get(), nullptr, nullptr, nullptr)};
    openssl::check(key != nullptr, "reading a key");
    return key;
}

int version_number(tls_version version) noexcept
{
    return version == tls_version::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

void request_client_certificate(SSL_CTX* context, const options& opts, const authority& issuer)
{
    const auto ca = read_certificate(issuer.ca_pem());
    openssl::check(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) == 1,
                   "trusting the authority");
    openssl::check(SSL_CTX_add_client_CA(context, ca.get()) == 1, "naming the authority");
    const bool required = opts.client_certificate == client_certificate::required;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
}

} // namespace

openssl::context make_server_context(const options& opts, const authority& issuer)
{
    openssl::context context{SSL_CTX_new(TLS_server_method())};
    openssl::check(context != nullptr, "making a TLS context");
    auto* raw = context.get();

    const auto pem = issuer.issue_server(opts.certificate);
    openssl::check(SSL_CTX_use_certificate(raw, read_certificate(pem.certificate).get()) == 1,
                   "using a certificate");
    openssl::check(SSL_CTX_use_PrivateKey(raw, read_key(pem.key).get()) == 1, "using a key");
    openssl::check(SSL_CTX_set_min_proto_version(raw, version_number(opts.tls_min)) == 1,
                   "setting a TLS version");
    openssl::check(SSL_CTX_set_max_proto_version(raw, version_number(opts.tls_max)) == 1,
                   "setting a TLS version");
    if (opts.client_certificate != client_certificate::none)
        request_client_certificate(raw, opts, issuer);

    // Session tickets contain the state of the sessions, so the server needs no cache.
    constexpr std::string_view session_context = "cyclos-sandbox";
    SSL_CTX_set_session_id_context(raw,
                                   reinterpret_cast<const unsigned char*>(session_context.data()),
                                   static_cast<unsigned>(session_context.size()));
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    if (!opts.resumption) {
        SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(raw, 0);
    }

    SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(raw, 1);
    return context;
}

} // namespace cyclos::sandbox
