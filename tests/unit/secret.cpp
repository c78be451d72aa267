//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/client/login.hpp>
#include <cyclos/detail/net/basic_authorization.hpp>
#include <cyclos/secret.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

using cyclos::secret;
using cyclos::detail::read_session_token;

// It is not printable, and not convertible to a string by mistake.
static_assert(!std::is_convertible_v<secret, std::string>);
static_assert(!std::is_convertible_v<secret, std::string_view>);
static_assert(std::is_nothrow_move_constructible_v<secret> &&
              std::is_nothrow_move_assignable_v<secret>);

TEST_SUITE("secret")
{
    TEST_CASE("secret: it is copyable, movable and comparable")
    {
        secret one{"abc"};
        CHECK(one.view() == "abc");
        secret other = one;
        other += "def";
        CHECK(other.view() == "abcdef");
        CHECK(one.view() == "abc");
        one = other;
        CHECK(one == other);
        secret& same = one;
        one = same;
        CHECK(one.view() == "abcdef");
        one = std::string{"text"};
        CHECK(one.view() == "text");
        const secret moved = std::move(one);
        CHECK(moved.view() == "text");
        CHECK(secret{}.empty());
        CHECK(secret{}.view().empty());
        CHECK_FALSE(moved.empty());
    }

    TEST_CASE("secret: basic_authorization() encodes user and password")
    {
        CHECK(cyclos::net::basic_authorization("Aladdin", "open sesame").view() ==
              "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        CHECK(cyclos::net::basic_authorization("", "").view() == "Basic Og==");
    }

    TEST_CASE("secret: read_session_token() reads the token, and returns an empty secret for "
              "anything else")
    {
        CHECK(read_session_token(R"({"sessionToken": "abc"})").view() == "abc");
        CHECK(
            read_session_token(
                R"({"user": {"sessionToken": "no"}, "x": [1, 2.5, null], "sessionToken": "a\"b"})")
                .view() == "a\"b");
        const std::string large(100'000, 'x');
        CHECK(read_session_token(R"({"x": ")" + large + R"(", "sessionToken": ")" + large + "\"}")
                  .view() == large);
        for (const std::string_view text :
             {"", "{}", "[]", "7", "{\"sessionToken\": 7}", "{\"sessionToken\": \"abc",
              "{\"sessionToken\": \"abc\"} x", "{\"sessionToken\": \"a\\nb\"}", "<html>"}) {
            CHECK(read_session_token(text).empty());
        }
        CHECK(read_session_token("{\"sessionToken\": " + std::string(10'000, '[')).empty());
    }
}
