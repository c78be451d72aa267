//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_SYSTEM_AUTHORITIES_HPP
#define CYCLOS_DETAIL_NET_SYSTEM_AUTHORITIES_HPP

#include <cyclos/detail/config.hpp>

#include <boost/system/error_code.hpp>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <memory>

// The certificate authorities of the system are those in OpenSSL's default directory and file, or
// in those that `SSL_CERT_DIR` and `SSL_CERT_FILE` name. On Windows that directory is usually
// empty, so the system's certificate store is used as well.
//
// The file has some 150 certificates. Reading them takes many milliseconds and 800 KiB, so this is
// done once in a process: shared_system_store() has the result. The certificates of the directory
// and of the Windows store are looked up one by one, when a verification needs them.
//
// A context that trusts nothing else uses the shared store itself. OpenSSL locks a store for each
// access, so several threads may verify with it. A context with further authorities has a store of
// its own, which refers to the same certificates: what is added to it is not in the shared store.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

struct store_deleter
{
    void operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }
};

/// A reference to a store of certificates.
using store_ptr = std::unique_ptr<X509_STORE, store_deleter>;

/** The store of the system's authorities that the clients of the process share. Nothing may be
    added to it.

    It is read at the first call, and again if the name, the size or the modification time of the
    file has changed since: a new client trusts the authorities that the file contains now. Contexts
    that use the former store keep it. The last one is kept until the process ends.
*/
CYCLOS_DECL store_ptr shared_system_store(boost::system::error_code& ec);

/// Makes the context trust the authorities of the system, and nothing else. Nothing may be added to
/// its store afterwards.
CYCLOS_DECL void trust_system_authorities(SSL_CTX* context, boost::system::error_code& ec);

/// Makes the context trust the authorities of the system, in addition to those of its own store.
CYCLOS_DECL void add_system_authorities(SSL_CTX* context, boost::system::error_code& ec);

#if defined(_WIN32)

/// Makes OpenSSL search the system's certificate store when it needs an authority. Requires OpenSSL
/// 3.2. @return Whether it does.
CYCLOS_DECL bool use_windows_store(X509_STORE* store);

/// Copies the authorities that are in the system's certificate store now.
CYCLOS_DECL void copy_windows_store(X509_STORE* store, boost::system::error_code& ec);

#endif

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/system_authorities.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_SYSTEM_AUTHORITIES_HPP
