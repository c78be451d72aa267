//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_TLS_CONTEXT_HPP
#define CYCLOS_DETAIL_NET_TLS_CONTEXT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/tls_config.hpp>

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/// The SHA-256 digest of a public key.
using public_key_digest = std::array<unsigned char, 32>;

/** Parses a pin, such as `sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=`.

    @return Whether it is valid. The Base64 text must have its padding.
*/
CYCLOS_DECL bool parse_pin(std::string_view text, public_key_digest& pin);

/// The pin of a public key.
CYCLOS_DECL std::string to_pin(const public_key_digest& digest);

/** The TLS settings of a client's connections: trust anchors, verification, pins, client
    certificate.

    It is immutable after construction, so connections on several threads can share it. It must
    outlive its connections.
*/
class tls_context
{
public:
    /// @throws cyclos::error with errc::invalid_config if a file cannot be read or is not valid
    /// PEM.
    CYCLOS_DECL explicit tls_context(const tls_config& config);

    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context() = default;

    boost::asio::ssl::context& native() noexcept { return context_; }

    /// Whether the certificate and the host name of the server are verified.
    bool verifies() const noexcept { return verifies_; }

    /** Compares the public key of the server with the pins, if there are any. The handshake must be
        complete; a resumed session has the certificate of the first one.

        @param actual Receives the pin of the server's key if it is not one of them.
    */
    CYCLOS_DECL bool accepts_public_key(const SSL* ssl, std::string& actual) const;

private:
    CYCLOS_DECL void load_client_certificate(const tls_config& config);
    CYCLOS_DECL void enable_key_log(tls_key_log log);
    CYCLOS_DECL static int ex_data_index();
    CYCLOS_DECL static void on_key_log(const SSL* ssl, const char* line);

    boost::asio::ssl::context context_;
    bool verifies_;
    std::vector<public_key_digest> pins_;
    tls_key_log key_log_;
};

/// The TLS context for new connections. It can be replaced. Every function may be called on any
/// thread.
class current_tls_context
{
public:
    explicit current_tls_context(std::shared_ptr<tls_context> first)
        : context_(std::move(first))
    {}

    std::shared_ptr<tls_context> get() const
    {
        const std::lock_guard lock{mutex_};
        return context_;
    }

    void set(std::shared_ptr<tls_context> next)
    {
        const std::lock_guard lock{mutex_};
        context_.swap(next); // the destructor of the former one runs without the lock
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<tls_context> context_;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/tls_context.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_TLS_CONTEXT_HPP
