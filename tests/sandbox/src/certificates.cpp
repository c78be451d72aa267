//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/sandbox/certificates.hpp>

#include "openssl.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>

namespace cyclos::sandbox {

namespace {

constexpr long day = 24 * 60 * 60;

openssl::key make_key()
{
    openssl::key key{EVP_EC_gen("P-256")};
    openssl::check(key != nullptr, "making a key");
    return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value)
{
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    auto* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    openssl::check(extension != nullptr, "making an extension");
    const bool added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    openssl::check(added, "adding an extension");
}

// Creates a certificate with a random serial number, which still has to be signed. The limits of
// its validity are in seconds from now.
openssl::x509 make_certificate(EVP_PKEY* key, const std::string& common_name,
                               long not_before = -day, long not_after = 30 * day)
{
    openssl::x509 certificate{X509_new()};
    openssl::check(certificate != nullptr, "making a certificate");
    X509_set_version(certificate.get(), X509_VERSION_3);

    std::uint64_t serial = 0;
    openssl::check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1,
                   "making a serial number");
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);

    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), not_before);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), not_after);
    X509_set_pubkey(certificate.get(), key);
    auto* subject = X509_get_subject_name(certificate.get());
    const auto* name = reinterpret_cast<const unsigned char*>(common_name.c_str());
    openssl::check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1,
                   "naming a subject");
    return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key)
{
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    openssl::check(X509_sign(certificate, issuer_key, EVP_sha256()) != 0, "signing a certificate");
}

std::string text_of(BIO* memory)
{
    const char* data = nullptr;
    const auto size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate)
{
    openssl::bio memory{BIO_new(BIO_s_mem())};
    openssl::check(memory && PEM_write_bio_X509(memory.get(), certificate) == 1,
                   "writing a certificate");
    return text_of(memory.get());
}

std::string to_pem(EVP_PKEY* key)
{
    openssl::bio memory{BIO_new(BIO_s_mem())};
    openssl::check(memory && PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0,
                                                      nullptr, nullptr) == 1,
                   "writing a key");
    return text_of(memory.get());
}

} // namespace

struct authority::impl
{
    openssl::key key = make_key();
    openssl::x509 certificate;

    explicit impl(const std::string& common_name)
        : certificate(make_certificate(key.get(), common_name))
    {
        auto* own = certificate.get();
        add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
        add_extension(own, own, NID_subject_key_identifier, "hash");
        sign(own, own, key.get());
    }

    void certify(X509* leaf, const char* usage) const
    {
        add_extension(leaf, certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
        add_extension(leaf, certificate.get(), NID_key_usage, "critical,digitalSignature");
        add_extension(leaf, certificate.get(), NID_ext_key_usage, usage);
        add_extension(leaf, certificate.get(), NID_authority_key_identifier, "keyid:always");
        sign(leaf, certificate.get(), key.get());
    }
};

authority::authority(const std::string& common_name)
    : impl_(std::make_unique<impl>(common_name))
{}

authority::~authority() = default;
authority::authority(authority&&) noexcept = default;
authority& authority::operator=(authority&&) noexcept = default;

std::string authority::ca_pem() const
{
    return to_pem(impl_->certificate.get());
}

credentials_pem authority::issue_server(sandbox::certificate quality) const
{
    // getaddrinfo takes 127.1 for an IPv4 address, but clients take it for the name of another
    // host.
    const auto* names = quality == certificate::wrong_host
                            ? "DNS:elsewhere.invalid"
                            : "DNS:localhost,DNS:127.1,IP:127.0.0.1,IP:::1";
    const auto* subject = quality == certificate::wrong_host ? "elsewhere.invalid" : "localhost";
    const auto not_before = quality == certificate::expired         ? -30 * day
                            : quality == certificate::not_yet_valid ? day
                                                                    : -day;
    const auto not_after = quality == certificate::expired ? -day : 30 * day;

    const auto key = make_key();
    const auto leaf = make_certificate(key.get(), subject, not_before, not_after);
    if (quality != certificate::common_name)
        add_extension(leaf.get(), leaf.get(), NID_subject_alt_name, names);
    if (quality == certificate::self_signed)
        sign(leaf.get(), leaf.get(), key.get());
    else if (quality == certificate::unknown_ca)
        impl("Unknown CA").certify(leaf.get(), "serverAuth");
    else
        impl_->certify(leaf.get(), "serverAuth");
    return {to_pem(leaf.get()), to_pem(key.get())};
}

authority authority::issue_authority(const std::string& common_name) const
{
    authority issued{common_name};
    auto* own = issued.impl_->certificate.get();
    sign(own, impl_->certificate.get(), impl_->key.get());
    return issued;
}

credentials_pem authority::issue_client(const std::string& common_name) const
{
    const auto key = make_key();
    const auto leaf = make_certificate(key.get(), common_name);
    impl_->certify(leaf.get(), "clientAuth");
    return {to_pem(leaf.get()), to_pem(key.get())};
}

} // namespace cyclos::sandbox
