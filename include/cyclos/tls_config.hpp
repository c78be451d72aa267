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
#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// A minimum version of TLS.
enum class tls_version {
    tls_1_2, ///< TLS 1.2 or later.
    tls_1_3  ///< TLS 1.3 or later.
};

/** TLS: server verification and client certificate.

    By default, the certificate authorities of the system are trusted, and the certificate must
    match the host of the base URL by its subject alternative name. The common name is ignored
    (RFC 9525).

    The constructor of @ref client loads the files. It throws errc::invalid_config if that fails.
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

    /// The client certificate with its chain (PEM). Requires @ref private_key_file.
    std::filesystem::path certificate_file = {};

    /// The private key of the client certificate (PEM).
    std::filesystem::path private_key_file = {};

    /// The password of the private key, if it is encrypted. OpenSSL never prompts for it.
    secret private_key_password = {};

    /// The lowest version of TLS to accept.
    tls_version minimum_version = tls_version::tls_1_2;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_TLS_CONFIG_HPP
