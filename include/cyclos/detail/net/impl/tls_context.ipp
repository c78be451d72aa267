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
#include <cyclos/detail/base/printable.hpp>
#include <cyclos/detail/net/session_cache.hpp>
#include <cyclos/detail/net/system_authorities.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/verify_mode.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <new>
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

/// Throws if a part of the TLS configuration cannot be used.
inline void throw_tls_error_if(const error_code& ec, const std::string& name)
{
    if (ec) {
        error_context context;
        context.detail = "tls: " + name + ": " + ec.message();
        context.cause = ec;
        throw error(errc::invalid_config, std::move(context));
    }
}

inline constexpr std::string_view pin_prefix = "sha256//";

// The size of a digest in Base64, with one character of padding.
inline constexpr std::size_t encoded_digest_size = 44;

} // namespace detail

CYCLOS_DECL bool parse_pin(std::string_view text, public_key_digest& pin)
{
    if (!text.starts_with(detail::pin_prefix)) {
        return false;
    }
    const std::string_view encoded = text.substr(detail::pin_prefix.size());
    if (encoded.size() != detail::encoded_digest_size || !encoded.ends_with('=') ||
        encoded[encoded.size() - 2] == '=') {
        return false;
    }
    // OpenSSL writes the bytes of the padding too, and ignores white space.
    std::array<unsigned char, detail::encoded_digest_size / 4 * 3> decoded{};
    const int size =
        EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(encoded.data()),
                        static_cast<int>(encoded.size()));
    if (size != static_cast<int>(decoded.size())) {
        return false;
    }
    std::copy_n(decoded.begin(), pin.size(), pin.begin());
    return to_pin(pin) == text;
}

CYCLOS_DECL std::string to_pin(const public_key_digest& digest)
{
    std::array<unsigned char, detail::encoded_digest_size + 1> encoded{}; // with a terminating NUL
    EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
    return std::string{detail::pin_prefix} + reinterpret_cast<const char*>(encoded.data());
}

CYCLOS_DECL tls_context::tls_context(const tls_config& config)
    : context_(boost::asio::ssl::context::tls_client)
    , verifies_(config.verify)
{
    namespace ssl = boost::asio::ssl;
    const auto throw_if = detail::throw_tls_error_if;

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
    load_client_certificate(config);
    for (const std::string& text : config.pinned_public_keys) {
        if (!parse_pin(text, pins_.emplace_back())) {
            throw_if(make_error_code(errc::invalid_config),
                     "pinned_public_keys: \"" + cyclos::detail::printable(text) +
                         "\" is not sha256// and a digest in Base64");
        }
    }
    if (config.key_log) {
        enable_key_log(config.key_log);
    }
    // Accept any certificate that the user trusts as a trust anchor, for example that of an
    // intermediate authority. By default only self-signed certificates are trust anchors.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
    context_.set_verify_mode(config.verify ? ssl::verify_peer : ssl::verify_none, ec);
    throw_if(ec, "verification");

    session_cache::enable(native);
}

CYCLOS_DECL void tls_context::load_client_certificate(const tls_config& config)
{
    using boost::asio::ssl::context;
    const auto throw_if = detail::throw_tls_error_if;
    const bool has_certificate_file = !config.certificate_file.empty();
    const bool has_key_file = !config.private_key_file.empty();
    const bool has_certificate = has_certificate_file || !config.certificate_pem.empty();
    const bool has_key = has_key_file || !config.private_key_pem.empty();
    if (has_certificate != has_key) {
        throw_if(make_error_code(errc::invalid_config),
                 "a client certificate and its private key go together");
    }
    if ((has_certificate_file && !config.certificate_pem.empty()) ||
        (has_key_file && !config.private_key_pem.empty())) {
        throw_if(make_error_code(errc::invalid_config),
                 "a client certificate or its private key is given as a file and as text");
    }
    if (!has_certificate) {
        return;
    }
    const detail::key_password password{context_.native_handle(), config.private_key_password};
    error_code ec;
    if (has_certificate_file) {
        const std::string name = cyclos::detail::path_text(config.certificate_file);
        context_.use_certificate_chain_file(name, ec);
        throw_if(ec, "client certificate " + name);
    }
    else {
        context_.use_certificate_chain(boost::asio::buffer(config.certificate_pem), ec);
        throw_if(ec, "client certificate given as text");
    }
    if (has_key_file) {
        const std::string name = cyclos::detail::path_text(config.private_key_file);
        context_.use_private_key_file(name, context::pem, ec);
        throw_if(ec, "private key " + name);
    }
    else {
        context_.use_private_key(boost::asio::buffer(config.private_key_pem.view()), context::pem,
                                 ec);
        throw_if(ec, "private key given as text");
    }
    // OpenSSL compares a key only with a certificate of the same type when it takes the key.
    if (SSL_CTX_check_private_key(context_.native_handle()) != 1) {
        ERR_clear_error();
        throw_if(make_error_code(errc::invalid_config),
                 "the private key is not that of the client certificate");
    }
}

CYCLOS_DECL bool tls_context::accepts_public_key(const SSL* ssl, std::string& actual) const
{
    if (pins_.empty()) {
        return true;
    }
    const X509* const certificate = SSL_get0_peer_certificate(ssl);
    if (certificate == nullptr) {
        return false;
    }
    unsigned char* key = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
    if (size < 0) {
        return false;
    }
    public_key_digest digest{};
    unsigned digest_size = 0;
    const bool hashed = EVP_Digest(key, static_cast<std::size_t>(size), digest.data(), &digest_size,
                                   EVP_sha256(), nullptr) == 1;
    OPENSSL_free(key);
    if (!hashed) {
        return false;
    }
    actual = to_pin(digest);
    return std::ranges::find(pins_, digest) != pins_.end();
}

CYCLOS_DECL int tls_context::ex_data_index()
{
    static const int number = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return number;
}

CYCLOS_DECL void tls_context::enable_key_log(tls_key_log log)
{
    key_log_ = std::move(log);
    SSL_CTX* const native = context_.native_handle();
    if (SSL_CTX_set_ex_data(native, ex_data_index(), this) != 1) {
        throw std::bad_alloc();
    }
    SSL_CTX_set_keylog_callback(native, &tls_context::on_key_log);
}

CYCLOS_DECL void tls_context::on_key_log(const SSL* ssl, const char* line)
{
    const void* const self = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), ex_data_index());
    try {
        static_cast<const tls_context*>(self)->key_log_(line);
    }
    catch (...) { // NOLINT(bugprone-empty-catch): an exception must not pass through OpenSSL
    }
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_TLS_CONTEXT_IPP
