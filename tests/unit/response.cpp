//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/arena.hpp>
#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/detail/http/response/response_parser.hpp>
#include <cyclos/header_fields.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

using cyclos::header_fields;
using cyclos::http::parse_keep_alive;
using cyclos::http::response_parser;
using namespace std::chrono_literals;

namespace {

namespace http = boost::beast::http;

/// Parses a header section, and returns the number of bytes taken.
std::size_t parse_head(response_parser& parser, std::string_view text, boost::beast::error_code& ec)
{
    return parser.parse_header(text, ec);
}

boost::beast::error_code failure_of(std::string_view text)
{
    response_parser parser{16384};
    boost::beast::error_code ec;
    parse_head(parser, text, ec);
    return ec;
}

} // namespace

TEST_SUITE("response_parser")
{
    TEST_CASE("response_parser: status and fields are read")
    {
        response_parser parser{16384};
        const std::string_view head =
            "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nX-Twice: a\r\nx-twice: b\r\n"
            "Content-Length: 3\r\nEmpty:\r\n\r\n";
        boost::beast::error_code ec;
        CHECK(parse_head(parser, std::string{head} + "abc", ec) == head.size());
        CHECK_FALSE(ec);
        CHECK(parser.is_header_done());
        CHECK(parser.status() == 201);
        CHECK(parser.content_length().value() == 3);
        CHECK(parser.keep_alive());

        const header_fields& fields = parser.fields();
        CHECK(fields.size() == 5);
        CHECK(fields["content-type"] == "text/plain");
        CHECK(fields["X-TWICE"] == "a");
        CHECK(fields.name(2) == "x-twice");
        CHECK(fields.value(2) == "b");
        CHECK(fields.contains("Empty"));
        CHECK(fields["Empty"].empty());
        CHECK_FALSE(fields.contains("Absent"));
        CHECK(fields["Absent"].empty());
    }

    TEST_CASE("response_parser: a header section in two pieces is read, for each split position")
    {
        const std::string head = "HTTP/1.1 204 No Content\r\nA: b\r\nC: d\r\n\r\n";
        for (std::size_t size = 1; size < head.size(); ++size) {
            CAPTURE(size);
            response_parser parser{16384};
            boost::beast::error_code ec;
            // Since Boost 1.87 the parser takes each line separately.
            const std::size_t taken = parse_head(parser, head.substr(0, size), ec);
            CHECK(ec == http::error::need_more);
            CHECK_FALSE(parser.is_header_done());
            CHECK(parse_head(parser, head.substr(taken), ec) == head.size() - taken);
            CHECK_FALSE(ec);
            CHECK(parser.is_done());
            CHECK(parser.fields().size() == 2);
        }
    }

    TEST_CASE("response_parser: the fields of a usual header section fit into the arena")
    {
        alignas(std::max_align_t) unsigned char buffer[header_fields::usual_size()];
        cyclos::detail::arena memory{buffer, sizeof buffer};
        header_fields fields{&memory};
        for (int n = 0; n < 12; ++n) {
            fields.append("Some-Name", "and a value of it");
        }
        CHECK(fields.size() == 12);
        CHECK(fields["some-name"] == "and a value of it");
        CHECK(memory.contains(fields.value(11).data()));
        // The arena is full: it contains the list of the fields too.
        void* const more = memory.allocate(1, 1);
        CHECK_FALSE(memory.contains(more));
        memory.deallocate(more);
    }

    TEST_CASE("response_parser: the fields of a long header section are on the heap, and the arena "
              "is reusable after a release")
    {
        alignas(std::max_align_t) unsigned char buffer[header_fields::usual_size()];
        cyclos::detail::arena memory{buffer, sizeof buffer};
        {
            header_fields fields{&memory};
            const std::string value(1000, 'v');
            fields.append("Long", value);
            CHECK(fields["Long"] == value);
            CHECK_FALSE(memory.contains(fields["Long"].data()));
            const header_fields copy = fields; // outlives the arena
            CHECK_FALSE(memory.contains(copy["Long"].data()));
        }
        memory.release();
        header_fields fields{&memory};
        fields.append("Short", "value");
        CHECK(memory.contains(fields["Short"].data()));
        const header_fields copy = fields;
        CHECK(copy["Short"] == "value");
        CHECK_FALSE(memory.contains(copy["Short"].data()));
    }

    TEST_CASE("response_parser: keep_alive() follows the version and the Connection field")
    {
        const auto kept = [](std::string_view head) {
            response_parser parser{16384};
            boost::beast::error_code ec;
            parse_head(parser, head, ec);
            REQUIRE(!ec);
            return parser.keep_alive();
        };
        CHECK(kept("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        CHECK(kept("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
        CHECK_FALSE(kept("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
        CHECK_FALSE(kept("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        CHECK_FALSE(
            kept("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: upgrade, Close\r\n\r\n"));
    }

    TEST_CASE("response_parser: malformed header sections are rejected")
    {
        for (const std::string_view text :
             {"GET / HTTP/1.1\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
              "HTTP/1.1 abc OK\r\n\r\n", "<html></html>\r\n\r\n",
              "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n: empty\r\n\r\n",
              "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
            CAPTURE(text);
            const auto ec = failure_of(text);
            CHECK(ec);
            CHECK(ec != http::error::need_more);
        }
    }

    TEST_CASE("response_parser: transfer codings other than chunked are rejected")
    {
        for (const std::string_view value :
             {"gzip", "gzip, chunked", "chunked, gzip", "identity", "chunked;q=1", ""}) {
            CAPTURE(value);
            CHECK(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + std::string{value} +
                             "\r\n\r\n") == http::error::bad_transfer_encoding);
        }
        CHECK_FALSE(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"));
    }

    TEST_CASE("response_parser: may_be_header() rejects input that cannot become a header section")
    {
        const std::string head = "HTTP/1.1 204 No Content\r\nA: b\r\nC: d";
        for (std::size_t size = 0; size <= head.size(); ++size) {
            CHECK(response_parser{16384}.may_be_header(head.substr(0, size)));
        }
        for (const std::string_view text :
             {"X", "HTTP/2", "http/1.1", "\r\n", " HTTP/1.1", "HTTP/1.1 200 OK\n",
              "HTTP/1.1 200 OK\r\nA: b\n", "HTTP/1.1 200 OK\r\n\n"}) {
            CAPTURE(text);
            CHECK_FALSE(response_parser{16384}.may_be_header(text));
        }

        response_parser parser{16384};
        boost::beast::error_code ec;
        REQUIRE(parse_head(parser, "HTTP/1.1 200 OK\r\nA: b", ec) == 17); // the first line
        REQUIRE(ec == http::error::need_more);
        CHECK(parser.may_be_header("A: b"));
        CHECK_FALSE(parser.may_be_header("\n"));
    }

    TEST_CASE("response_parser: has_ambiguous_framing() recognises framing that peers may "
              "interpret differently")
    {
        const auto ambiguous = [](std::string_view head) {
            response_parser parser{16384};
            boost::beast::error_code ec;
            parse_head(parser, head, ec);
            REQUIRE(!ec);
            return parser.has_ambiguous_framing();
        };
        CHECK_FALSE(ambiguous("HTTP/1.1 204 No Content\r\n\r\n"));
        CHECK_FALSE(ambiguous("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"));
        CHECK_FALSE(ambiguous("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        CHECK_FALSE(ambiguous("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"));
        CHECK_FALSE(ambiguous("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        CHECK_FALSE(ambiguous(
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 1\r\n\r\n")); // the length of the content
                                                                        // that was not sent
        CHECK(ambiguous("HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n"));
        CHECK(ambiguous("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"));
        CHECK(ambiguous(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"));
    }

    TEST_CASE("response_parser: a header section of the maximum size is accepted, and a larger one "
              "rejected, in pieces of any size")
    {
        const auto head_of = [](std::size_t size) {
            std::string head = "HTTP/1.1 200 OK\r\nB: c\r\nA: \r\n\r\n";
            head.insert(head.size() - 4, size - head.size(), 'x');
            return head;
        };
        for (const std::size_t piece : {1U, 16U, 17U, 1000U, 1023U, 1024U, 2000U}) {
            for (const std::size_t size : {1024U, 1025U, 1500U}) {
                CAPTURE(piece);
                CAPTURE(size);
                response_parser parser{1024};
                const std::string head = head_of(size);
                std::string input;
                boost::beast::error_code ec = http::error::need_more;
                for (std::size_t at = 0; at < head.size() && ec == http::error::need_more;
                     at += piece) {
                    input += head.substr(at, piece);
                    input.erase(0, parser.parse_header(input, ec));
                }
                if (size == 1024) {
                    CHECK_FALSE(ec);
                    CHECK(parser.is_header_done());
                }
                else {
                    CHECK(ec == http::error::header_limit);
                }
            }
        }
    }

    TEST_CASE("response_parser: a status line without the space after the status is accepted, in "
              "pieces of any size")
    {
        const std::string head = "HTTP/1.1 200\r\nA: b\r\nContent-Length: 2\r\n\r\n";
        for (std::size_t piece = 1; piece <= head.size() + 2; ++piece) {
            CAPTURE(piece);
            response_parser parser{1024};
            const std::string all = head + "{}";
            std::string input;
            boost::beast::error_code ec = http::error::need_more;
            for (std::size_t at = 0; at < all.size() && !parser.is_header_done(); at += piece) {
                input += all.substr(at, piece);
                input.erase(0, parser.parse_header(input, ec));
                REQUIRE((!ec || ec == http::error::need_more));
                CHECK(parser.may_be_header(input));
            }
            CHECK(parser.is_header_done());
            CHECK(parser.status() == 200);
            CHECK(parser.fields()["A"] == "b");
            CHECK(parser.content_length().value() == 2);
            CHECK(std::string_view{"{}"}.starts_with(input));
        }
        for (const std::string_view line :
             {"HTTP/1.1 20\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1\r\n", "HTTP/1.1 200\n"}) {
            CAPTURE(line);
            const auto ec = failure_of(std::string{line} + "Content-Length: 0\r\n\r\n");
            CHECK(ec);
            CHECK(ec != http::error::need_more);
        }
    }
}

TEST_SUITE("Keep-Alive")
{
    TEST_CASE("Keep-Alive: the timeout parameter is read")
    {
        CHECK(parse_keep_alive("timeout=5") == 5s);
        CHECK(parse_keep_alive("timeout=5, max=100") == 5s);
        CHECK(parse_keep_alive("max=100, timeout=60") == 60s);
        CHECK(parse_keep_alive("timeout=0") == 0s);
        CHECK(parse_keep_alive("Timeout=5") == 5s);
        CHECK(parse_keep_alive("timeout = 5") == std::nullopt); // no spaces in a parameter
    }

    TEST_CASE("Keep-Alive: a value without a valid timeout gives nullopt")
    {
        for (const std::string_view value :
             {"", "max=100", "timeout", "timeout=", "timeout=x", "timeout=-5",
              "timeout=99999999999999999999", "xtimeout=5"}) {
            CAPTURE(value);
            CHECK(parse_keep_alive(value) == std::nullopt);
        }
    }
}
