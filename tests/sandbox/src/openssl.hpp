//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_OPENSSL_HPP
#define CYCLOS_SANDBOX_SRC_OPENSSL_HPP

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace cyclos::sandbox::openssl {

template <auto Free>
struct deleter
{
    template <class T>
    void operator()(T* pointer) const noexcept
    {
        Free(pointer);
    }
};

using bio = std::unique_ptr<BIO, deleter<BIO_free>>;
using context = std::unique_ptr<SSL_CTX, deleter<SSL_CTX_free>>;
using connection = std::unique_ptr<SSL, deleter<SSL_free>>;
using digest = std::unique_ptr<EVP_MD_CTX, deleter<EVP_MD_CTX_free>>;
using key = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using x509 = std::unique_ptr<X509, deleter<X509_free>>;

/// Throws an exception with the last error of OpenSSL.
[[noreturn]] inline void fail(const char* operation)
{
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw std::runtime_error(std::string(operation) + ": " + text.data());
}

inline void check(bool succeeded, const char* operation)
{
    if (!succeeded)
        fail(operation);
}

} // namespace cyclos::sandbox::openssl

#endif // CYCLOS_SANDBOX_SRC_OPENSSL_HPP
