//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_REQUIREMENTS_HPP
#define CYCLOS_DETAIL_REQUIREMENTS_HPP

// Fails with one clear message. Without these checks an unsupported compiler or OpenSSL produces
// pages of errors about undeclared names.

#if !(__cplusplus >= 202002L || (defined(_MSVC_LANG) && _MSVC_LANG >= 202002L))
#error "cyclos-images needs C++20 or later: compile with -std=c++20, or with /std:c++20."
#endif

#include <openssl/opensslv.h>

// The forks of OpenSSL have headers and version macros of the same names. LibreSSL and BoringSSL
// lack SSL_OP_CLEANSE_PLAINTEXT, SSL_free_buffers and the BIO methods that count in size_t, which
// tls_stream calls.
#if defined(LIBRESSL_VERSION_NUMBER) || defined(OPENSSL_IS_BORINGSSL) || defined(OPENSSL_IS_AWSLC)
#error "cyclos-images needs OpenSSL 3.0 or later: LibreSSL, BoringSSL and AWS-LC do not suffice."
#elif defined(OPENSSL_VERSION_NUMBER) && OPENSSL_VERSION_NUMBER < 0x30000000L
#error "cyclos-images needs OpenSSL 3.0 or later: the headers found are of an older version."
#endif

#endif // CYCLOS_DETAIL_REQUIREMENTS_HPP
