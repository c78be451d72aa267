//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_TLS_CONTEXT_IPP
#define CYCLOS_DETAIL_NET_IMPL_TLS_CONTEXT_IPP

#include <cyclos/detail/net/tls_context.hpp>

#include <cyclos/detail/base/native_file.hpp>
#include <cyclos/detail/net/session_cache.hpp>
#include <cyclos/detail/net/system_authorities.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/verify_mode.hpp>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

// The maximum that OpenSSL reads from a socket in one call. Pages of the buffer that were never
// written use no physical memory.
inline constexpr std::size_t read_buffer_size = 64 * 1024;

/// Passes the password of a private key to OpenSSL while the key is loaded. Without a callback,
/// OpenSSL would prompt for it in the terminal.
class key_password
{
public:
    key_password(SSL_CTX* context, const secret& password)
        : context_(context)
        , password_(password.view())
    {
        SSL_CTX_set_default_passwd_cb(context_, &key_password::copy_password);
        SSL_CTX_set_default_passwd_cb_userdata(context_, this);
    }

    key_password(const key_password&) = delete;
    key_password& operator=(const key_password&) = delete;

    ~key_password()
    {
        SSL_CTX_set_default_passwd_cb(context_, nullptr);
        // Otherwise Asio would treat it as its own callback object.
        SSL_CTX_set_default_passwd_cb_userdata(context_, nullptr);
    }

private:
    static int copy_password(char* target, int size, int /*for_encryption*/, void* self)
    {
        const std::string_view password = static_cast<key_password*>(self)->password_;
        if (password.empty() || password.size() > static_cast<std::size_t>(size)) {
            return -1;
        }
        std::memcpy(target, password.data(), password.size());
        return static_cast<int>(password.size());
    }

    SSL_CTX* context_;
    std::string_view password_;
};

} // namespace detail

CYCLOS_DECL tls_context::tls_context(const tls_config& config)
    : context_(boost::asio::ssl::context::tls_client)
{
    namespace ssl = boost::asio::ssl;

    const auto throw_if = [](const error_code& ec, const std::string& name) {
        if (ec) {
            error_context context;
            context.detail = "tls: " + name + ": " + ec.message();
            context.cause = ec;
            throw error(errc::invalid_config, std::move(context));
        }
    };

    SSL_CTX* const native = context_.native_handle();
    SSL_CTX_set_min_proto_version(
        native, config.minimum_version == tls_version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE);
    // Read as many records as are available in one call. By default OpenSSL reads each record in
    // two calls, header and content.
    SSL_CTX_set_read_ahead(native, 1);
    SSL_CTX_set_default_read_buffer_len(native, detail::read_buffer_size);
    // Without renegotiation a write never has to wait for data from the peer.
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
    static constexpr std::array<unsigned char, 9> alpn_http_1_1{8,   'h', 't', 't', 'p',
                                                                '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(native, alpn_http_1_1.data(),
                            static_cast<unsigned>(alpn_http_1_1.size()));

    error_code ec;
    const bool has_own_authorities = !config.ca_file.empty() || !config.ca_pem.empty();
    if (config.use_system_ca && !has_own_authorities) {
        trust_system_authorities(native, ec);
    }
    else if (config.use_system_ca) {
        add_system_authorities(native, ec);
    }
    throw_if(ec, "the authorities of the system");
    if (!config.ca_file.empty()) {
        context_.load_verify_file(cyclos::detail::path_text(config.ca_file), ec);
        throw_if(ec, "authorities in " + cyclos::detail::path_text(config.ca_file));
    }
    if (!config.ca_pem.empty()) {
        context_.add_certificate_authority(boost::asio::buffer(config.ca_pem), ec);
        throw_if(ec, "authorities given as text");
    }
    if (config.certificate_file.empty() != config.private_key_file.empty()) {
        throw_if(make_error_code(errc::invalid_config),
                 "a client certificate and its private key go together");
    }
    if (!config.certificate_file.empty()) {
        context_.use_certificate_chain_file(cyclos::detail::path_text(config.certificate_file), ec);
        throw_if(ec, "client certificate " + cyclos::detail::path_text(config.certificate_file));
        const detail::key_password password{native, config.private_key_password};
        context_.use_private_key_file(cyclos::detail::path_text(config.private_key_file),
                                      ssl::context::pem, ec);
        throw_if(ec, "private key " + cyclos::detail::path_text(config.private_key_file));
    }
    // Accept any certificate that the user trusts as a trust anchor, for example that of an
    // intermediate authority. By default only self-signed certificates are trust anchors.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
    context_.set_verify_mode(config.verify ? ssl::verify_peer : ssl::verify_none, ec);
    throw_if(ec, "verification");

    session_cache::enable(native);
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_TLS_CONTEXT_IPP
