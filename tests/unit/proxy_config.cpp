//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/error.hpp>
#include <cyclos/proxy_config.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using cyclos::errc;
using cyclos::proxy_config;

namespace {

using variables = std::map<std::string, std::string>;

/// The proxy for a server as "host port", or an empty text.
std::string found(const std::string& url, const variables& environment)
{
    const auto proxy = cyclos::detail::find_proxy(url, [&](const char* name) {
        const auto entry = environment.find(name);
        return entry != environment.end() ? std::optional{entry->second} : std::nullopt;
    });
    return proxy.host.empty() ? "" : proxy.host + ' ' + proxy.port;
}

template <class Call>
std::string refusal(Call call)
{
    try {
        call();
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == errc::invalid_config);
        return e.context().detail;
    }
    return {};
}

/// Whether a server is reached without a proxy.
bool listed(const std::string& list, const std::string& url)
{
    return found(url, {{"HTTPS_PROXY", "http://proxy.example:3128"}, {"NO_PROXY", list}}).empty();
}

} // namespace

TEST_SUITE("proxy URL")
{
    TEST_CASE("proxy URL: host, port, user name and password are parsed and decoded")
    {
        const auto proxy = proxy_config::parse("http://user:pass%3Aword%40@Proxy.Example:3128/");
        CHECK(proxy.host == "proxy.example");
        CHECK(proxy.port == "3128");
        CHECK(proxy.username == "user");
        CHECK(proxy.password.view() == "pass:word@");
        CHECK(proxy_config::parse("HTTP://[2001:db8::1]:8080").host == "2001:db8::1");
        CHECK(proxy_config::parse("http://proxy.example").port == "80");
        CHECK(proxy_config::parse("proxy.example:3128").host == "proxy.example");
        CHECK(proxy_config::parse("user@proxy.example").username == "user");
        CHECK(proxy_config::parse("user@proxy.example").password.empty());
        CHECK(proxy_config::parse("user:a:b@proxy.example").password.view() == "a:b");
        CHECK(proxy_config::parse("user:p@ss@proxy.example").password.view() == "p@ss");
    }

    TEST_CASE("proxy URL: the scheme selects the kind of the proxy and the default port")
    {
        struct row
        {
            std::string url;
            cyclos::proxy_kind kind;
            std::string port;
        };
        using cyclos::proxy_kind;
        for (const row& each :
             std::vector<row>{{"proxy.example", proxy_kind::http, "80"},
                              {"http://proxy.example", proxy_kind::http, "80"},
                              {"https://proxy.example", proxy_kind::https, "443"},
                              {"https://proxy.example:", proxy_kind::https, "443"},
                              {"socks5h://proxy.example", proxy_kind::socks5, "1080"},
                              {"SOCKS5h://proxy.example:", proxy_kind::socks5, "1080"},
                              {"socks5h://[2001:db8::1]", proxy_kind::socks5, "1080"},
                              {"socks5h://[2001:db8::1]:1081", proxy_kind::socks5, "1081"},
                              {"socks5h://user:word@proxy.example", proxy_kind::socks5, "1080"},
                              {"socks5://proxy.example:80", proxy_kind::socks5, "80"}}) {
            CAPTURE(each.url);
            const auto proxy = proxy_config::parse(each.url);
            CHECK(proxy.kind == each.kind);
            CHECK(proxy.port == each.port);
        }
        for (const std::string url : {"socks4://proxy", "socks://proxy", "socks4a://proxy"}) {
            CHECK(refusal([&] { proxy_config::parse(url); }) ==
                  "proxy: the scheme must be http, https or socks5h");
        }
    }

    TEST_CASE("proxy URL: a malformed URL is rejected, and the message does not contain it")
    {
        for (const std::string url :
             {"", "http://", "http://:3128", "ftp://secret", "https+secret://h", "http://h:0",
              "http://h:secret", "http://h:65536", "http://h/secret", "http://h?secret",
              "http://h#secret", "http://user:%secret@h", "http://user:secret%2@h",
              "http://user:secret%@h", "http://user:secret@", "http://[secret]", "http://[::1",
              "http://se cret", "http://h:1:2"}) {
            CAPTURE(url);
            const std::string reason = refusal([&] { proxy_config::parse(url); });
            CHECK(reason.starts_with("proxy: "));
            CHECK(reason.find("secret") == std::string::npos);
        }
    }
}

TEST_SUITE("proxy from the environment")
{
    TEST_CASE("proxy from the environment: the variables have the precedence that curl gives them")
    {
        const std::string secure = "https://api.example.org/api";
        const std::string plain = "http://api.example.org/api";
        struct row
        {
            variables environment;
            std::string of_secure;
            std::string of_plain;
        };
        const std::vector<row> table{
            {{}, "", ""},
            {{{"https_proxy", "http://a:1"}}, "a 1", ""},
            {{{"HTTPS_PROXY", "http://a:1"}}, "a 1", ""},
            {{{"https_proxy", "http://a:1"}, {"HTTPS_PROXY", "http://b:2"}}, "a 1", ""},
            {{{"https_proxy", ""}, {"HTTPS_PROXY", "http://b:2"}}, "b 2", ""},
            {{{"http_proxy", "http://a:1"}}, "", "a 1"},
            {{{"HTTP_PROXY", "http://a:1"}}, "", ""}, // in a CGI program the client can set it
            {{{"all_proxy", "http://a:1"}, {"ALL_PROXY", "http://b:2"}}, "a 1", "a 1"},
            {{{"ALL_PROXY", "http://b:2"}}, "b 2", "b 2"},
            {{{"ALL_PROXY", "http://b:2"}, {"https_proxy", "http://a:1"}}, "a 1", "b 2"},
            {{{"ALL_PROXY", "http://b:2"}, {"http_proxy", "http://a:1"}}, "b 2", "a 1"},
            {{{"ALL_PROXY", "http://b:2"}, {"no_proxy", "api.example.org"}}, "", ""},
            {{{"ALL_PROXY", "http://b:2"}, {"NO_PROXY", "api.example.org"}}, "", ""},
            {{{"ALL_PROXY", "http://b:2"}, {"no_proxy", ""}, {"NO_PROXY", "*"}}, "", ""},
            {{{"ALL_PROXY", "http://b:2"}, {"no_proxy", "other"}, {"NO_PROXY", "*"}}, "b 2", "b 2"},
        };
        for (std::size_t n = 0; n < table.size(); ++n) {
            CAPTURE(n);
            CHECK(found(secure, table[n].environment) == table[n].of_secure);
            CHECK(found(plain, table[n].environment) == table[n].of_plain);
        }
    }

    TEST_CASE("proxy from the environment: hosts in NO_PROXY are reached without a proxy")
    {
        struct row
        {
            std::string list;
            std::string url;
            bool is_listed;
        };
        const std::vector<row> table{
            {"example.org", "https://example.org", true},
            {"example.org", "https://EXAMPLE.org", true},
            {"Example.ORG", "https://example.org", true},
            {"example.org", "https://api.example.org", true},
            {"example.org", "https://a.b.example.org", true},
            {"example.org", "https://myexample.org", false},
            {"example.org", "https://example.org.evil.net", false},
            {"example.org", "https://org", false},
            {".example.org", "https://example.org", true},
            {".example.org", "https://api.example.org", true},
            {"*.example.org", "https://api.example.org", true},
            {"*.example.org", "https://example.net", false},
            {"example.org.", "https://example.org", true},
            {"example.org", "https://example.org.", true},
            {"*", "https://example.org", true},
            {"*", "https://192.0.2.1", true},
            {"**", "https://example.org", false},
            {"", "https://example.org", false},
            {" , ,", "https://example.org", false},
            {".", "https://example.org", false},
            {"a.net,example.org", "https://example.org", true},
            {"a.net, example.org ,b.net", "https://example.org", true},
            {"a.net example.org\tb.net", "https://b.net", true},
            {"a.net,b.net", "https://example.org", false},
            {"example.org:443", "https://example.org", true},
            {"example.org:8443", "https://example.org", false},
            {"example.org:8443", "https://api.example.org:8443", true},
            {"example.org:", "https://example.org", false},
            {"example.org:x", "https://example.org", false},
            {"*:443", "https://example.org", false},
            {"192.0.2.1", "https://192.0.2.1", true},
            {"192.0.2.1", "https://192.0.2.11", false},
            {"0.2.1", "https://192.0.2.1", false},
            {"2.1", "https://192.0.2.1", false},
            {"192.0.2.1:8443", "https://192.0.2.1:8443", true},
            {"192.0.2.1:8443", "https://192.0.2.1", false},
            {"192.0.2.0/24", "https://192.0.2.200", true},
            {"192.0.2.0/24", "https://192.0.3.1", false},
            {"192.0.2.77/24", "https://192.0.2.200", true},
            {"192.0.2.0/25", "https://192.0.2.127", true},
            {"192.0.2.0/25", "https://192.0.2.128", false},
            {"192.0.2.0/32", "https://192.0.2.0", true},
            {"192.0.2.0/32", "https://192.0.2.1", false},
            {"0.0.0.0/0", "https://203.0.113.9", true},
            {"0.0.0.0/0", "https://example.org", false}, // names are not resolved
            {"0.0.0.0/0", "https://[2001:db8::1]", false},
            {"10.0.0.0/8:443", "https://10.1.2.3", true},
            {"10.0.0.0/8:444", "https://10.1.2.3", false},
            {"192.0.2.0/33", "https://192.0.2.1", false},
            {"192.0.2.0/", "https://192.0.2.1", false},
            {"192.0.2.0/x", "https://192.0.2.1", false},
            {"/24", "https://192.0.2.1", false},
            {"2001:db8::1", "https://[2001:db8::1]", true},
            {"2001:DB8:0::1", "https://[2001:db8::1]", true},
            {"[2001:db8::1]", "https://[2001:db8::1]", true},
            {"[2001:db8::1]:443", "https://[2001:db8::1]", true},
            {"[2001:db8::1]:444", "https://[2001:db8::1]", false},
            {"[2001:db8::1", "https://[2001:db8::2]", false},
            {"[2001:db8::12", "https://[2001:db8::1]", false},
            {"[", "https://[2001:db8::2]", false},
            {"2001:db8::/32", "https://[2001:db8:ffff::1]", true},
            {"2001:db8::/32", "https://[2001:db9::1]", false},
            {"2001:db8::/33", "https://[2001:db8:8000::1]", false},
            {"2001:db8::/129", "https://[2001:db8::]", false},
            {"::/0", "https://[2001:db8::1]", true},
            {"::/0", "https://192.0.2.1", false},
        };
        for (const row& each : table) {
            CAPTURE(each.list);
            CAPTURE(each.url);
            CHECK(listed(each.list, each.url) == each.is_listed);
        }
    }

    TEST_CASE("proxy from the environment: loopback hosts never use a proxy")
    {
        for (const std::string host : {"localhost", "127.0.0.1", "[::1]"}) {
            CHECK(found("https://" + host, {{"ALL_PROXY", "no proxy at all"}}).empty());
        }
    }

    TEST_CASE("proxy from the environment: the error of an invalid variable contains its name, and "
              "not its value")
    {
        for (const std::string name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
            const std::string reason = refusal(
                [&] { found("https://example.org", {{name, "gopher://user:secret@proxy"}}); });
            CHECK(reason.starts_with(name + ": proxy: "));
            CHECK(reason.find("secret") == std::string::npos);
        }
        CHECK(refusal([] { found("example.org", {}); }).starts_with("base_url: "));
    }

#if !defined(_WIN32)
    TEST_CASE("proxy from the environment: from_environment() reads the variables of the process")
    {
        ::setenv("https_proxy", "http://user:word@proxy.example:3128", 1);
        const auto proxy = proxy_config::from_environment("https://example.org/api");
        ::unsetenv("https_proxy");
        CHECK(proxy.host == "proxy.example");
        CHECK(proxy.port == "3128");
        CHECK(proxy.username == "user");
        CHECK(proxy.password.view() == "word");
    }
#endif
}
