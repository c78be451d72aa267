//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/net/tls_context.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace net = cyclos::net;

TEST_SUITE("pins of public keys")
{
    TEST_CASE("pins of public keys: a pin is a digest in Base64 with its padding")
    {
        net::public_key_digest pin{};
        const std::string text = "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=";
        REQUIRE(net::parse_pin(text, pin));
        CHECK(pin.front() == 0x62);
        CHECK(pin.back() == 0x01);
        CHECK(net::to_pin(pin) == text);
        REQUIRE(net::parse_pin("sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", pin));
        CHECK(pin == net::public_key_digest{});
    }

    TEST_CASE("pins of public keys: malformed pins are rejected")
    {
        for (const std::string& text : std::vector<std::string>{
                 "", "sha256//", "YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=",
                 "sha1//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=",
                 "SHA256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=",
                 "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE",
                 "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMw==",
                 "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwEA",
                 "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwF=", // a bit too many
                 "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRM-E=",
                 "sha256// hKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=",
                 "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=;sha256//YhKJ",
                 std::string{"sha256//"} + std::string(44, '='),
                 std::string{"sha256//"} + std::string(44, '\0')}) {
            CAPTURE(text);
            net::public_key_digest pin{};
            CHECK_FALSE(net::parse_pin(text, pin));
        }
    }
}
