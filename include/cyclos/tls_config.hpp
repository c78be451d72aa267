//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TLS_CONFIG_HPP
#define CYCLOS_TLS_CONFIG_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/secret.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// A minimum version of TLS.
enum class tls_version {
    tls_1_2, ///< TLS 1.2 or later.
    tls_1_3  ///< TLS 1.3 or later.
};

/** Receives the secrets of TLS connections, one line at a time, in the format of NSS
    (`SSLKEYLOGFILE`), without a line break.

    Whoever has them can decrypt the recorded traffic: for debugging only.

    It is called during handshakes, on the executors of the client: with several shards, on several
    threads at the same time. It must not block. Exceptions are ignored.
*/
using tls_key_log = std::function<void(std::string_view line)>;

/** TLS: server verification and client certificate.

    By default, the certificate authorities of the system are trusted, and the certificate must
    match the host of the base URL by its subject alternative name. The common name is ignored
    (RFC 9525).

    The constructor of @ref client and client::set_tls() load the files. They throw
    errc::invalid_config if that fails.
*/
class tls_config
{
public:
    /// Verifies the certificate of the server, and its host name. Turn this off in experiments
    /// only.
    bool verify = true;

    /** Trusts the certificate authorities of the system, in addition to those below.

        The clients of a process share them: only the first one reads their file, and then a client
        that is constructed after the file was changed. */
    bool use_system_ca = true;

    /** A file of certificate authorities (PEM).

        Each certificate in it is a trust anchor, even if it is that of an intermediate authority or
        of the server itself: a chain need not lead to a root. curl, Go and Python do the same. */
    std::filesystem::path ca_file = {};

    /// Certificate authorities as PEM text.
    std::string ca_pem = {};

    /** Pins of public keys: the public key of the server's certificate must be one of these. Empty:
        any key.

        Each pin is the SHA-256 digest of the key (SubjectPublicKeyInfo, DER) in Base64, after
        `sha256//`, as for curl: `sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=`. The key is
        compared right after the handshake, before any byte of a request is sent, and in addition to
        the verification of the certificate. (A client certificate is sent during the handshake.)
        Another key is errc::public_key_mismatch. Pin the next key as well, so that the server can
        change its key. */
    std::vector<std::string> pinned_public_keys = {};

    /// The client certificate with its chain (PEM). Requires a private key.
    std::filesystem::path certificate_file = {};

    /// The same as PEM text.
    std::string certificate_pem = {};

    /// The private key of the client certificate (PEM).
    std::filesystem::path private_key_file = {};

    /// The same as PEM text.
    secret private_key_pem = {};

    /// The password of the private key, if it is encrypted. OpenSSL never prompts for it.
    secret private_key_password = {};

    /// The lowest version of TLS to accept.
    tls_version minimum_version = tls_version::tls_1_2;

    /// Receives the secrets of the connections, for debugging with a network analyser. The
    /// environment variable `SSLKEYLOGFILE` has no effect.
    tls_key_log key_log = {};
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_TLS_CONFIG_HPP
