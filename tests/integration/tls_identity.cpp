//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Client certificates from memory, renewal of TLS settings, pinned public keys, and the key log.

#include "integration/support/freed_memory.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::sandbox::client_certificate;
using cyclos::sandbox::tls_version;

const std::string key_password = "a long password of a private key";

/// The key, encrypted with the password.
std::string encrypted(const std::string& key)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> in{
        BIO_new_mem_buf(key.data(), static_cast<int>(key.size())), &BIO_free};
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> plain{
        PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
    const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), &BIO_free};
    REQUIRE(PEM_write_bio_PKCS8PrivateKey(
                out.get(), plain.get(), EVP_aes_256_cbc(), key_password.data(),
                static_cast<int>(key_password.size()), nullptr, nullptr) == 1);
    std::string text(BIO_ctrl_pending(out.get()), '\0');
    BIO_read(out.get(), text.data(), static_cast<int>(text.size()));
    return text;
}

/// The pin of the server's key, as another TLS client computes it.
std::string pin_of(const cyclos::sandbox::server& server)
{
    asio::io_context context;
    asio::ssl::context tls{asio::ssl::context::tls_client};
    asio::ssl::stream<asio::ip::tcp::socket> stream{context, tls};
    stream.lowest_layer().connect({asio::ip::address_v4::loopback(), server.port()});
    stream.handshake(asio::ssl::stream_base::client);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{
        SSL_get1_peer_certificate(stream.native_handle()), &X509_free};
    unsigned char* key = nullptr;
    const int size = i2d_PUBKEY(X509_get0_pubkey(certificate.get()), &key);
    std::array<unsigned char, 32> digest{};
    EVP_Digest(key, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(), nullptr);
    OPENSSL_free(key);
    std::array<unsigned char, 45> encoded{};
    EVP_EncodeBlock(encoded.data(), digest.data(), 32);
    return std::string{"sha256//"} + reinterpret_cast<const char*>(encoded.data());
}

/// A private key of another type than those of the embedded server.
std::string rsa_key()
{
    EVP_PKEY* const key = EVP_RSA_gen(2048);
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    std::string pem{text, static_cast<std::size_t>(size)};
    BIO_free(memory);
    EVP_PKEY_free(key);
    return pem;
}

const std::string another_pin = "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=";

/// Closes the idle connections, so that the next request needs a new one.
void close_idle(sandbox_session& session)
{
    session.server.close_idle();
    session.until([&] { return session.stats().idle == 0; });
}

void close_idle(cyclos::sandbox::server& server, client_session& session)
{
    server.close_idle();
    session.until([&] { return session.stats().idle == 0; });
}

/// The detail of the error with which the constructor of a client rejects the settings.
std::string rejected(const cyclos::config& settings)
{
    asio::io_context context;
    try {
        const cyclos::client client{context, settings};
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == errc::invalid_config);
        return e.context().detail;
    }
    return {};
}

} // namespace

TEST_SUITE("client certificate from memory")
{
    TEST_CASE("client certificate from memory: it is sent like one from files")
    {
        const temporary_directory directory;
        cyclos::sandbox::server server{{.client_certificate = client_certificate::required}};
        const auto pem = server.issue_client_certificate("the-client");
        auto settings = config_for(server, demo());
        for (const bool certificate_file : {false, true}) {
            for (const bool encrypt : {false, true}) {
                settings.tls.certificate_pem = certificate_file ? "" : pem.certificate;
                settings.tls.certificate_file =
                    certificate_file ? directory.write("client.pem", pem.certificate) : "";
                settings.tls.private_key_pem = encrypt ? encrypted(pem.key) : pem.key;
                settings.tls.private_key_password = encrypt ? key_password : "";
                client_session session{settings};
                CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
                CHECK(server.requests().back().client_subject == "the-client");
            }
        }
    }

    TEST_CASE("client certificate from memory: it is rejected if it is malformed, incomplete, or "
              "given twice")
    {
        const cyclos::sandbox::authority authority;
        const auto pem = authority.issue_client("the-client");
        const auto other = authority.issue_client("another");
        const auto rejected_with = [](const adjustment& adjust) {
            cyclos::config settings{"https://localhost/api"};
            adjust(settings);
            return rejected(settings);
        };
        CHECK(rejected_with([&](auto& c) { c.tls.certificate_pem = pem.certificate; }) != "");
        CHECK(rejected_with([&](auto& c) { c.tls.private_key_pem = pem.key; }) != "");
        CHECK(rejected_with([&](auto& c) {
                  c.tls.certificate_pem = "none";
                  c.tls.private_key_pem = pem.key;
              }).find("client certificate given as text") != std::string::npos);
        for (const std::string& key : {std::string{"none"}, other.key, encrypted(pem.key)}) {
            const std::string reason = rejected_with([&](auto& c) {
                c.tls.certificate_pem = pem.certificate;
                c.tls.private_key_pem = key;
            });
            CHECK(reason.find("private key given as text") != std::string::npos);
        }
        const std::string of_other_type = rejected_with([&](auto& c) {
            c.tls.certificate_pem = pem.certificate;
            c.tls.private_key_pem = rsa_key();
        });
        CHECK(of_other_type.find("not that of the client certificate") != std::string::npos);
        CHECK(rejected_with([&](auto& c) {
                  c.tls.certificate_pem = pem.certificate;
                  c.tls.private_key_pem = pem.key;
                  c.tls.certificate_file = "client.pem";
              }).find("as a file and as text") != std::string::npos);
        CHECK(rejected_with([&](auto& c) {
                  c.tls.certificate_pem = pem.certificate;
                  c.tls.private_key_pem = pem.key;
                  c.tls.private_key_file = "client.key";
              }).find("as a file and as text") != std::string::npos);
    }

    TEST_CASE(
        "client certificate from memory: neither its key nor the password is left on the heap")
    {
        if (!freed_memory::available) {
            return;
        }
        cyclos::sandbox::server server{{.client_certificate = client_certificate::required}};
        const auto pem = server.issue_client_certificate("the-client");
        static const std::string key = encrypted(pem.key);
        static const std::string line = key.substr(key.find('\n') + 1, 64);
        const freed_memory heap{{key_password, line}};
        {
            auto settings = config_for(server, demo());
            settings.tls.certificate_pem = pem.certificate;
            settings.tls.private_key_pem = key;
            settings.tls.private_key_password = key_password;
            client_session session{settings};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            session.client.set_tls(settings.tls);
        }
        CHECK(heap.blocks() > 100);
        CHECK(heap.found() == 0);
    }
}

TEST_SUITE("renewed TLS settings")
{
    TEST_CASE("renewed TLS settings: new connections use them, and resume no earlier session")
    {
        for (const auto version : {tls_version::v1_2, tls_version::v1_3}) {
            cyclos::sandbox::server server{{.client_certificate = client_certificate::required,
                                            .tls_min = version,
                                            .tls_max = version}};
            auto settings = config_for(server, demo());
            const auto use = [&](const std::string& name) {
                const auto pem = server.issue_client_certificate(name);
                settings.tls.certificate_pem = pem.certificate;
                settings.tls.private_key_pem = pem.key;
            };
            use("the first");
            client_session session{settings};
            const auto subject = [&] {
                CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
                return server.requests().back().client_subject;
            };
            CHECK(subject() == "the first");
            use("the second");
            session.client.set_tls(settings.tls);
            CHECK(subject() == "the first"); // the open connection is kept
            close_idle(server, session);
            CHECK(subject() == "the second");
            CHECK(session.stats().resumed == 0);
            close_idle(server, session);
            CHECK(subject() == "the second");
            CHECK(session.stats().resumed == 1);
        }
    }

    TEST_CASE("renewed TLS settings: they apply to all shards, and may be set on another thread")
    {
        cyclos::sandbox::server server{{.client_certificate = client_certificate::required}};
        auto settings = config_for(server, demo());
        settings.shards = 2;
        client_session session{settings};
        const auto pem = server.issue_client_certificate("the-client");
        settings.tls.certificate_pem = pem.certificate;
        settings.tls.private_key_pem = pem.key;
        std::thread{[&] { session.client.set_tls(settings.tls); }}.join();
        std::vector<std::future<cyclos::image_view>> views;
        for (const std::size_t shard : {0U, 1U}) {
            views.push_back(asio::co_spawn(session.client.shard_executor(shard),
                                           session.images.view_image(fixture::portrait),
                                           asio::use_future));
        }
        for (auto& each : views) {
            CHECK(session.get(std::move(each)).width == 64);
        }
        CHECK(server.statistics().accepted == 2);
    }

    TEST_CASE("renewed TLS settings: invalid settings change nothing")
    {
        sandbox_session session;
        cyclos::tls_config settings;
        settings.ca_pem = "no certificate";
        CHECK_THROWS_AS(session.client.set_tls(settings), cyclos::error);
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        close_idle(session);
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.stats().resumed == 1);
    }

    TEST_CASE("renewed TLS settings: they are rejected for plain HTTP")
    {
        sandbox_session session{{.tls = false}};
        CHECK_THROWS_AS(session.client.set_tls({}), cyclos::error);
    }
}

TEST_SUITE("pinned public keys")
{
    TEST_CASE("pinned public keys: another key is rejected before anything is sent, with and "
              "without verification of the certificate")
    {
        for (const bool verify : {true, false}) {
            sandbox_session session{{}, [&](cyclos::config& c) {
                                        c.tls.verify = verify;
                                        c.tls.pinned_public_keys = {another_pin};
                                    }};
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(failure_of(outcome) ==
                  failure{errc::public_key_mismatch, phase::handshaking, sent_state::none, 0});
            CHECK(outcome.error().kind() == "transport");
            CHECK(outcome.error().context().detail.find(pin_of(session.server)) !=
                  std::string::npos);
            CHECK(session.server.statistics().requests == 0);
        }
    }

    TEST_CASE("pinned public keys: a pinned key is accepted, also in a resumed session")
    {
        for (const auto version : {tls_version::v1_2, tls_version::v1_3}) {
            cyclos::sandbox::server server{{.tls_min = version, .tls_max = version}};
            auto settings = config_for(server, demo());
            settings.tls.pinned_public_keys = {another_pin, pin_of(server)};
            client_session session{settings};
            for (int n = 0; n < 2; ++n) {
                CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
                close_idle(server, session);
            }
            CHECK(session.stats().resumed == 1);
            settings.tls.pinned_public_keys = {another_pin};
            session.client.set_tls(settings.tls);
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(outcome.error().code() == errc::public_key_mismatch);
        }
    }

    TEST_CASE("pinned public keys: a pin does not replace the verification of the certificate")
    {
        cyclos::sandbox::server server;
        auto settings = config_for(server, demo());
        settings.tls.ca_file.clear();
        settings.tls.pinned_public_keys = {pin_of(server)};
        client_session session{settings};
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(outcome.error().code().category() == asio::error::get_ssl_category());
        CHECK(server.statistics().requests == 0);
    }

    TEST_CASE("pinned public keys: malformed pins and pins for plain HTTP are rejected")
    {
        cyclos::config settings{"https://localhost/api"};
        settings.tls.use_system_ca = false;
        settings.tls.pinned_public_keys = {another_pin, "sha256//abc"};
        CHECK(rejected(settings).find("sha256//abc") != std::string::npos);
        settings.tls.pinned_public_keys = {another_pin};
        CHECK(rejected(settings) == "");
        settings.base_url = "http://localhost/api";
        CHECK(rejected(settings).find("tls.pinned_public_keys") != std::string::npos);
    }
}

TEST_SUITE("TLS key log")
{
    TEST_CASE("TLS key log: it receives the secrets of each connection, and may throw")
    {
        std::vector<std::string> lines;
        sandbox_session session{{}, [&](cyclos::config& c) {
                                    c.tls.key_log = [&](std::string_view line) {
                                        lines.emplace_back(line);
                                        throw std::runtime_error{"no space left"};
                                    };
                                }};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        std::string all;
        for (const std::string& line : lines) {
            CHECK(line.find('\n') == std::string::npos);
            all += line;
        }
        for (const std::string name :
             {"CLIENT_HANDSHAKE_TRAFFIC_SECRET ", "SERVER_HANDSHAKE_TRAFFIC_SECRET ",
              "CLIENT_TRAFFIC_SECRET_0 ", "SERVER_TRAFFIC_SECRET_0 "}) {
            CHECK(all.find(name) != std::string::npos);
        }
    }
}
