//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_CERTIFICATES_HPP
#define CYCLOS_SANDBOX_CERTIFICATES_HPP

#include <cyclos/sandbox/options.hpp>

#include <memory>
#include <string>

namespace cyclos::sandbox {

/// A certificate and its private key, both in PEM format.
struct credentials_pem
{
    std::string certificate = {};
    std::string key = {};
};

/// A certificate authority with a new ECDSA P-256 key. No other program trusts it.
class authority
{
public:
    explicit authority(const std::string& common_name = "cyclos-sandbox CA");
    ~authority();
    authority(authority&&) noexcept;
    authority& operator=(authority&&) noexcept;

    /// Returns the certificate of the authority itself.
    std::string ca_pem() const;

    /// Issues a server certificate, which is invalid in the way that @p quality says.
    credentials_pem issue_server(certificate quality = certificate::good) const;

    /// Issues the certificate of an intermediate authority.
    authority issue_authority(const std::string& common_name) const;

    /// Issues a client certificate.
    credentials_pem issue_client(const std::string& common_name) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_CERTIFICATES_HPP
