//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/temporary_directory.hpp"

#include <cyclos/detail/base/native_file.hpp>
#include <cyclos/detail/net/system_authorities.hpp>

#if defined(_WIN32)
#include <wincrypt.h>
// <wincrypt.h> defines macros with the names of OpenSSL types.
#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef PKCS7_ISSUER_AND_SERIAL
#undef OCSP_REQUEST
#undef OCSP_RESPONSE
#endif

#include <cyclos/sandbox/certificates.hpp>

#include <boost/asio/ssl/context.hpp>

#include <doctest/doctest.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace net = cyclos::net;
namespace ssl = boost::asio::ssl;
using cyclos::test::temporary_directory;

namespace {

struct deleter
{
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_STORE_CTX* verification) const { X509_STORE_CTX_free(verification); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};

using certificate = std::unique_ptr<X509, deleter>;

certificate from_pem(const std::string& pem)
{
    const std::unique_ptr<BIO, deleter> bio{
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    return certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
}

/// Whether the context trusts a certificate, apart from its validity period.
bool trusts(ssl::context& context, X509* shown)
{
    const std::unique_ptr<X509_STORE_CTX, deleter> verification{X509_STORE_CTX_new()};
    X509_STORE* const store = SSL_CTX_get_cert_store(context.native_handle());
    REQUIRE(X509_STORE_CTX_init(verification.get(), store, shown, nullptr) == 1);
    X509_STORE_CTX_set_flags(verification.get(), X509_V_FLAG_NO_CHECK_TIME);
    return X509_verify_cert(verification.get()) == 1;
}

void set_variable(const char* name, const std::string& value)
{
#if defined(_WIN32)
    _putenv_s(name, value.c_str());
#else
    ::setenv(name, value.c_str(), 1);
#endif
}

void remove_variable(const char* name)
{
#if defined(_WIN32)
    _putenv_s(name, "");
#else
    ::unsetenv(name);
#endif
}

#if defined(_WIN32)

/// The authorities in the system store.
std::vector<certificate> in_system_store()
{
    std::vector<certificate> all;
    const ::HCERTSTORE store = ::CertOpenSystemStoreW(0, L"ROOT");
    REQUIRE(store != nullptr);
    for (const ::CERT_CONTEXT* each = ::CertEnumCertificatesInStore(store, nullptr);
         each != nullptr; each = ::CertEnumCertificatesInStore(store, each)) {
        const unsigned char* bytes = each->pbCertEncoded;
        certificate one{d2i_X509(nullptr, &bytes, static_cast<long>(each->cbCertEncoded))};
        // Some stores contain certificates of other authorities.
        if (one != nullptr && X509_self_signed(one.get(), 0) == 1) {
            all.push_back(std::move(one));
        }
    }
    ::CertCloseStore(store, 0);
    return all;
}

/// The number of them that the context has in memory.
std::size_t copied_of(ssl::context& context, const std::vector<certificate>& all)
{
    const STACK_OF(X509_OBJECT)* const objects =
        X509_STORE_get0_objects(SSL_CTX_get_cert_store(context.native_handle()));
    std::size_t count = 0;
    for (const certificate& each : all) {
        for (int n = 0; n < sk_X509_OBJECT_num(objects); ++n) {
            const X509* const one = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, n));
            if (one != nullptr && X509_cmp(one, each.get()) == 0) {
                ++count;
                break;
            }
        }
    }
    return count;
}

std::size_t trusted_of(ssl::context& context, const std::vector<certificate>& all)
{
    std::size_t count = 0;
    for (const certificate& each : all) {
        count += trusts(context, each.get()) ? 1 : 0;
    }
    return count;
}

#endif

} // namespace

TEST_SUITE("system authorities")
{
    TEST_CASE("system authorities: SSL_CERT_FILE replaces them if it is set")
    {
        const cyclos::sandbox::authority listed;
        const cyclos::sandbox::authority other;
        const temporary_directory directory;
        const auto file = directory.write("authorities.pem", listed.ca_pem());
        set_variable("SSL_CERT_FILE", cyclos::detail::path_text(file));
        ssl::context context{ssl::context::tls_client};
        boost::system::error_code ec;
        net::trust_system_authorities(context.native_handle(), ec);
        remove_variable("SSL_CERT_FILE");
        REQUIRE_FALSE(ec);
        CHECK(trusts(context, from_pem(listed.issue_server().certificate).get()));
        CHECK_FALSE(trusts(context, from_pem(other.issue_server().certificate).get()));
    }

#if defined(_WIN32)
    TEST_CASE("system authorities: they are those of the system store")
    {
        const auto all = in_system_store();
        REQUIRE(all.size() > 10);
        ssl::context context{ssl::context::tls_client};
        CHECK(trusted_of(context, all) == 0);
        boost::system::error_code ec;
        net::trust_system_authorities(context.native_handle(), ec);
        REQUIRE_FALSE(ec);
        CHECK(trusted_of(context, all) == all.size());
        CHECK_FALSE(trusts(
            context, from_pem(cyclos::sandbox::authority{}.issue_server().certificate).get()));
    }

    TEST_CASE(
        "system authorities: a copy of the system store, for OpenSSL before 3.2, contains the same")
    {
        const auto all = in_system_store();
        REQUIRE(all.size() > 10);
        ssl::context context{ssl::context::tls_client};
        boost::system::error_code ec;
        net::copy_windows_store(SSL_CTX_get_cert_store(context.native_handle()), ec);
        REQUIRE_FALSE(ec);
        CHECK(copied_of(context, all) == all.size());
        CHECK(trusts(context, all.front().get()));
        CHECK_FALSE(trusts(
            context, from_pem(cyclos::sandbox::authority{}.issue_server().certificate).get()));
    }

    TEST_CASE("system authorities: OpenSSL 3.2 and later looks them up in the system store")
    {
        ssl::context context{ssl::context::tls_client};
        CHECK(net::use_windows_store(SSL_CTX_get_cert_store(context.native_handle())) ==
              (OPENSSL_VERSION_NUMBER >= 0x30200000L));
    }
#endif
}
