//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/config.hpp>
#include <cyclos/credentials.hpp>
#include <cyclos/error.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using cyclos::credentials;
using cyclos::errc;
using namespace std::string_view_literals;

namespace {

template <class Call>
std::string refusal(Call call)
{
    try {
        call();
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == errc::invalid_config);
        CHECK(e.is_rejected_locally());
        return e.what();
    }
    return {};
}

} // namespace

TEST_SUITE("credentials")
{
    TEST_CASE("credentials: a guest sends no header field")
    {
        CHECK(credentials{}.type() == credentials::kind::guest);
        CHECK(credentials{}.header_fields().empty());
        CHECK(credentials::guest().type() == credentials::kind::guest);
        CHECK(credentials::guest().header_fields().empty());
    }

    TEST_CASE("credentials: a null pointer is rejected")
    {
        const char* const unset = nullptr;
        CHECK(refusal([&] { credentials::basic("alice", unset); }) != "");
        CHECK(refusal([&] { credentials::basic(unset, "password"); }) != "");
        CHECK(refusal([&] { credentials::session(unset); }) != "");
        CHECK(refusal([&] { credentials::access_client(unset); }) != "");
        CHECK(refusal([&] { credentials::session_login("alice", unset); }) != "");
        CHECK(refusal([&] { cyclos::config{unset}; }) != "");
        CHECK(refusal([&] { cyclos::config{}.proxy.password = unset; }) != "");
        // Any other text is accepted.
        const std::string text = "x";
        const std::string_view view = text;
        CHECK(credentials::basic(text, view).header_fields() ==
              credentials::basic("x", text.c_str()).header_fields());
    }

    TEST_CASE("credentials: basic authentication is encoded as in RFC 7617")
    {
        const auto c = credentials::basic("Aladdin", "open sesame"); // the example of RFC 7617
        CHECK(c.type() == credentials::kind::basic);
        CHECK(c.header_fields() == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
        CHECK(credentials::basic("test", "123£").header_fields() ==
              "Authorization: Basic dGVzdDoxMjPCow==\r\n");
        CHECK(credentials::basic("u", "").header_fields() == "Authorization: Basic dTo=\r\n");
        CHECK(credentials::basic("u", "a:b:c").header_fields() ==
              "Authorization: Basic dTphOmI6Yw==\r\n");
        // Long ones are on one line too.
        const auto long_one = credentials::basic("u", std::string(500, 'x'));
        const auto field = long_one.header_fields();
        CHECK(field.find("\r\n") == field.size() - 2);
        CHECK(field.size() == "Authorization: Basic \r\n"sv.size() + 672);
    }

    TEST_CASE("credentials: session and access client tokens have a header field each")
    {
        CHECK(credentials::session("abc.DEF-1").type() == credentials::kind::session);
        CHECK(credentials::session("abc.DEF-1").header_fields() == "Session-Token: abc.DEF-1\r\n");
        CHECK(credentials::access_client("t").type() == credentials::kind::access_client);
        CHECK(credentials::access_client("t").header_fields() == "Access-Client-Token: t\r\n");
    }

    TEST_CASE("credentials: values that a header field cannot contain are rejected, and are not in "
              "the error message")
    {
        CHECK(refusal([] { credentials::basic("", "secret"); }) != "");
        CHECK(refusal([] { credentials::basic("a:b", "secret"); }) != "");
        CHECK(refusal([] { credentials::session(""); }) != "");
        CHECK(refusal([] { credentials::access_client(""); }) != "");
        for (const auto value :
             {"secret\r\nX: y"sv, "secret\n"sv, "sec\0ret"sv, "secret\x7f"sv, "\tsecret"sv}) {
            for (const auto& message : {refusal([&] { credentials::basic(value, "p"); }),
                                        refusal([&] { credentials::basic("u", value); }),
                                        refusal([&] { credentials::session(value); }),
                                        refusal([&] { credentials::access_client(value); })}) {
                CHECK(message != "");
                CHECK(message.find("sec") == std::string::npos);
            }
        }
    }

    TEST_CASE("credentials: a bearer token has the characters of RFC 6750 only")
    {
        for (const auto token : {"abc.DEF-1"sv, "a_~+/"sv, "YWJj=="sv, "x"sv}) {
            CHECK(credentials::bearer(token).header_fields() ==
                  "Authorization: Bearer " + std::string{token} + "\r\n");
        }
        CHECK(credentials::bearer("x").type() == credentials::kind::bearer);
        for (const auto token : {""sv, "="sv, "secret secret"sv, "sec=ret"sv, "secret\xff"sv,
                                 "secret\r\n"sv, "secret,"sv}) {
            const auto message = refusal([&] { credentials::bearer(token); });
            CHECK(message != "");
            CHECK(message.find("secret") == std::string::npos);
        }
    }

    TEST_CASE("credentials: the type of the principal follows the password")
    {
        CHECK(credentials::basic("u", "", {.principal_type = "email"}).header_fields() ==
              "Authorization: Basic dTo=\r\nPrincipal-Type: email\r\n");
        CHECK(credentials::session_login("u", "", {.principal_type = "email"}).field().view() ==
              "Authorization: Basic dTo=\r\nPrincipal-Type: email\r\n");
        CHECK(refusal([] { credentials::basic("u", "", {.principal_type = "a\r\nX: y"}); }) != "");
    }
}
