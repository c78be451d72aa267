//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Structured header fields: dates and content ranges.

#include <cyclos/detail/http/date.hpp>
#include <cyclos/detail/http/response/content_range.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace {

using namespace std::chrono_literals;
using cyclos::http::content_range;
using cyclos::http::format_date;
using cyclos::http::parse_content_range;
using cyclos::http::parse_date;

} // namespace

TEST_SUITE("HTTP date")
{
    TEST_CASE("HTTP date: format_date() writes the preferred format of RFC 9110")
    {
        using namespace std::chrono;
        CHECK(format_date(sys_days{1994y / November / 6} + 8h + 49min + 37s) ==
              "Sun, 06 Nov 1994 08:49:37 GMT");
        CHECK(format_date(sys_days{2000y / February / 29}) == "Tue, 29 Feb 2000 00:00:00 GMT");
        CHECK(format_date(sys_days{1970y / January / 1} - 1s) == "Wed, 31 Dec 1969 23:59:59 GMT");
    }

    TEST_CASE("HTTP date: parse_date() reads what format_date() wrote")
    {
        for (auto time = std::chrono::sys_seconds{0s};
             time < std::chrono::sys_seconds{std::chrono::years{130}}; time += 41h + 17min + 3s) {
            CHECK(parse_date(format_date(time)) == time);
        }
    }
}

TEST_SUITE("Content-Range")
{
    TEST_CASE("Content-Range: the first byte, the last byte and the total length are read")
    {
        CHECK(parse_content_range("bytes 5-9/10") == content_range{5, 9, 10});
        CHECK(parse_content_range("Bytes 0-0/1") == content_range{0, 0, 1});
        CHECK(parse_content_range("bytes 0-18446744073709551614/18446744073709551615") ==
              content_range{0, 18446744073709551614U, 18446744073709551615U});
    }

    TEST_CASE("Content-Range: incomplete, inconsistent or malformed values are rejected")
    {
        for (const std::string_view text :
             {"", "bytes", "bytes ", "bytes 5-9", "bytes 5-9/", "bytes 5-9/*", "bytes */10",
              "bytes 5/10-9", "bytes 9-5/10", "bytes 5-10/10", "bytes -5-9/10", "bytes 5-9/10 ",
              "bytes 5 - 9/10", "items 5-9/10", "bytes +5-9/10", "bytes 5-9/18446744073709551616",
              "bytes 5-9/10, bytes 5-9/10"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_content_range(text));
        }
    }
}
