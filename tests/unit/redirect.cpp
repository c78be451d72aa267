//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/client/redirect.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

using cyclos::origin;
using cyclos::detail::is_redirect;
using cyclos::detail::resolve_redirect;

namespace {

using text = std::optional<std::string>;

text from_host(std::string_view location)
{
    return resolve_redirect(origin{true, "host", "443"}, "/api/images/1?a=b", location);
}

} // namespace

TEST_SUITE("redirects")
{
    TEST_CASE("redirects: is_redirect() is true for 301, 302, 303, 307 and 308")
    {
        for (unsigned status = 100; status < 600; ++status) {
            const bool one =
                status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
            CHECK(is_redirect(status) == one);
        }
    }

    TEST_CASE("redirects: a location within the origin is resolved")
    {
        CHECK(from_host("/x") == text{"/x"});
        CHECK(from_host("2") == text{"/api/images/2"});
        CHECK(from_host("?c=d") == text{"/api/images/1?c=d"});
        CHECK(from_host("../2/./3#part") == text{"/api/2/3"});
        CHECK(from_host("../../../../x") == text{"/x"});
        CHECK(from_host("https://host/../../x") == text{"/x"});
        CHECK(from_host("//host/x") == text{"/x"});
        CHECK(from_host("https://host/x?y=%20z") == text{"/x?y=%20z"});
        CHECK(from_host("HTTPS://HOST:443/x") == text{"/x"});
        CHECK(from_host("https://host:/x") == text{"/x"});
        CHECK(from_host("https://host") == text{"/"});
        CHECK(from_host("https://host?a") == text{"/?a"});
        CHECK(resolve_redirect(origin{false, "::1", "8080"}, "/", "http://[::1]:8080/x") ==
              text{"/x"});
        CHECK(resolve_redirect(origin{false, "127.0.0.1", "80"}, "/", "http://127.0.0.1/x") ==
              text{"/x"});
        const origin begins_like_an_address{true, "10.0.0.1.nip.io", "443"};
        CHECK(resolve_redirect(begins_like_an_address, "/api/a", "b") == text{"/api/b"});
        CHECK(resolve_redirect(begins_like_an_address, "/api/a", "https://10.0.0.1.nip.io/x") ==
              text{"/x"});
        CHECK(resolve_redirect(begins_like_an_address, "/api/a", "//10.0.0.1.nip.io:443/x") ==
              text{"/x"});
        CHECK(resolve_redirect(begins_like_an_address, "/api/a", "https://10.0.0.1/x") ==
              std::nullopt);
    }

    TEST_CASE("redirects: a location outside the origin, or a malformed one, is rejected")
    {
        for (const std::string_view location : {"",
                                                "http://host/x",
                                                "https://host:444/x",
                                                "https://hos/x",
                                                "https://host.example/x",
                                                "https://host./x",
                                                "//other/x",
                                                "https://user@host/x",
                                                "https://:@host/x",
                                                "https://@host/x",
                                                "https://h%6fst/x",
                                                "ftp://host/x",
                                                "https:",
                                                "https://",
                                                "mailto:a@host",
                                                "javascript:x",
                                                "/a b",
                                                "/a\r\nX: y",
                                                "\\\\host\\x",
                                                "/\x7f",
                                                "/\xc3\xa4",
                                                "https://host:99999/x",
                                                "https://[::1]/x"}) {
            CAPTURE(location);
            CHECK(from_host(location) == std::nullopt);
        }
        CHECK(resolve_redirect(origin{true, "::1", "443"}, "/", "https://[::2]/x") == std::nullopt);
    }
}
