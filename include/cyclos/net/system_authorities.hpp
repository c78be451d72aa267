//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_SYSTEM_AUTHORITIES_HPP
#define CYCLOS_NET_SYSTEM_AUTHORITIES_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#if defined(_WIN32)
#include <cyclos/detail/native_file.hpp>

#include <openssl/x509.h>

#include <wincrypt.h>
// OpenSSL has types of these names.
#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef PKCS7_ISSUER_AND_SERIAL
#undef OCSP_REQUEST
#undef OCSP_RESPONSE
#endif

namespace cyclos::inline CYCLOS_ABI::net::detail {

#if defined(_WIN32)

/// Has OpenSSL look into the system's store whenever it needs an authority. From OpenSSL 3.2 on.
inline bool use_system_store(boost::asio::ssl::context& context)
{
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    if (SSL_CTX_load_verify_store(context.native_handle(), "org.openssl.winstore://") == 1) {
        return true;
    }
    ERR_clear_error(); // an OpenSSL that was built without it
#else
    static_cast<void>(context);
#endif
    return false;
}

/// Copies the authorities that the system's store has now.
inline void copy_system_store(boost::asio::ssl::context& context, boost::system::error_code& ec)
{
    const ::HCERTSTORE store = ::CertOpenSystemStoreW(0, L"ROOT");
    if (store == nullptr) {
        ec = cyclos::detail::last_system_error();
        return;
    }
    X509_STORE* const trusted = SSL_CTX_get_cert_store(context.native_handle());
    for (const ::CERT_CONTEXT* each = ::CertEnumCertificatesInStore(store, nullptr); each != nullptr;
         each = ::CertEnumCertificatesInStore(store, each)) {
        const unsigned char* bytes = each->pbCertEncoded;
        // One that OpenSSL cannot read is no reason to trust none of the others.
        if (X509* const certificate = d2i_X509(nullptr, &bytes, static_cast<long>(each->cbCertEncoded))) {
            X509_STORE_add_cert(trusted, certificate);
            X509_free(certificate);
        }
    }
    ERR_clear_error();
    ::CertCloseStore(store, 0);
}

#endif

/** Trusts the certificate authorities of the system.

    OpenSSL's own folder and file, and what `SSL_CERT_DIR` and `SSL_CERT_FILE` say in their place; on Windows the
    system's store besides, since nothing is in that folder there.
*/
inline void trust_system_authorities(boost::asio::ssl::context& context, boost::system::error_code& ec)
{
    context.set_default_verify_paths(ec);
#if defined(_WIN32)
    if (!ec && !use_system_store(context)) {
        copy_system_store(context, ec);
    }
#endif
}

} // namespace cyclos::inline CYCLOS_ABI::net::detail

#endif // CYCLOS_NET_SYSTEM_AUTHORITIES_HPP
