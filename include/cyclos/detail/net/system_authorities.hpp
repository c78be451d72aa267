//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_SYSTEM_AUTHORITIES_HPP
#define CYCLOS_DETAIL_NET_SYSTEM_AUTHORITIES_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#if defined(_WIN32)
#include <cyclos/detail/base/native_file.hpp>

#include <openssl/x509.h>

#include <wincrypt.h>
// <wincrypt.h> defines macros with the names of OpenSSL types.
#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef PKCS7_ISSUER_AND_SERIAL
#undef OCSP_REQUEST
#undef OCSP_RESPONSE
#endif

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {
namespace detail {

#if defined(_WIN32)

/// Makes OpenSSL search the system's certificate store when it needs an authority. Requires OpenSSL
/// 3.2.
inline bool use_system_store(boost::asio::ssl::context& context)
{
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    if (SSL_CTX_load_verify_store(context.native_handle(), "org.openssl.winstore://") == 1) {
        return true;
    }
    // This OpenSSL was built without the store.
    ERR_clear_error();
#else
    static_cast<void>(context);
#endif
    return false;
}

/// Copies the authorities that are in the system's certificate store now.
inline void copy_system_store(boost::asio::ssl::context& context, boost::system::error_code& ec)
{
    const ::HCERTSTORE store = ::CertOpenSystemStoreW(0, L"ROOT");
    if (store == nullptr) {
        ec = cyclos::detail::last_system_error();
        return;
    }
    X509_STORE* const trusted = SSL_CTX_get_cert_store(context.native_handle());
    for (const ::CERT_CONTEXT* entry = ::CertEnumCertificatesInStore(store, nullptr);
         entry != nullptr; entry = ::CertEnumCertificatesInStore(store, entry)) {
        const unsigned char* bytes = entry->pbCertEncoded;
        // Skip certificates that OpenSSL cannot parse; the others are still trusted.
        if (X509* const certificate =
                d2i_X509(nullptr, &bytes, static_cast<long>(entry->cbCertEncoded))) {
            X509_STORE_add_cert(trusted, certificate);
            X509_free(certificate);
        }
    }
    ERR_clear_error();
    ::CertCloseStore(store, 0);
}

#endif

/** Trusts the certificate authorities of the system.

    These are in OpenSSL's default directory and file, or those that `SSL_CERT_DIR` and
    `SSL_CERT_FILE` name. On Windows that directory is usually empty, so the system's certificate
    store is used as well.
*/
inline void trust_system_authorities(boost::asio::ssl::context& context,
                                     boost::system::error_code& ec)
{
    context.set_default_verify_paths(ec);
#if defined(_WIN32)
    if (!ec && !use_system_store(context)) {
        copy_system_store(context, ec);
    }
#endif
}

} // namespace detail
} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_SYSTEM_AUTHORITIES_HPP
