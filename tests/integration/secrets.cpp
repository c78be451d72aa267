//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Passwords and tokens are sent to the server only, and do not stay in memory.

#include "integration/support/freed_memory.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/silent_listener.hpp"
#include "integration/support/tool.hpp"

#include <cyclos/detail/client/login.hpp>
#include <cyclos/detail/net/basic_authorization.hpp>
#include <cyclos/secret.hpp>

#include <openssl/crypto.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::credentials;
namespace events = cyclos::events;
using namespace std::string_view_literals;

// In plain text and as sent: base64 of "demo:" and of "proxy:" followed by the password.
constexpr std::string_view password = "Sesam-oeffne-dich-4711";
constexpr std::string_view encoded_password = "ZGVtbzpTZXNhbS1vZWZmbmUtZGljaC00NzEx";
constexpr std::string_view token = "demo-session-token"; // valid for the server
constexpr std::string_view client_token = "demo-access-client-token";
constexpr std::string_view proxy_password = "Hinter-den-sieben-Bergen";
constexpr std::string_view encoded_proxy_password = "cHJveHk6SGludGVyLWRlbi1zaWViZW4tQmVyZ2Vu";

const std::vector<std::string_view> all_secrets{
    password, encoded_password, token, client_token, proxy_password, encoded_proxy_password};

/// All texts that a client reports.
class reported_text
{
public:
    adjustment hook()
    {
        return [this](cyclos::config& c) {
            c.on_event = [this](const cyclos::client_event& e) {
                const std::lock_guard lock{mutex_};
                std::visit([this](const auto& event) { note(event); }, e);
                ++events_;
            };
            c.proxy.username = c.proxy.host.empty() ? "" : "proxy";
            c.proxy.password = proxy_password;
        };
    }

    template <class T>
    void note(const cyclos::result<T>& outcome)
    {
        REQUIRE_FALSE(outcome.has_value());
        const cyclos::error& e = outcome.error();
        for (const std::string_view text :
             {std::string_view{e.what()}, std::string_view{e.operation()},
              std::string_view{e.endpoint()}, std::string_view{e.context().detail}}) {
            add(text);
        }
        for (const auto& past : e.context().history) {
            add(past.code.message());
        }
        ++errors;
    }

    void add(std::string_view text)
    {
        text_ += text;
        text_ += '\n';
    }

    bool is_clean() const
    {
        for (const std::string_view secret : all_secrets) {
            if (text_.find(secret) != std::string::npos) {
                return false;
            }
        }
        return events_ > 0 && errors > 0;
    }

    const std::string& text() const noexcept { return text_; }

    int errors = 0;

private:
    void note(const events::connect_started& e) { add(e.endpoint); }
    void note(const events::connected&) {}
    void note(const events::connect_failed& e)
    {
        add(e.detail);
        add(e.code.message());
    }
    void note(const events::connection_acquired& e) { add(e.operation); }
    void note(const events::retried& e)
    {
        add(e.operation);
        add(e.code.message());
    }
    void note(const events::closed&) {}
    void note(const events::request_finished& e)
    {
        add(e.operation);
        add(e.code.message());
    }

    std::mutex mutex_;
    std::string text_;
    int events_ = 0;
};

const std::vector<credentials>& all_credentials()
{
    static const std::vector<credentials> all{
        credentials::basic("demo", password), credentials::session(token),
        credentials::access_client(client_token), credentials::session_login("demo", password)};
    return all;
}

/// A response body that repeats all secrets.
std::string echo()
{
    std::string text = R"({"code": "general", "message": ")";
    for (const std::string_view secret : all_secrets) {
        text += secret;
    }
    return text + R"("})";
}

} // namespace

TEST_SUITE("secrets")
{
    TEST_CASE("secrets: the encoded constants are what is sent")
    {
        CHECK(credentials::basic("demo", password).header_fields() ==
              "Authorization: Basic " + std::string{encoded_password} + "\r\n");
        CHECK(cyclos::net::basic_authorization("proxy", proxy_password).view() ==
              "Basic " + std::string{encoded_proxy_password});
    }

    TEST_CASE("secrets: no error and no event contains one, for any failure of a request")
    {
        reported_text reported;
        for (const auto& used : all_credentials()) {
            // Responses that contain everything that was sent.
            sandbox_session session{{}, used, reported.hook()};
            for (const unsigned status :
                 {302U, 400U, 401U, 403U, 404U, 405U, 409U, 413U, 422U, 429U, 500U, 503U}) {
                session.server.clear_misbehaviours();
                session.server.misbehave(
                    {.status = status, .reason = std::string{token}, .body = echo()});
                reported.note(session.attempt(session.images.view_image("1")));
                reported.note(
                    session.attempt(session.images.upload_temp_image(pattern_source{10})));
            }
            session.server.clear_misbehaviours();
            session.server.misbehave({.status = 200, .body = echo()});
            reported.note(session.attempt(session.images.list_user_images("self")));
            for (const std::string& raw :
                 {echo(), "HTTP/1.1 200 OK\r\n" + echo() + "\r\n\r\n",
                  "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + echo(),
                  "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + echo()}) {
                session.server.clear_misbehaviours();
                session.server.misbehave({.raw = raw, .end = ending::fin});
                reported.note(session.attempt(session.images.view_image("1")));
            }
            session.server.clear_misbehaviours();
            session.server.misbehave({.instead = ending::reset});
            reported.note(session.attempt(session.images.view_image("1")));
        }
        CHECK_MESSAGE(reported.is_clean(), reported.text());
    }

    TEST_CASE("secrets: no error and no event contains one, for any failure to connect")
    {
        reported_text reported;
        const reserved_port closed_port;
        silent_listener silent;
        cyclos::sandbox::server stranger;
        cyclos::sandbox::server plain{{.tls = false}};
        for (const auto& used : all_credentials()) {
            const auto fail = [&](const std::string& url, const adjustment& adjust) {
                cyclos::config settings{url, used};
                settings.timeouts.handshake = 100ms;
                adjust(settings);
                reported.hook()(settings);
                client_session session{settings};
                reported.note(session.attempt(session.images.view_image("1")));
            };
            const auto nothing = [](cyclos::config&) {};
            const auto by_proxy = [](unsigned short port) {
                return [=](cyclos::config& c) {
                    c.proxy.host = "127.0.0.1";
                    c.proxy.port = std::to_string(port);
                };
            };
            fail("https://127.0.0.1:" + std::to_string(closed_port.number()) + "/api", nothing);
            fail(silent.url(), nothing);
            fail(stranger.url(), nothing); // with an unknown authority
            fail("https://cyclos.invalid/api", by_proxy(closed_port.number()));
            fail("https://cyclos.invalid/api",
                 by_proxy(plain.port())); // which is not a proxy, and says so
        }
        CHECK_MESSAGE(reported.is_clean(), reported.text());
    }

    TEST_CASE("secrets: no output of the tool contains one, at any verbosity")
    {
        const cyclos::sandbox::server server;
        const std::string proxy = "http://proxy:" + std::string{proxy_password} + "@127.0.0.1:1";
        const tool t{server};
        std::string text;
        for (const arguments& identity :
             {arguments{"--username", "demo", "--password", std::string{password}},
              arguments{"--session-token", std::string{token} + "-that-is-none"},
              arguments{"--access-client-token", std::string{client_token} + "-that-is-none"}}) {
            for (const arguments& command :
                 {arguments{"view-image", "7"}, arguments{"list-user-images", "self"},
                  arguments{"--proxy", proxy, "view-image", "7"},
                  arguments{"--json", "delete-image", "7"}}) {
                arguments line{"--verbose", "--retries", "1"};
                line.insert(line.end(), identity.begin(), identity.end());
                line.insert(line.end(), command.begin(), command.end());
                const auto outcome = t.run(line);
                CHECK(outcome.status != 0);
                CHECK_FALSE(outcome.errors.empty());
                text += outcome.output + outcome.errors;
            }
        }
        for (const std::string_view secret : all_secrets) {
            CHECK_MESSAGE(text.find(secret) == std::string::npos, text);
        }
    }

    TEST_CASE("secrets: a memory block does not report what it contained before it was allocated")
    {
        if (!freed_memory::available) {
            return;
        }
        constexpr std::size_t size =
            1000; // glibc returns a freed block of this size unchanged to the next allocation
        constexpr std::size_t at = 500; // glibc overwrites the beginning
        {
            const auto block = std::make_unique_for_overwrite<char[]>(size);
            password.copy(block.get() + at, password.size());
        }
        const freed_memory heap{{password}};
        std::make_unique_for_overwrite<char[]>(size);
        CHECK(heap.found() == 0);

        void* const block = OPENSSL_malloc(size);
        password.copy(static_cast<char*>(block) + at, password.size());
        OPENSSL_free(block);
        CHECK(heap.found() == 1);
        OPENSSL_free(OPENSSL_malloc(size));
        OPENSSL_free(OPENSSL_realloc(OPENSSL_malloc(size / 2), size));
        CHECK(heap.found() == 1);
    }

    TEST_CASE("secrets: every way to destroy or change a secret wipes its memory")
    {
        if (!freed_memory::available) {
            return;
        }
        const freed_memory heap{{password}};
        std::make_unique<std::string>(password);
        CHECK(heap.found() == 1); // the search works
        OPENSSL_free(OPENSSL_strndup(password.data(), password.size()));
        CHECK(heap.found() == 2); // also for OpenSSL's memory
        {
            cyclos::secret one{password};
            cyclos::secret copy = one;
            cyclos::secret moved = std::move(copy);
            copy = moved;
            moved = cyclos::secret{"another"};
            one = "";
            for (int i = 0; i < 100; ++i) {
                copy += "it grows";
            }
            CHECK(copy.view().starts_with(password));
            cyclos::detail::wiped_string text{password};
            text += std::string(10'000, 'x');
            auto used = credentials::basic("demo", password);
            used = credentials::guest();
            const auto session = cyclos::detail::read_session_token(
                R"({"user": {"id": "7"}, "sessionToken": "Sesam-oeffne-dich-4711", "more": ["a", "b"]})");
            CHECK(session.view() == password);
        }
        CHECK(heap.found() == 2);
    }

    TEST_CASE("secrets: wipe() overwrites a buffer")
    {
        static char buffer[64];
        password.copy(buffer, password.size());
        cyclos::detail::wipe(buffer, password.size());
        CHECK(std::string_view{buffer, sizeof buffer} == std::string(sizeof buffer, '\0'));
    }

    TEST_CASE("secrets: a client leaves no password or token on the heap")
    {
        if (!freed_memory::available) {
            return;
        }
        const std::string body = R"({"sessionToken": "demo-session-token"})";
        const std::string head =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n";
        const std::vector<cyclos::sandbox::misbehaviour> answers{
            {.target = "/auth/session",
             .status = 200,
             .body = body,
             .framing = cyclos::sandbox::framing::chunked},
            // The body arrives separately.
            {.target = "/auth/session",
             .raw = head + body,
             .pause_after = head.size(),
             .pause = 20ms}};
        for (const auto& answer : answers) {
            cyclos::sandbox::server server;
            auto demo = *server.store().find_user("demo");
            demo.password = password;
            server.store().replace_user(demo);
            server.misbehave(answer);
            for (const auto& used : all_credentials()) {
                cyclos::config settings = config_for(server, used);
                settings.pool.max_requests = 1; // no later data overwrites a token
                const freed_memory heap{{password, encoded_password, token, client_token}};
                {
                    client_session session{settings};
                    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
                    CHECK(session.run(session.images.list_user_images("self")).size() == 1);
                    session.run(session.images.upload_temp_image(pattern_source{300'000}));
                    auto content = session.run(session.images.get_image_content(fixture::portrait));
                    session.run(content.read_all(1 << 20));
                    CHECK_FALSE(session.attempt(session.images.view_image("7")).has_value());
                    session.run(session.client.close(10s));
                }
                CHECK(heap.blocks() > 100);
                CHECK(heap.found() == 0);
            }
        }
    }

    TEST_CASE("secrets: a client leaves no proxy password on the heap")
    {
        if (!freed_memory::available) {
            return;
        }
        const cyclos::sandbox::server server;
        const reserved_port closed_port;
        cyclos::sandbox::server plain{{.tls = false}};
        const freed_memory heap{{proxy_password, encoded_proxy_password}};
        for (const unsigned short port : {closed_port.number(), plain.port()}) {
            client_session session{config_for(server, demo(), [&](cyclos::config& c) {
                c.base_url = "https://cyclos.invalid/api";
                c.proxy.host = "127.0.0.1";
                c.proxy.port = std::to_string(port);
                c.proxy.username = "proxy";
                c.proxy.password = proxy_password;
            })};
            CHECK_FALSE(session.attempt(session.images.view_image(fixture::portrait)).has_value());
        }
        CHECK(plain.statistics().accepted == 1);
        CHECK(heap.found() == 0);
    }
}
