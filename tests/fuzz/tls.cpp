//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// TLS connections: arbitrary bytes instead of the handshake, of records, and of the response of a
// proxy.
//
// The first byte names the operation (see session::kinds); if the second one is 'p', there is a
// proxy with a tunnel before TLS. The rest is a script; its marks:
//
//   n  the client runs
//   s  the server answers the handshake, and sends records from now on
//   w  the following bytes are sent outside records
//   t  the following bytes are sent in records again, which no client may accept any more
//   c  the server closes its side, with a close_notify if it uses TLS
//   f  the server closes its side, without one
//   r  the server closes the connection, with data in flight

#include "fuzz/support/reference.hpp"
#include "fuzz/support/require.hpp"
#include "fuzz/support/script.hpp"
#include "fuzz/support/session.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace {

using namespace cyclos::fuzz;
using cyclos::errc;

/// TLS context of a server with a self-signed certificate.
SSL_CTX* server_context()
{
    static const auto context = [] {
        std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
        std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};
        X509_set_version(certificate.get(), 2);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 3600);
        X509_set_pubkey(certificate.get(), key.get());
        X509_NAME* const name = X509_get_subject_name(certificate.get());
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("fuzz"), -1, -1, 0);
        X509_set_issuer_name(certificate.get(), name);
        require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0,
                "the certificate and the key are loaded");

        std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> result{SSL_CTX_new(TLS_server_method()),
                                                                 SSL_CTX_free};
        SSL_CTX_use_certificate(result.get(), certificate.get());
        SSL_CTX_use_PrivateKey(result.get(), key.get());
        SSL_CTX_set_mode(result.get(), SSL_MODE_RELEASE_BUFFERS);
        return result;
    }();
    return context.get();
}

cyclos::config settings(bool by_proxy)
{
    auto result = session::settings("https://127.0.0.1:1/api");
    result.tls.verify = false;
    result.tls.use_system_ca = false;
    if (by_proxy) {
        result.proxy.host = "127.0.0.1";
        result.proxy.port = "1";
    }
    return result;
}

void shake_hands(session& run)
{
    for (int flight = 0; flight < 4; ++flight) {
        run.turn();
        if (run.current() == nullptr || !run.current()->open() ||
            run.current()->shake_hands(server_context())) {
            break;
        }
    }
    run.settle();
}

void play(session& run, script steps)
{
    bool raw = false;
    while (const auto step = steps.next()) {
        wire* const w = run.current();
        if (w == nullptr) {
            return;
        }
        switch (step->mark) {
        case 'n': run.settle(); break;
        case 's': shake_hands(run); break;
        case 'w': raw = true; break;
        case 't': raw = false; break;
        case 'c': w->say_goodbye(); [[fallthrough]];
        case 'f': w->finish(); break;
        case 'r': w->reset(); break;
        default: raw ? w->send_raw(step->bytes) : w->send(step->bytes);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view input = text_of(data, size);
    operation call{static_cast<char>(take_byte(input))};
    const bool by_proxy = take_byte(input) == 'p';
    session run{settings(by_proxy)};
    run.start(call, 1000);
    run.turn();
    play(run, script{input, "nswtcfr"});
    run.finish(call);

    const outcome& result = call.result;
    if (result.complete || result.status) {
        const wire& w = *run.current();
        require(w.secure(), "a response is received only over a secure connection");
        const reference said{w.sent(), w.said_goodbye()};
        require(said.has_head, "a success requires that a response was sent");
        if (result.complete) {
            require(said.complete && said.status / 100 == 2,
                    "a success requires a complete response with status 2xx");
            require(call.kind != 'c' || result.body == said.body,
                    "the content is the one that the framing delimits");
        }
        else {
            require(said.status == *result.status, "the status is that of the response");
        }
    }
    const auto stats = run.stats();
    require(stats.in_use == 0 && stats.waiting == 0 && stats.connecting == 0,
            "the pool is empty at the end");
    return 0;
}
