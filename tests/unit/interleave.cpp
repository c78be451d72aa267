//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/net/address_race.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using endpoint = boost::asio::ip::tcp::endpoint;

std::string order(const std::vector<std::string>& addresses)
{
    std::vector<endpoint> endpoints;
    for (const auto& text : addresses) {
        endpoints.emplace_back(boost::asio::ip::make_address(text), 443);
    }
    std::string result;
    for (const endpoint& each : cyclos::net::interleave(endpoints)) {
        CHECK(each.port() == 443);
        result += result.empty() ? "" : " ";
        result += each.address().to_string();
    }
    return result;
}

} // namespace

TEST_SUITE("interleave")
{
    TEST_CASE(
        "interleave: address families alternate, beginning with the family of the first address")
    {
        CHECK(order({"::1", "::2", "1.1.1.1", "2.2.2.2"}) == "::1 1.1.1.1 ::2 2.2.2.2");
        CHECK(order({"1.1.1.1", "2.2.2.2", "::1", "::2"}) == "1.1.1.1 ::1 2.2.2.2 ::2");
        CHECK(order({"::1", "1.1.1.1", "::2"}) == "::1 1.1.1.1 ::2");
    }

    TEST_CASE("interleave: the rest of the longer family is last")
    {
        CHECK(order({"::1", "::2", "::3", "1.1.1.1"}) == "::1 1.1.1.1 ::2 ::3");
        CHECK(order({"::1", "1.1.1.1", "2.2.2.2", "3.3.3.3"}) == "::1 1.1.1.1 2.2.2.2 3.3.3.3");
    }

    TEST_CASE("interleave: addresses of one family keep their order")
    {
        CHECK(order({"3.3.3.3", "1.1.1.1", "2.2.2.2"}) == "3.3.3.3 1.1.1.1 2.2.2.2");
    }

    TEST_CASE("interleave: one address or none is returned unchanged")
    {
        CHECK(order({"::1"}) == "::1");
        CHECK(order({}) == "");
    }
}
