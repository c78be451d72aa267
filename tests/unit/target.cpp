//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/http/request/target.hpp>
#include <cyclos/error.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using cyclos::errc;
using cyclos::http::require_header_value;
using cyclos::http::target;
using namespace std::string_view_literals;

namespace {

std::string segment(std::string_view value)
{
    return target{"/api"}.segment("user", value).text();
}

std::string query(std::string_view value)
{
    return target{""}.query("k", value).text();
}

/// The detail of the error of a call.
template <class Call>
std::string refusal(Call call)
{
    try {
        call();
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == errc::invalid_argument);
        CHECK(e.phase() == cyclos::phase::preparing);
        CHECK(e.sent() == cyclos::sent_state::none);
        CHECK(e.is_rejected_locally());
        CHECK(e.kind() == "rejected");
        return e.context().detail;
    }
    return "nothing was thrown";
}

} // namespace

TEST_SUITE("request target")
{
    TEST_CASE("request target: path segments and query parameters are appended")
    {
        target t{"/network/api"};
        t.literal("marketplace").segment("ad", "P-1@demo").literal("images");
        CHECK(t.text() == "/network/api/marketplace/P-1%40demo/images");
        t.query("fields", "id").query("fields", "-url").query("kind", "profile");
        CHECK(t.text() ==
              "/network/api/marketplace/P-1%40demo/images?fields=id&fields=-url&kind=profile");
    }

    TEST_CASE("request target: the prefix may be empty")
    {
        CHECK(target{""}.literal("images").segment("id", "1").text() == "/images/1");
    }

    TEST_CASE("request target: a segment is percent-encoded completely")
    {
        CHECK(segment("self") == "/api/self");
        CHECK(segment("-7762070814178012479") == "/api/-7762070814178012479");
        CHECK(segment("'1234567890") == "/api/%271234567890");
        CHECK(segment("demo@example.org") == "/api/demo%40example.org");
        CHECK(segment("+55 11 98765-4321") == "/api/%2B55%2011%2098765-4321");
        CHECK(segment("a/b") == "/api/a%2Fb");
        CHECK(segment("../admin") == "/api/..%2Fadmin");
        CHECK(segment("..\\admin") == "/api/..%5Cadmin");
        CHECK(segment("50%") == "/api/50%25");
        CHECK(segment("%2e%2e") == "/api/%252e%252e");
        CHECK(segment("a?b#c") == "/api/a%3Fb%23c");
        CHECK(segment("a;b=c&d") == "/api/a%3Bb%3Dc%26d");
        CHECK(segment("\"quoted\"") == "/api/%22quoted%22");
        CHECK(segment("möbius") == "/api/m%C3%B6bius");
        CHECK(segment("\xff") == "/api/%FF");
        CHECK(segment("a\0b"sv) == "/api/a%00b");
        CHECK(segment("a\r\nX: y") == "/api/a%0D%0AX%3A%20y");
        CHECK(segment("...") == "/api/...");
        CHECK(segment(".hidden") == "/api/.hidden");
        CHECK(segment(" ") == "/api/%20");
        CHECK(segment("AZaz09-._~") == "/api/AZaz09-._~");
    }

    TEST_CASE(
        "request target: an empty or dot segment is rejected, and the error names the argument")
    {
        CHECK(refusal([] { segment(""); }).starts_with("user: "));
        CHECK(refusal([] { segment("."); }).starts_with("user: "));
        CHECK(refusal([] { segment(".."); }).starts_with("user: "));
    }

    TEST_CASE("request target: a query value is percent-encoded completely")
    {
        CHECK(query("a b") == "?k=a%20b");
        CHECK(query("a+b") == "?k=a%2Bb");
        CHECK(query("a&b=c") == "?k=a%26b%3Dc");
        CHECK(query("1,2") == "?k=1%2C2");
        CHECK(query("100%") == "?k=100%25");
        CHECK(query("#") == "?k=%23");
        CHECK(query("") == "?k=");
        CHECK(query(".") == "?k=.");
        CHECK(query("ü\n\0"sv) == "?k=%C3%BC%0A%00");
    }
}

TEST_SUITE("header values")
{
    TEST_CASE("header values: printable characters, tabs and non-ASCII bytes are accepted")
    {
        for (const auto value :
             {""sv, "a b"sv, "image/png; charset=x"sv, "tab\there"sv, "möbius"sv, "\xff"sv}) {
            CAPTURE(value);
            CHECK_NOTHROW(require_header_value("channel", value));
        }
    }

    TEST_CASE("header values: control characters are rejected, and the error names the field")
    {
        for (const auto value : {"a\r\nX: y"sv, "a\n"sv, "\r"sv, "a\0b"sv, "\x7f"sv, "\x1b[0m"sv}) {
            CHECK(
                refusal([&] { require_header_value("channel", value); }).starts_with("channel: "));
        }
    }
}
