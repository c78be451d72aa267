//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/net/socks_negotiation.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>

using cyclos::net::socks_negotiation;
using state = socks_negotiation::state;

namespace {

std::string bytes(std::initializer_list<int> values)
{
    std::string text;
    for (const int value : values) {
        text += static_cast<char>(value);
    }
    return text;
}

std::string request_of(const socks_negotiation& negotiation)
{
    const auto request = negotiation.request();
    return {request.begin(), request.end()};
}

socks_negotiation anonymous(const std::string& host = "example.org")
{
    return {host, 443, "", ""};
}

socks_negotiation with_password()
{
    return {"example.org", 443, "user", "word"};
}

const std::string no_authentication = bytes({5, 0});
const std::string by_password = bytes({5, 2});
const std::string accepted = bytes({1, 0});
const std::string connected = bytes({5, 0, 0, 1, 10, 0, 0, 1, 4, 56});

/// Passes replies, each as a whole, to a negotiation that consumes them.
void pass(socks_negotiation& negotiation, std::initializer_list<std::string> replies)
{
    for (const std::string& reply : replies) {
        CHECK(negotiation.process(reply) == reply.size());
    }
}

/// The failure of a negotiation that receives this last reply.
std::string failure(socks_negotiation negotiation, const std::string& reply)
{
    CHECK(negotiation.process(reply) == 0);
    CHECK(negotiation.current() == state::failed);
    CHECK(request_of(negotiation).empty());
    CHECK(negotiation.process(connected) == 0);
    return negotiation.failure();
}

socks_negotiation connecting()
{
    socks_negotiation negotiation = anonymous();
    pass(negotiation, {no_authentication});
    return negotiation;
}

} // namespace

TEST_SUITE("SOCKS5 negotiation")
{
    TEST_CASE("SOCKS5 negotiation: without authentication the proxy resolves the host name")
    {
        socks_negotiation negotiation = anonymous();
        CHECK(request_of(negotiation) == bytes({5, 1, 0}));
        pass(negotiation, {no_authentication});
        CHECK(negotiation.current() == state::connecting);
        CHECK(request_of(negotiation) == bytes({5, 1, 0, 3, 11}) + "example.org" + bytes({1, 187}));
        pass(negotiation, {connected});
        CHECK(negotiation.current() == state::established);
        CHECK(request_of(negotiation).empty());
    }

    TEST_CASE("SOCKS5 negotiation: user name and password are sent if the proxy requires them")
    {
        socks_negotiation negotiation = with_password();
        CHECK(request_of(negotiation) == bytes({5, 2, 0, 2}));
        pass(negotiation, {by_password});
        CHECK(negotiation.current() == state::authenticating);
        CHECK(request_of(negotiation) == bytes({1, 4}) + "user" + bytes({4}) + "word");
        pass(negotiation, {accepted});
        CHECK(negotiation.current() == state::connecting);
        pass(negotiation, {connected});
        CHECK(negotiation.current() == state::established);

        socks_negotiation not_required = with_password();
        pass(not_required, {no_authentication});
        CHECK(not_required.current() == state::connecting);
    }

    TEST_CASE("SOCKS5 negotiation: addresses are sent as addresses, and names of up to 255 bytes "
              "as names")
    {
        socks_negotiation v4 = anonymous("192.0.2.1");
        pass(v4, {no_authentication});
        CHECK(request_of(v4) == bytes({5, 1, 0, 1, 192, 0, 2, 1, 1, 187}));
        socks_negotiation v6 = anonymous("2001:db8::1");
        pass(v6, {no_authentication});
        CHECK(request_of(v6) ==
              bytes({5, 1, 0, 4, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 187}));
        socks_negotiation longest = anonymous(std::string(255, 'x'));
        pass(longest, {no_authentication});
        CHECK(request_of(longest).size() == 4 + 1 + 255 + 2);
    }

    TEST_CASE(
        "SOCKS5 negotiation: replies with each type of address are accepted, split at every byte")
    {
        for (const std::string& last :
             {connected, bytes({5, 0, 0, 4}) + std::string(16 + 2, 'x'),
              bytes({5, 0, 0, 3, 0, 1, 187}), bytes({5, 0, 0, 3, 255}) + std::string(257, 'x')}) {
            for (const std::string& rest : {std::string{}, std::string{"of the server"}}) {
                socks_negotiation negotiation = with_password();
                for (const std::string& reply : {by_password, accepted, last}) {
                    const state before = negotiation.current();
                    for (std::size_t size = 0; size < reply.size(); ++size) {
                        CHECK(negotiation.process(reply.substr(0, size)) == 0);
                        CHECK(negotiation.current() == before);
                    }
                    CHECK(negotiation.process(reply + rest) == reply.size());
                    CHECK(negotiation.current() != before);
                }
                CHECK(negotiation.current() == state::established);
            }
        }
    }

    TEST_CASE("SOCKS5 negotiation: every error code is reported as soon as it arrives")
    {
        for (int code = 1; code < 256; ++code) {
            const std::string reason = failure(connecting(), bytes({5, code}));
            CHECK(reason.starts_with("the proxy said: "));
            CHECK((reason.find("error " + std::to_string(code)) != std::string::npos) ==
                  (code > 8));
        }
        CHECK(failure(connecting(), bytes({5, 1})) == "the proxy said: general failure");
        CHECK(failure(connecting(), bytes({5, 5})) == "the proxy said: the connection was refused");
        CHECK(failure(connecting(), bytes({5, 8})) ==
              "the proxy said: the type of address is not supported");
    }

    TEST_CASE("SOCKS5 negotiation: a malformed reply is rejected at its first wrong byte")
    {
        CHECK(failure(anonymous(), "H") == "the proxy does not speak SOCKS5");
        CHECK(failure(anonymous(), bytes({4})) == "the proxy does not speak SOCKS5");
        CHECK(failure(anonymous(), bytes({5, 0xFF})) == "the proxy requires authentication");
        CHECK(failure(with_password(), bytes({5, 0xFF})) ==
              "the proxy accepts no user name and password");
        for (const int method : {1, 2, 3, 0xFE}) {
            CHECK(failure(anonymous(), bytes({5, method})) ==
                  "the proxy chose a method of authentication that was not offered");
        }
        for (const int version : {0, 2, 5}) {
            socks_negotiation negotiation = with_password();
            pass(negotiation, {by_password});
            CHECK(failure(negotiation, bytes({version})) != "");
        }
        for (const int status : {1, 2, 255}) {
            socks_negotiation negotiation = with_password();
            pass(negotiation, {by_password});
            CHECK(failure(negotiation, bytes({1, status})) ==
                  "the proxy rejected the user name or the password");
        }
        CHECK(failure(connecting(), bytes({4})) == "the proxy does not speak SOCKS5");
        CHECK(failure(connecting(), bytes({5, 0, 1})) == "the reply of the proxy is malformed");
        for (const int type : {0, 2, 5, 255}) {
            CHECK(failure(connecting(), bytes({5, 0, 0, type})) ==
                  "the reply of the proxy is malformed");
        }
    }
}
