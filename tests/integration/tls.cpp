//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Verification of servers, client certificates, and failures of both.

#include "integration/support/freed_memory.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/sanitized.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/ssl/error.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>
#include <string_view>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace cyclos::test;
using cyclos::sandbox::certificate;
using cyclos::sandbox::client_certificate;

cyclos::sandbox::options with(certificate quality)
{
    cyclos::sandbox::options options;
    options.certificate = quality;
    return options;
}

/// Replaces the host of the base URL, so that the certificate must be valid for it.
adjustment by_host(std::string_view host)
{
    return [=](cyclos::config& c) {
        const auto begin = c.base_url.find("localhost");
        c.base_url.replace(begin, 9, host);
    };
}

/// The reason of a rejected server. It must have received nothing.
std::string refusal(const cyclos::sandbox::options& options, const adjustment& adjust = {})
{
    sandbox_session session{options, adjust};
    const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
    CHECK(outcome.error().phase() == phase::handshaking);
    CHECK(outcome.error().sent() == sent_state::none);
    CHECK(outcome.error().attempts() == 0);
    CHECK(outcome.error().code().category() == asio::error::get_ssl_category());
    CHECK(session.server.statistics().requests == 0);
    CHECK(session.stats().connect_failures >= 1);
    return outcome.error().context().detail;
}

failure connection_failure(const cyclos::error_code& code)
{
    return {code, phase::handshaking, sent_state::none, 0};
}

} // namespace

TEST_SUITE("server certificate")
{
    TEST_CASE("server certificate: one of an untrusted authority is rejected")
    {
        CHECK(refusal(with(certificate::unknown_ca)).find("unable to get local issuer") !=
              std::string::npos);
        CHECK(refusal(with(certificate::self_signed)).find("self") != std::string::npos);
        // The authority of the server is trusted only because it is configured.
        CHECK(refusal({}, [](cyclos::config& c) { c.tls.ca_file.clear(); }) != "");
        CHECK(refusal({}, [](cyclos::config& c) {
                  c.tls.ca_file.clear();
                  c.tls.use_system_ca = true;
              }) != "");
    }

    TEST_CASE("server certificate: one that is expired or not yet valid is rejected")
    {
        CHECK(refusal(with(certificate::expired)).find("expired") != std::string::npos);
        CHECK(refusal(with(certificate::not_yet_valid)).find("not yet valid") != std::string::npos);
    }

    TEST_CASE("server certificate: one for another host is rejected")
    {
        for (const std::string_view host : {"localhost", "127.0.0.1"}) {
            sandbox_session session{with(certificate::wrong_host), by_host(host)};
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(failure_of(outcome) == connection_failure(errc::host_name_mismatch));
            CHECK(session.server.statistics().requests == 0);
        }
    }

    TEST_CASE("server certificate: host names and IP addresses are verified")
    {
        for (const std::string_view host : {"localhost", "127.0.0.1"}) {
            CAPTURE(host);
            sandbox_session session{{}, by_host(host)};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.last_request().server_name == (host == "localhost" ? host : ""));
        }
    }

    TEST_CASE("server certificate: the authority may be given as PEM text")
    {
        cyclos::sandbox::server server;
        auto settings = config_for(server, demo());
        settings.tls.ca_file.clear();
        settings.tls.ca_pem = server.ca_pem();
        client_session session{settings};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("server certificate: any certificate is accepted without verification")
    {
        for (const auto quality :
             {certificate::unknown_ca, certificate::self_signed, certificate::expired,
              certificate::not_yet_valid, certificate::wrong_host}) {
            sandbox_session session{with(quality), [](cyclos::config& c) {
                                        c.tls.ca_file.clear();
                                        c.tls.verify = false;
                                    }};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        }
    }
}

TEST_SUITE("TLS versions")
{
    using cyclos::sandbox::tls_version;

    TEST_CASE("TLS versions: 1.2 and 1.3 are accepted")
    {
        for (const auto version : {tls_version::v1_2, tls_version::v1_3}) {
            sandbox_session session{{.tls_min = version, .tls_max = version}};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(session.last_request().tls_version ==
                  (version == tls_version::v1_2 ? "TLSv1.2" : "TLSv1.3"));
        }
    }

    TEST_CASE("TLS versions: 1.2 is rejected if the minimum is 1.3")
    {
        CHECK_NOTHROW(refusal({.tls_max = tls_version::v1_2}, [](cyclos::config& c) {
            c.tls.minimum_version = cyclos::tls_version::tls_1_3;
        }));
        sandbox_session session{
            {}, [](cyclos::config& c) { c.tls.minimum_version = cyclos::tls_version::tls_1_3; }};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    }

    TEST_CASE("TLS versions: a session is resumed on the next connection")
    {
        for (const auto version : {tls_version::v1_2, tls_version::v1_3}) {
            sandbox_session session{{.tls_min = version, .tls_max = version}};
            for (int i = 0; i < 3; ++i) {
                CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
                session.server.close_idle();
                session.until([&] { return session.stats().idle == 0; });
            }
            CHECK(session.server.statistics().handshakes_full == 1);
            CHECK(session.server.statistics().handshakes_resumed == 2);
            CHECK(session.stats().resumed == 2);
        }
    }

    TEST_CASE("TLS versions: connecting works without resumption")
    {
        sandbox_session session{{.resumption = false}};
        for (int i = 0; i < 2; ++i) {
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            session.server.close_idle();
            session.until([&] { return session.stats().idle == 0; });
        }
        CHECK(session.server.statistics().handshakes_full == 2);
        CHECK(session.stats().resumed == 0);
    }
}

TEST_SUITE("client certificate")
{
    using cyclos::sandbox::tls_version;

    TEST_CASE("client certificate: it is sent if configured")
    {
        const temporary_directory directory;
        cyclos::sandbox::server server{{.client_certificate = client_certificate::required}};
        const auto pem = server.issue_client_certificate("the-client");
        auto settings = config_for(server, demo());
        settings.tls.certificate_file = directory.write("client.pem", pem.certificate);
        settings.tls.private_key_file = directory.write("client.key", pem.key);
        client_session session{settings};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(server.requests().back().client_subject == "the-client");
    }

    TEST_CASE("client certificate: a missing one fails the handshake if the server requires it")
    {
        for (const auto version : {tls_version::v1_2, tls_version::v1_3}) {
            sandbox_session session{{.client_certificate = client_certificate::required,
                                     .tls_min = version,
                                     .tls_max = version}};
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(outcome.error().kind() == "transport");
            CHECK(session.server.statistics().requests == 0);
            CHECK(outcome.error().phase() == phase::handshaking);
        }
    }

    TEST_CASE("client certificate: if a server rejects a missing one after the handshake, the TLS "
              "alert is the error")
    {
        for (int n = 0; n < 20; ++n) {
            sandbox_session session{
                {.client_certificate = client_certificate::required, .tls_min = tls_version::v1_3}};
            const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
            CHECK(outcome.error().code().category() == asio::error::get_ssl_category());
            CHECK(outcome.error().code().message().find("certificate required") !=
                  std::string::npos);
            CHECK(outcome.error().phase() == phase::handshaking);
        }
    }

    TEST_CASE("client certificate: a missing one is accepted if it is optional")
    {
        sandbox_session session{{.client_certificate = client_certificate::optional}};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.last_request().client_subject == "");
    }
}

TEST_SUITE("certificate names")
{
    TEST_CASE("certificate names: a name in the subject only is rejected (RFC 9525)")
    {
        sandbox_session session{{.certificate = certificate::common_name}};
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        CHECK(failure_of(outcome) ==
              failure{errc::host_name_mismatch, phase::handshaking, sent_state::none, 0});
        CHECK(session.server.statistics().requests == 0);
    }
}

TEST_SUITE("encrypted private key")
{
    /// The key, encrypted with the password.
    std::string encrypted(const std::string& key, const std::string& password)
    {
        const std::unique_ptr<BIO, decltype(&BIO_free)> in{
            BIO_new_mem_buf(key.data(), static_cast<int>(key.size())), &BIO_free};
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> plain{
            PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
        const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), &BIO_free};
        REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.get(), plain.get(), EVP_aes_256_cbc(),
                                              password.data(), static_cast<int>(password.size()),
                                              nullptr, nullptr) == 1);
        std::string text(BIO_ctrl_pending(out.get()), '\0');
        BIO_read(out.get(), text.data(), static_cast<int>(text.size()));
        return text;
    }

    /// A client with a key encrypted with "open sesame".
    cyclos::config config_with_encrypted_key(const cyclos::sandbox::server& server,
                                             const temporary_directory& directory)
    {
        const auto pem = server.issue_client_certificate("the-client");
        auto settings = config_for(server, demo());
        settings.tls.certificate_file = directory.write("client.pem", pem.certificate);
        settings.tls.private_key_file =
            directory.write("client.key", encrypted(pem.key, "open sesame"));
        return settings;
    }

    TEST_CASE("encrypted private key: it is read with the configured password, and a wrong "
              "password is rejected")
    {
        const temporary_directory directory;
        const cyclos::sandbox::server server{{.client_certificate = client_certificate::required}};
        auto settings = config_with_encrypted_key(server, directory);
        settings.tls.private_key_password = "open sesame";
        {
            client_session session{settings};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(server.requests().back().client_subject == "the-client");
        }
        for (const std::string& wrong :
             {std::string{}, std::string{"close"}, std::string(5000, 'x')}) {
            settings.tls.private_key_password = wrong;
            try {
                const client_session session{settings};
                FAIL("it was read");
            }
            catch (const cyclos::error& refused) {
                CHECK(refused.code() == errc::invalid_config);
                CHECK(std::string{refused.what()}.find("client.key") != std::string::npos);
            }
        }
    }

#if defined(CYCLOS_TESTS_CAN_FORK)
    TEST_CASE("encrypted private key: a missing password is not read from standard input")
    {
        const temporary_directory directory;
        const cyclos::sandbox::server server{{.client_certificate = client_certificate::required}};
        const auto settings = config_with_encrypted_key(server, directory);
        int input[2] = {-1, -1};
        REQUIRE(::pipe(input) == 0);
        const std::string typed = "open sesame\n";
        REQUIRE(::write(input[1], typed.data(), typed.size()) ==
                static_cast<::ssize_t>(typed.size()));
        ::close(input[1]);

        const ::pid_t child = ::fork();
        if (child == 0) {
            ::setsid(); // OpenSSL reads standard input if there is no terminal
            ::dup2(input[0], STDIN_FILENO);
            try {
                asio::io_context context;
                const cyclos::client client{context, settings};
                ::_exit(1);
            }
            catch (const cyclos::error& refused) {
                ::_exit(refused.code() == errc::invalid_config ? 0 : 2);
            }
        }
        int status = -1;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
        std::string left(64, '\0');
        CHECK(::read(input[0], left.data(), left.size()) == static_cast<::ssize_t>(typed.size()));
        ::close(input[0]);
    }
#endif

    TEST_CASE("encrypted private key: its password does not stay on the heap")
    {
        if (!freed_memory::available) {
            return;
        }
        const temporary_directory directory;
        cyclos::sandbox::server server{{.client_certificate = client_certificate::required}};
        const auto pem = server.issue_client_certificate("the-client");
        const auto certificate = directory.write("client.pem", pem.certificate);
        const auto key =
            directory.write("client.key", encrypted(pem.key, "a long password of a private key"));
        const freed_memory heap{{"a long password of a private key"}};
        {
            auto settings = config_for(server, demo());
            settings.tls.certificate_file = certificate;
            settings.tls.private_key_file = key;
            settings.tls.private_key_password = "a long password of a private key";
            client_session session{settings};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        }
        CHECK(heap.blocks() > 100);
        CHECK(heap.found() == 0);
    }
}

TEST_SUITE("TLS configuration")
{
    std::string refused_config(const adjustment& adjust)
    {
        asio::io_context context;
        cyclos::config settings{"https://localhost/api"};
        adjust(settings);
        try {
            const cyclos::client client{context, settings};
        }
        catch (const cyclos::error& e) {
            CHECK(e.code() == errc::invalid_config);
            return e.context().detail;
        }
        return {};
    }

    TEST_CASE("TLS configuration: missing or invalid files are rejected")
    {
        const temporary_directory directory;
        const auto nonsense = directory.write("nonsense.pem", "no certificate");
        CHECK(refused_config([&](auto& c) {
                  c.tls.ca_file = directory / "missing.pem";
              }).find("missing.pem") != std::string::npos);
        CHECK(refused_config([&](auto& c) { c.tls.ca_file = nonsense; }) != "");
        CHECK(refused_config([&](auto& c) { c.tls.ca_pem = "no certificate"; }) != "");
        CHECK(refused_config([&](auto& c) { c.tls.certificate_file = nonsense; }) != "");
        CHECK(refused_config([&](auto& c) { c.tls.private_key_file = nonsense; }) != "");
        CHECK(refused_config([&](auto& c) {
                  c.tls.certificate_file = nonsense;
                  c.tls.private_key_file = nonsense;
              }) != "");
    }

    TEST_CASE("TLS configuration: a key of another certificate is rejected")
    {
        const temporary_directory directory;
        const cyclos::sandbox::authority authority;
        const auto one = authority.issue_client("one");
        const auto other = authority.issue_client("other");
        CHECK(refused_config([&](auto& c) {
                  c.tls.certificate_file = directory.write("one.pem", one.certificate);
                  c.tls.private_key_file = directory.write("other.key", other.key);
              }) != "");
    }
}
