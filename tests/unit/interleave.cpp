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

    TEST_CASE("interleave: connections begin with each address in turn, and the first family stays "
              "the first")
    {
        const auto spread_order = [](const std::vector<std::string>& addresses, std::size_t n) {
            std::vector<endpoint> endpoints;
            for (const auto& text : addresses) {
                endpoints.emplace_back(boost::asio::ip::make_address(text), 443);
            }
            std::string result;
            for (const endpoint& each : cyclos::net::spread(endpoints, n)) {
                result += result.empty() ? "" : " ";
                result += each.address().to_string();
            }
            return result;
        };
        const std::vector<std::string> mixed{"::1", "1.1.1.1", "::2", "2.2.2.2", "::3"};
        CHECK(spread_order(mixed, 0) == "::1 ::2 ::3 1.1.1.1 2.2.2.2");
        CHECK(spread_order(mixed, 1) == "::2 ::3 ::1 2.2.2.2 1.1.1.1");
        CHECK(spread_order(mixed, 2) == "::3 ::1 ::2 1.1.1.1 2.2.2.2");
        CHECK(spread_order(mixed, 6) == "::1 ::2 ::3 1.1.1.1 2.2.2.2");
        CHECK(spread_order({"1.1.1.1", "2.2.2.2"}, 3) == "2.2.2.2 1.1.1.1");
        CHECK(spread_order({"::1"}, 5) == "::1");
        CHECK(spread_order({}, 5) == "");
    }

    TEST_CASE("interleave: one address or none is returned unchanged")
    {
        CHECK(order({"::1"}) == "::1");
        CHECK(order({}) == "");
    }
}
