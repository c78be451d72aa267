//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The header fields that users may send.

#include <cyclos/config.hpp>
#include <cyclos/detail/http/request/header_rules.hpp>
#include <cyclos/error.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

std::string problem(std::string_view name, std::string_view value)
{
    try {
        cyclos::http::require_sendable_header("headers", name, value);
        return {};
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == cyclos::errc::invalid_argument);
        return e.context().detail;
    }
}

} // namespace

TEST_SUITE("header rules")
{
    TEST_CASE("header rules: names are tokens, whatever their case")
    {
        CHECK(problem("X-Request-ID", "4711").empty());
        CHECK(problem("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                  .empty());
        CHECK(problem("!#$%&'*+-.^_`|~09azAZ", "").empty());
        CHECK(problem("X-Unicode", "caf\xc3\xa9").empty());
        CHECK(problem("X-Tab", "a\tb").empty());
        for (const auto* name : {"", " ", "a b", "a:", "a\r\n", "a\"", "(a)", "\x7f", "\xff"}) {
            CAPTURE(name);
            CHECK(problem(name, "").find("is no name of a header field") != std::string::npos);
        }
    }

    TEST_CASE("header rules: a rejection says which field it is and for which reason, without the "
              "value")
    {
        CHECK(problem("cOnTent-tYpe", "secret") ==
              "headers: cOnTent-tYpe: is sent by the library itself");
        CHECK(problem("Transfer_Encoding", "secret") ==
              "headers: Transfer_Encoding: belongs to the connection");
        CHECK(problem("X-HTTP-Method-Override", "secret") != "");
        CHECK(problem("te", "secret") == "headers: te: belongs to the connection");
        CHECK(problem("If-Anything", "secret") ==
              "headers: If-Anything: changes the meaning of the request");
        CHECK(problem("session-token", "secret") ==
              "headers: session-token: authenticates: use credentials");
        CHECK(problem("X", "secret\r\nHost: other") == "headers: X: holds a control character");
    }

    TEST_CASE("header rules: a configuration with such a field is invalid")
    {
        cyclos::config settings{"https://host/api"};
        settings.headers = {{"X-Service", "avatars"}};
        CHECK_NOTHROW(cyclos::validate(settings));
        for (const auto* name : {"Host", "Authorization", "a b"}) {
            settings.headers = {{name, "x"}};
            try {
                cyclos::validate(settings);
                FAIL("the field is accepted");
            }
            catch (const cyclos::error& e) {
                CHECK(e.code() == cyclos::errc::invalid_config);
            }
        }
    }
}
