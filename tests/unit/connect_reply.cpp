//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/net/connect_reply.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>

using cyclos::net::connect_reply;
using cyclos::net::read_connect_reply;
using verdict = connect_reply::verdict;

TEST_SUITE("CONNECT response")
{
    TEST_CASE(
        "CONNECT response: it is incomplete until its last byte, and later bytes are not consumed")
    {
        for (const std::string head :
             {"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n", "HTTP/1.0 200\r\n\r\n",
              "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
              "HTTP/1.1 299 Yes\r\n\r\n"}) {
            CAPTURE(head);
            for (std::size_t size = 0; size < head.size(); ++size) {
                CHECK(read_connect_reply(head.substr(0, size)).outcome == verdict::incomplete);
            }
            const auto reply = read_connect_reply(head + "\n\x16\x03");
            CHECK(reply.outcome == verdict::established);
            CHECK(reply.size == head.size());
        }
    }

    TEST_CASE("CONNECT response: a status other than 2xx is a refusal with its status line")
    {
        for (const std::string_view line :
             {"HTTP/1.1 407 Proxy Authentication Required", "HTTP/1.1 302 Found", "HTTP/1.0 503",
              "HTTP/1.1 999 "}) {
            CAPTURE(line);
            const std::string text = std::string{line} + "\r\nA: b\r\n\r\nbody\n";
            const auto reply = read_connect_reply(text);
            CHECK(reply.outcome == verdict::refused);
            CHECK(reply.status_line == line);
        }
    }

    TEST_CASE("CONNECT response: malformed input is recognised at its first wrong byte")
    {
        for (const std::string_view text :
             {"S", "HTTP/2", "\r\n", "\n", "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r\nA: b\n",
              "HTTP/1.1 200 OK\r\n\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 20 OK\r\n",
              "HTTP/1.1 abc\r\n", "HTTP/1.1\r\n", "HTTP/1.1  200\r\n",
              "HTTP/1.1 100 Continue\r\n\r\nX"}) {
            CAPTURE(text);
            CHECK(read_connect_reply(text).outcome == verdict::malformed);
        }
    }
}
