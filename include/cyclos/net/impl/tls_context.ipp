//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_TLS_CONTEXT_IPP
#define CYCLOS_NET_IMPL_TLS_CONTEXT_IPP

#include <cyclos/net/tls_context.hpp>

#include <cyclos/detail/native_file.hpp>
#include <cyclos/net/error.hpp>
#include <cyclos/net/session_cache.hpp>
#include <cyclos/net/system_authorities.hpp>

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

namespace cyclos::inline CYCLOS_ABI::net {

namespace detail {

// What is taken off a socket at once. Memory that nothing was read into costs nothing.
inline constexpr std::size_t read_ahead = 64 * 1024;

/// Gives OpenSSL the password of a private key, for as long as that is read. It asks in the terminal otherwise.
class key_password
{
public:
    key_password(SSL_CTX* context, const secret& password)
        : context_(context)
        , password_(password.view())
    {
        SSL_CTX_set_default_passwd_cb(context_, &key_password::give);
        SSL_CTX_set_default_passwd_cb_userdata(context_, this);
    }

    key_password(const key_password&) = delete;
    key_password& operator=(const key_password&) = delete;

    ~key_password()
    {
        SSL_CTX_set_default_passwd_cb(context_, nullptr);
        SSL_CTX_set_default_passwd_cb_userdata(context_, nullptr); // Asio would take it for its own
    }

private:
    static int give(char* target, int size, int /*for_encryption*/, void* self)
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

    const auto check = [](const error_code& ec, const std::string& what) {
        if (ec) {
            error_context where;
            where.detail = "tls: " + what + ": " + ec.message();
            where.cause = ec;
            throw error(errc::invalid_config, std::move(where));
        }
    };

    SSL_CTX* const native = context_.native_handle();
    SSL_CTX_set_min_proto_version(native,
                                  config.minimum_version == tls_version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE);
    // As many records as there are are taken off the socket at once, not each of them in two parts.
    SSL_CTX_set_read_ahead(native, 1);
    SSL_CTX_set_default_read_buffer_len(native, detail::read_ahead);
    // A write never has to wait for the peer, then.
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
    static constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(native, http_1_1.data(), static_cast<unsigned>(http_1_1.size()));

    error_code ec;
    if (config.system_authorities) {
        detail::trust_system_authorities(context_, ec);
        check(ec, "the authorities of the system");
    }
    if (!config.ca_file.empty()) {
        context_.load_verify_file(cyclos::detail::path_text(config.ca_file), ec);
        check(ec, "authorities in " + cyclos::detail::path_text(config.ca_file));
    }
    if (!config.ca_pem.empty()) {
        context_.add_certificate_authority(boost::asio::buffer(config.ca_pem), ec);
        check(ec, "authorities given as text");
    }
    if (config.certificate_file.empty() != config.private_key_file.empty()) {
        check(make_error_code(errc::invalid_config), "a client certificate and its private key go together");
    }
    if (!config.certificate_file.empty()) {
        context_.use_certificate_chain_file(cyclos::detail::path_text(config.certificate_file), ec);
        check(ec, "client certificate " + cyclos::detail::path_text(config.certificate_file));
        const detail::key_password password{native, config.private_key_password};
        context_.use_private_key_file(cyclos::detail::path_text(config.private_key_file), ssl::context::pem, ec);
        check(ec, "private key " + cyclos::detail::path_text(config.private_key_file));
    }
    // A certificate that the user trusts is trusted, and not only one that another one has issued to itself.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
    context_.set_verify_mode(config.verify ? ssl::verify_peer : ssl::verify_none, ec);
    check(ec, "verification");

    session_cache::prepare(native);
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_TLS_CONTEXT_IPP
