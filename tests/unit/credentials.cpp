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
        CHECK(credentials{}.header_field().empty());
        CHECK(credentials::guest().type() == credentials::kind::guest);
        CHECK(credentials::guest().header_field().empty());
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
        CHECK(credentials::basic(text, view).header_field() ==
              credentials::basic("x", text.c_str()).header_field());
    }

    TEST_CASE("credentials: basic authentication is encoded as in RFC 7617")
    {
        const auto c = credentials::basic("Aladdin", "open sesame"); // the example of RFC 7617
        CHECK(c.type() == credentials::kind::basic);
        CHECK(c.header_field() == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
        CHECK(credentials::basic("test", "123£").header_field() ==
              "Authorization: Basic dGVzdDoxMjPCow==\r\n");
        CHECK(credentials::basic("u", "").header_field() == "Authorization: Basic dTo=\r\n");
        CHECK(credentials::basic("u", "a:b:c").header_field() ==
              "Authorization: Basic dTphOmI6Yw==\r\n");
        // Long ones are on one line too.
        const auto long_one = credentials::basic("u", std::string(500, 'x'));
        const auto field = long_one.header_field();
        CHECK(field.find("\r\n") == field.size() - 2);
        CHECK(field.size() == "Authorization: Basic \r\n"sv.size() + 672);
    }

    TEST_CASE("credentials: session and access client tokens have a header field each")
    {
        CHECK(credentials::session("abc.DEF-1").type() == credentials::kind::session);
        CHECK(credentials::session("abc.DEF-1").header_field() == "Session-Token: abc.DEF-1\r\n");
        CHECK(credentials::access_client("t").type() == credentials::kind::access_client);
        CHECK(credentials::access_client("t").header_field() == "Access-Client-Token: t\r\n");
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
}
