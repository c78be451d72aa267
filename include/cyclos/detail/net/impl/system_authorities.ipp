//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_SYSTEM_AUTHORITIES_IPP
#define CYCLOS_DETAIL_NET_IMPL_SYSTEM_AUTHORITIES_IPP

#include <cyclos/detail/net/system_authorities.hpp>

#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>

#if defined(_WIN32)
#include <cyclos/detail/base/native_file.hpp>

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

/// The last error of OpenSSL on this thread.
inline boost::system::error_code last_ssl_error()
{
    return {static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category()};
}

/// The locations of the system's authorities, and the time of the last change of their file.
class authorities_stamp
{
public:
    /// The current stamp.
    static authorities_stamp now()
    {
        authorities_stamp stamp;
        stamp.file = name(X509_get_default_cert_file_env(), X509_get_default_cert_file());
        stamp.directory = name(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
        std::error_code missing; // both values are constants then
        stamp.size = std::filesystem::file_size(stamp.file, missing);
        stamp.changed = std::filesystem::last_write_time(stamp.file, missing);
        return stamp;
    }

    friend bool operator==(const authorities_stamp&, const authorities_stamp&) = default;

    std::string file;
    std::string directory;
    std::uintmax_t size = 0;
    std::filesystem::file_time_type changed;

private:
    static std::string name(const char* variable, const char* by_default)
    {
        const char* const value = std::getenv(variable);
        return value != nullptr ? value : by_default;
    }
};

/// The state that all clients of the process share.
struct shared_authorities
{
    std::mutex mutex; // protects all members
    authorities_stamp stamp;
    store_ptr store;
};

inline store_ptr read_system_store(boost::system::error_code& ec)
{
    store_ptr store{X509_STORE_new()};
    if (!store || X509_STORE_set_default_paths(store.get()) != 1) {
        ec = last_ssl_error();
        return nullptr;
    }
#if defined(_WIN32)
    if (!use_windows_store(store.get())) {
        copy_windows_store(store.get(), ec);
    }
#endif
    return store;
}

/// Adds the certificates that another store has in memory. @return Whether it succeeded.
inline bool add_certificates(X509_STORE* target, X509_STORE* source)
{
    bool success = true;
    X509_STORE_lock(source); // a verification on another thread may add one from the directory
    const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(source);
    for (int n = 0; success && n < sk_X509_OBJECT_num(objects); ++n) {
        X509* const certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, n));
        success = certificate == nullptr || X509_STORE_add_cert(target, certificate) == 1;
    }
    X509_STORE_unlock(source);
    return success;
}

/// Makes OpenSSL search the directory of the system's authorities when it needs one.
inline bool use_default_directory(X509_STORE* store)
{
    X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    return lookup != nullptr && X509_LOOKUP_add_dir(lookup, nullptr, X509_FILETYPE_DEFAULT) == 1;
}

} // namespace detail

CYCLOS_DECL store_ptr shared_system_store(boost::system::error_code& ec)
{
    ec.clear();
    // Never destroyed: static objects of the program may still construct and destroy clients, and
    // OpenSSL may have freed its own data before.
    static detail::shared_authorities& shared = *new detail::shared_authorities;
    const std::lock_guard lock{shared.mutex};
    auto stamp = detail::authorities_stamp::now();
    if (!shared.store || !(stamp == shared.stamp)) {
        store_ptr store = detail::read_system_store(ec);
        if (ec) {
            return nullptr;
        }
        shared.store = std::move(store);
        shared.stamp = std::move(stamp);
    }
    X509_STORE_up_ref(shared.store.get());
    return store_ptr{shared.store.get()};
}

CYCLOS_DECL void trust_system_authorities(SSL_CTX* context, boost::system::error_code& ec)
{
    if (const store_ptr shared = shared_system_store(ec)) {
        SSL_CTX_set1_cert_store(context, shared.get());
    }
}

CYCLOS_DECL void add_system_authorities(SSL_CTX* context, boost::system::error_code& ec)
{
    const store_ptr shared = shared_system_store(ec);
    if (!shared) {
        return;
    }
    X509_STORE* const own = SSL_CTX_get_cert_store(context);
    if (!detail::add_certificates(own, shared.get()) || !detail::use_default_directory(own)) {
        ec = detail::last_ssl_error();
        return;
    }
#if defined(_WIN32)
    use_windows_store(own); // otherwise its certificates are copied already
#endif
}

#if defined(_WIN32)

CYCLOS_DECL bool use_windows_store(X509_STORE* store)
{
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    if (X509_STORE_load_store(store, "org.openssl.winstore://") == 1) {
        return true;
    }
    // This OpenSSL was built without the store.
    ERR_clear_error();
#else
    static_cast<void>(store);
#endif
    return false;
}

CYCLOS_DECL void copy_windows_store(X509_STORE* store, boost::system::error_code& ec)
{
    const ::HCERTSTORE source = ::CertOpenSystemStoreW(0, L"ROOT");
    if (source == nullptr) {
        ec = cyclos::detail::last_system_error();
        return;
    }
    for (const ::CERT_CONTEXT* entry = ::CertEnumCertificatesInStore(source, nullptr);
         entry != nullptr; entry = ::CertEnumCertificatesInStore(source, entry)) {
        const unsigned char* bytes = entry->pbCertEncoded;
        // Skip certificates that OpenSSL cannot parse; the others are still trusted.
        if (X509* const certificate =
                d2i_X509(nullptr, &bytes, static_cast<long>(entry->cbCertEncoded))) {
            X509_STORE_add_cert(store, certificate);
            X509_free(certificate);
        }
    }
    ERR_clear_error();
    ::CertCloseStore(source, 0);
}

#endif

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_SYSTEM_AUTHORITIES_IPP
