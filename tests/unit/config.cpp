//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/config.hpp>
#include <cyclos/detail/net/authority.hpp>
#include <cyclos/error.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using cyclos::config;
using cyclos::errc;
using cyclos::is_loopback;
using cyclos::parse_base_url;
using cyclos::validate;
using cyclos::detail::validated;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

/// The detail of the error of a call; empty if there is none.
template <class Call>
std::string refusal(Call call, errc expected = errc::invalid_config)
{
    try {
        call();
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == expected);
        CHECK(e.is_rejected_locally());
        CHECK(e.sent() == cyclos::sent_state::none);
        return e.context().detail;
    }
    return {};
}

std::string refused_url(std::string_view url)
{
    return refusal([&] { parse_base_url(url); });
}

std::string refused(const config& settings, errc expected = errc::invalid_config)
{
    return refusal([&] { validate(settings); }, expected);
}

config plain()
{
    return config{"https://example.org/api"};
}

/// Every duration of a configuration, with its name. The compiler finds a timeout that is missing.
std::vector<std::pair<std::string, std::chrono::milliseconds*>> durations_of(config& settings)
{
    auto& [acquire, resolve, connect, handshake, response_header, inactivity, source, provider,
           total] = settings.timeouts;
    return {{"timeouts.acquire", &acquire},
            {"timeouts.resolve", &resolve},
            {"timeouts.connect", &connect},
            {"timeouts.handshake", &handshake},
            {"timeouts.response_header", &response_header},
            {"timeouts.inactivity", &inactivity},
            {"timeouts.source", &source},
            {"timeouts.provider", &provider},
            {"timeouts.total", &total},
            {"pool.idle_timeout", &settings.pool.idle_timeout},
            {"pool.max_age", &settings.pool.max_age},
            {"pool.tcp_keep_alive", &settings.pool.tcp_keep_alive},
            {"uploads.continue_timeout", &settings.uploads.continue_timeout},
            {"retry.base_delay", &settings.retry.base_delay},
            {"retry.max_delay", &settings.retry.max_delay},
            {"retry.max_retry_after", &settings.retry.max_retry_after}};
}

} // namespace

TEST_SUITE("base URL")
{
    TEST_CASE("base URL: it is split into scheme, host, port and path")
    {
        const auto base = parse_base_url("https://demo.cyclos.org/network/api");
        CHECK(base.origin.tls);
        CHECK(base.origin.host == "demo.cyclos.org");
        CHECK(base.origin.port == "443");
        CHECK(base.path == "/network/api");
        CHECK(base.origin.to_string() == "https://demo.cyclos.org:443");
        CHECK(base.origin.authority(false) == "demo.cyclos.org");
        CHECK(base.origin.authority(true) == "demo.cyclos.org:443");
    }

    TEST_CASE("base URL: a missing port is the default of the scheme")
    {
        CHECK(parse_base_url("https://h:8443/api").origin.port == "8443");
        CHECK(parse_base_url("https://h:8443/api").origin.authority(false) == "h:8443");
        CHECK(parse_base_url("http://localhost/api").origin.port == "80");
        CHECK(parse_base_url("http://localhost/api").origin.authority(false) == "localhost");
        CHECK(parse_base_url("http://localhost:443").origin.authority(false) == "localhost:443");
        CHECK(parse_base_url("https://h:0443").origin.authority(false) == "h");
    }

    TEST_CASE("base URL: trailing slashes of the path are removed, and escapes are kept")
    {
        CHECK(parse_base_url("https://h").path.empty());
        CHECK(parse_base_url("https://h/").path.empty());
        CHECK(parse_base_url("https://h/api/").path == "/api");
        CHECK(parse_base_url("https://h/api//").path == "/api");
        CHECK(parse_base_url("https://h/a%20b/api").path == "/a%20b/api");
        CHECK(parse_base_url("https://h/a%2Fb").path == "/a%2Fb");
        CHECK(parse_base_url("https://h/.well-known/v1.2/...").path == "/.well-known/v1.2/...");
    }

    TEST_CASE("base URL: IPv4 and IPv6 addresses are accepted as hosts")
    {
        CHECK(parse_base_url("https://127.0.0.1:1/api").origin.host == "127.0.0.1");
        const auto base = parse_base_url("https://[2001:db8::1]:8443/api");
        CHECK(base.origin.host == "2001:db8::1");
        CHECK(base.origin.authority(false) == "[2001:db8::1]:8443");
        CHECK(base.origin.to_string() == "https://[2001:db8::1]:8443");
    }

    TEST_CASE("base URL: host names that begin like an address, empty ports and capital letters "
              "are accepted")
    {
        CHECK(parse_base_url("https://10.0.0.1.nip.io/api").origin.host == "10.0.0.1.nip.io");
        CHECK(parse_base_url("https://10.0.0.1.nip.io/api").path == "/api");
        CHECK(parse_base_url("https://1.2.3.4.5:8443").origin.authority(false) == "1.2.3.4.5:8443");
        CHECK(parse_base_url("https://127.0.0.1.example.org").origin.host ==
              "127.0.0.1.example.org");
        CHECK(parse_base_url("https://h:/api").origin.port == "443");
        CHECK(parse_base_url("http://localhost:/api").origin.port == "80");
        CHECK(parse_base_url("https://[::1]:").origin.authority(false) == "[::1]");
        CHECK(parse_base_url("http://LOCALHOST/api").origin.host == "localhost");
        CHECK(parse_base_url("https://Demo.Example.ORG").origin.authority(false) ==
              "demo.example.org");
        CHECK(parse_base_url("https://[2001:DB8::1]").origin.host == "2001:db8::1");
        CHECK(refused(config{"http://LOCALHOST:8080"}).empty());
    }

    TEST_CASE("base URL: the scheme is case-insensitive")
    {
        CHECK(parse_base_url("HTTPS://h/api").origin.tls);
        CHECK_FALSE(parse_base_url("Http://localhost").origin.tls);
    }

    TEST_CASE("base URL: a malformed URL is rejected")
    {
        for (const std::string& url : std::vector<std::string>{"",
                                                               "/api",
                                                               "example.org/api",
                                                               "example.org",
                                                               "https:",
                                                               "https:/h",
                                                               "https://",
                                                               "https:///api",
                                                               "ftp://h/",
                                                               "file:///etc/passwd",
                                                               "ws://h/",
                                                               "https://h/api?x=1",
                                                               "https://h/api?",
                                                               "https://h/api#x",
                                                               "https://h/#",
                                                               "https://user@h/api",
                                                               "https://user:secret@h/api",
                                                               "https://@h/",
                                                               "https://h:0/",
                                                               "https://h:65536/",
                                                               "https://h:99999999999/",
                                                               "https://h:abc/",
                                                               "https://h:443abc/",
                                                               "https://[::1]:8x",
                                                               "https://h:-1/",
                                                               "https://[::1/",
                                                               "https://[nonsense]/",
                                                               "https://[v1.x]/",
                                                               "https://[fe80::1%25eth0]/",
                                                               "https://[fe80::1%1]/",
                                                               "https://[::1]x/",
                                                               {"https://[::1\0\r\nX: y]/", 21},
                                                               "https://[]/",
                                                               "https://[",
                                                               "https://:443/",
                                                               "https://h:1:2/",
                                                               "https://h\\x/",
                                                               "https://b\xc3\xbc"
                                                               "cher.example/",
                                                               "https://h/a b",
                                                               " https://h/",
                                                               "https://h/\r\nX: y",
                                                               "https://h h/",
                                                               "https://h/%zz",
                                                               "https://h/.",
                                                               "https://h/./api",
                                                               "https://h/../api",
                                                               "https://h/api/..",
                                                               "https://h/%2e%2E/api",
                                                               "https://h/.%2e//",
                                                               "https://h/.///"}) {
            CAPTURE(url);
            CHECK(refused_url(url).starts_with("base_url: "));
        }
    }

    TEST_CASE("base URL: a host with percent-encoded delimiters or control characters is rejected")
    {
        for (const std::string url : {"https://h%0D%0AX:1/", "https://h%0d%0a/", "https://a%2Fb/",
                                      "https://a%20b/", "https://a%00b/", "https://a%3Ab/",
                                      "https://a%40b/", "https://h%0D%0AX-Evil%3A%201/"}) {
            CAPTURE(url);
            CHECK(refused_url(url).starts_with("base_url: "));
        }
    }

    TEST_CASE("base URL: credentials in a rejected URL are not in the error message")
    {
        CHECK(refused_url("https://user:secret@h/api").find("secret") == std::string::npos);
        CHECK(refused_url("https://user:se cret@h/api").find("cret") == std::string::npos);
    }
}

TEST_SUITE("plain HTTP")
{
    TEST_CASE("plain HTTP: is_loopback() is true for localhost and loopback addresses only")
    {
        for (const std::string host :
             {"localhost", "LOCALHOST", "Localhost", "127.0.0.1", "127.255.255.254", "::1"}) {
            CAPTURE(host);
            CHECK(is_loopback(host));
        }
        for (const std::string& host : std::vector<std::string>{
                 "", "example.org", "localhost.example.org", "10.0.0.1", "128.0.0.1", "0.0.0.0",
                 "::", "::2", "127.0.0.1.example.org", "127.1.example",
                 std::string{"127.0.0.1\0.example.org", 22}}) {
            CAPTURE(host);
            CHECK_FALSE(is_loopback(host));
        }
    }

    TEST_CASE("plain HTTP: it is allowed for loopback hosts, or if allow_plain_http is set")
    {
        CHECK(refused(config{"http://localhost:8080/api"}).empty());
        CHECK(refused(config{"http://127.0.0.1/api"}).empty());
        CHECK(refused(config{"http://[::1]:80/api"}).empty());

        config settings{"http://example.org/api"};
        CHECK(refused(settings, errc::insecure_transport).find("http://example.org:80") !=
              std::string::npos);
        settings.allow_plain_http = true;
        CHECK(refused(settings).empty());
        CHECK(refused(config{"http://localhost.example.org"}, errc::insecure_transport) != "");
    }
}

TEST_SUITE("configuration")
{
    TEST_CASE("configuration: the defaults are valid once base_url is set")
    {
        CHECK(refused(plain()).empty());
        CHECK(refused(config{}).starts_with("base_url: "));
    }

    TEST_CASE(
        "configuration: the largest durations are clamped to values that can be added to a clock")
    {
        using std::chrono::milliseconds;
        auto settings = plain();
        for (const auto& [name, each] : durations_of(settings)) {
            *each = milliseconds::max();
        }
        auto taken = validated(settings);
        for (const auto& [name, each] : durations_of(taken)) {
            CAPTURE(name);
            CHECK(*each > std::chrono::hours{24 * 365 * 50});
            CHECK(std::chrono::steady_clock::now() + *each > std::chrono::steady_clock::now());
        }
        CHECK(validated(plain()).timeouts.connect == plain().timeouts.connect);
    }

    TEST_CASE("configuration: control characters in header values are rejected")
    {
        for (const auto& value : {"main\r\nX: y"s, "main\n"s, "a\0b"s, "a\x7f"s, "a\x01"s}) {
            auto settings = plain();
            settings.channel = value;
            CHECK(refused(settings).starts_with("channel: "));
            settings = plain();
            settings.user_agent = value;
            CHECK(refused(settings).starts_with("user_agent: "));
        }
    }

    TEST_CASE("configuration: negative durations are rejected")
    {
        auto settings = plain();
        for (const auto& [name, each] : durations_of(settings)) {
            const auto valid = std::exchange(*each, -1ms);
            CHECK(refused(settings).starts_with(name + ": "));
            *each = 0ms;
            CHECK(refused(settings).empty());
            *each = valid;
        }
    }

    TEST_CASE("configuration: sizes that are too small, or contradict each other, are rejected")
    {
        auto settings = plain();
        settings.pool.max_connections = 0;
        CHECK(refused(settings).starts_with("pool.max_connections: "));

        settings = plain();
        settings.pool.min_connections = settings.pool.max_connections + 1;
        CHECK(refused(settings).starts_with("pool.min_connections: "));

        settings = plain();
        settings.shards = 0;
        CHECK(refused(settings).starts_with("shards: "));
        settings.shards = settings.pool.max_connections + 1;
        CHECK(refused(settings).starts_with("shards: "));
        settings.shards = 2;
        CHECK(refused(settings).empty());
        settings.serial_executor = true;
        CHECK(refused(settings).starts_with("shards: "));

        settings = plain();
        settings.max_header_size = 1023;
        CHECK(refused(settings).starts_with("max_header_size: "));
        settings.max_header_size = 1024;
        CHECK(refused(settings).empty());
    }

    TEST_CASE("configuration: parse_address() accepts only complete literals, whatever the system "
              "accepts")
    {
        for (const std::string text :
             {"10.0.0.1", "::1", "2001:DB8::1", "::ffff:10.0.0.1", "fe80::1%1"}) {
            CAPTURE(text);
            CHECK(cyclos::net::parse_address(text).has_value());
        }
        for (const std::string text :
             {"", "host", "10.0.0.1.nip.io", "[::1]", "[::1]:80", "10.0.0.1:80", "10.1", "1",
              "010.0.0.1", "0xa.0.0.1", " 10.0.0.1", "10.0.0.1 ", "::1%", "::1% 1",
              "::1:", "10.0.0.1%1"}) {
            CAPTURE(text);
            CHECK_FALSE(cyclos::net::parse_address(text).has_value());
        }
        CHECK_FALSE(cyclos::net::parse_address(std::string_view{"::1\0", 4}).has_value());
        CHECK_FALSE(cyclos::net::parse_address(std::string_view{"10.0.0.1\0x", 10}).has_value());
    }

    TEST_CASE("configuration: resolve overrides must have a host, a port, and addresses")
    {
        using cyclos::resolve_override;
        const auto rejected_with = [](const resolve_override& given) {
            auto settings = plain();
            settings.resolve = {given};
            return refused(settings);
        };
        CHECK(rejected_with({"example.org", "443", {"192.0.2.1", "2001:db8::1"}}).empty());
        for (const resolve_override& each :
             std::vector<resolve_override>{{"", "443", {"192.0.2.1"}},
                                           {"example.org", "", {"192.0.2.1"}},
                                           {"example.org", "0", {"192.0.2.1"}},
                                           {"example.org", "https", {"192.0.2.1"}},
                                           {"exam ple.org", "443", {"192.0.2.1"}},
                                           {"example.org", "443", {}},
                                           {"example.org", "443", {"192.0.2.1", "example.net"}},
                                           {"example.org", "443", {"[2001:db8::1]"}},
                                           {"example.org", "443", {"192.0.2.1:443"}}}) {
            CHECK(rejected_with(each).starts_with("resolve: "));
        }
    }

    TEST_CASE("configuration: SOCKS5 limits the length of user names and passwords")
    {
        const std::string longest(255, 'x');
        const std::string too_long(256, 'x');
        auto settings = plain();
        settings.proxy = {.host = "proxy",
                          .port = "1080",
                          .username = longest,
                          .password = longest,
                          .kind = cyclos::proxy_kind::socks5};
        CHECK(refused(settings).empty());
        settings.proxy.username = too_long;
        CHECK(refused(settings).starts_with("proxy: "));
        settings.proxy.username = longest;
        settings.proxy.password = too_long;
        CHECK(refused(settings).starts_with("proxy: "));
        settings.proxy.kind = cyclos::proxy_kind::http;
        CHECK(refused(settings).empty());
    }

    TEST_CASE("configuration: a proxy must have a valid host and port")
    {
        auto settings = plain();
        settings.proxy.host = "proxy";
        CHECK(refused(settings).starts_with("proxy: "));
        settings.proxy.port = "3128";
        CHECK(refused(settings).empty());
        for (const std::string host : {"10.0.0.1", "2001:db8::1", "fe80::1%1"}) {
            settings.proxy.host = host;
            CHECK(refused(settings).empty());
        }
        for (const std::string host :
             {"http://proxy", "proxy:3128", "pro xy", "proxy/", "user@proxy", "[::1]",
              "::1:", "::1%", "::1%\r\nX: y", "pro\r\nxy", ""}) {
            CAPTURE(host);
            settings.proxy.host = host;
            CHECK(refused(settings).starts_with("proxy: "));
        }
        settings.proxy.host = "proxy";
        for (const std::string port : {"0", "65536", "http", "31 28", "-1"}) {
            CAPTURE(port);
            settings.proxy.port = port;
            CHECK(refused(settings).starts_with("proxy: "));
        }
    }
}
