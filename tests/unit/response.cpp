//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/arena.hpp>
#include <cyclos/http/header_fields.hpp>
#include <cyclos/http/response.hpp>
#include <cyclos/http/response_parser.hpp>

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

/// Parses a head, and gives how many bytes that took.
std::size_t parse_head(response_parser& parser, std::string_view text, boost::beast::error_code& ec)
{
    return parser.put(boost::asio::buffer(text), ec);
}

boost::beast::error_code failure_of(std::string_view text)
{
    response_parser parser{16384};
    boost::beast::error_code ec;
    parse_head(parser, text, ec);
    return ec;
}

/// Parses a chunked body with a target of so many bytes, and so many bytes of input at a time.
std::string unchunk(std::string text, std::size_t target_size, std::size_t input_size, boost::beast::error_code& ec)
{
    response_parser parser{16384};
    const std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    REQUIRE(parse_head(parser, head, ec) == head.size());
    REQUIRE(!ec);
    REQUIRE(parser.chunked());

    std::string body;
    std::string target(target_size, '\0');
    std::string input;
    bool wants_more = true;
    while (!parser.is_done()) {
        if (wants_more && text.empty()) {
            return body;
        }
        if (wants_more || input.empty()) {
            input += text.substr(0, input_size);
            text.erase(0, input_size);
        }
        parser.body_target(boost::asio::buffer(target));
        input.erase(0, parser.put(boost::asio::buffer(input), ec));
        body.append(target, 0, parser.received());
        wants_more = ec == http::error::need_more;
        if (ec && !wants_more && ec != http::error::need_buffer) {
            return body;
        }
    }
    CHECK(input.empty());
    CHECK(text.empty());
    return body;
}

} // namespace

TEST_SUITE("response_parser")
{
    TEST_CASE("status and fields")
    {
        response_parser parser{16384};
        const std::string_view head = "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nX-Twice: a\r\nx-twice: b\r\n"
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

    TEST_CASE("a header section in two pieces, cut at every byte")
    {
        const std::string head = "HTTP/1.1 204 No Content\r\nA: b\r\nC: d\r\n\r\n";
        for (std::size_t size = 1; size < head.size(); ++size) {
            CAPTURE(size);
            response_parser parser{16384};
            boost::beast::error_code ec;
            // Since Boost 1.87 the parser takes each line by itself.
            const std::size_t taken = parse_head(parser, head.substr(0, size), ec);
            CHECK(ec == http::error::need_more);
            CHECK_FALSE(parser.is_header_done());
            CHECK(parse_head(parser, head.substr(taken), ec) == head.size() - taken);
            CHECK_FALSE(ec);
            CHECK(parser.is_done());
            CHECK(parser.fields().size() == 2);
        }
    }

    TEST_CASE("those of a usual head fit into the memory that is there for them")
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
        // Nothing is left for others: the list of the fields is there too.
        void* const more = memory.allocate(1, 1);
        CHECK_FALSE(memory.contains(more));
        memory.deallocate(more);
    }

    TEST_CASE("those of a long head are on the heap, and the memory is used again after a release")
    {
        alignas(std::max_align_t) unsigned char buffer[header_fields::usual_size()];
        cyclos::detail::arena memory{buffer, sizeof buffer};
        {
            header_fields fields{&memory};
            const std::string value(1000, 'v');
            fields.append("Long", value);
            CHECK(fields["Long"] == value);
            CHECK_FALSE(memory.contains(fields["Long"].data()));
            const header_fields copy = fields; // outlives the memory
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

    TEST_CASE("a field behind a chunked body is none of the head")
    {
        response_parser parser{16384};
        const std::string_view text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"1\"\r\n\r\n"
                                      "0\r\nETag: \"2\"\r\nAccept-Ranges: bytes\r\n\r\n";
        parser.eager(true);
        boost::beast::error_code ec;
        CHECK(parse_head(parser, text, ec) == text.size());
        CHECK_FALSE(ec);
        CHECK(parser.is_done());
        CHECK(parser.fields().size() == 2);
        CHECK(parser.fields()["ETag"] == "\"1\"");
        CHECK_FALSE(parser.fields().contains("Accept-Ranges"));
    }

    TEST_CASE("a trailer field that would change the framing is an error")
    {
        const std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (const std::string field : {"Content-Length: 3", "Transfer-Encoding: chunked", "transfer-encoding: gzip"}) {
            CAPTURE(field);
            response_parser parser{16384};
            boost::beast::error_code ec;
            parser.eager(true);
            parse_head(parser, std::string{head} + "0\r\nA: b\r\n" + field + "\r\n\r\n", ec);
            CHECK((ec == http::error::bad_content_length || ec == http::error::bad_transfer_encoding));
        }
    }

    TEST_CASE("when a connection is kept")
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
        CHECK_FALSE(kept("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: upgrade, Close\r\n\r\n"));
    }

    TEST_CASE("what is no response")
    {
        for (const std::string_view text :
             {"GET / HTTP/1.1\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
              "<html></html>\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n: empty\r\n\r\n",
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

    TEST_CASE("codings that nobody asked for")
    {
        for (const std::string_view value : {"gzip", "gzip, chunked", "chunked, gzip", "identity", "chunked;q=1", ""}) {
            CAPTURE(value);
            CHECK(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + std::string{value} + "\r\n\r\n") ==
                  http::error::bad_transfer_encoding);
        }
        CHECK_FALSE(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"));
    }

    TEST_CASE("what can be the beginning of a head, and what cannot")
    {
        const std::string head = "HTTP/1.1 204 No Content\r\nA: b\r\nC: d";
        for (std::size_t size = 0; size <= head.size(); ++size) {
            CHECK(response_parser{16384}.plausible(head.substr(0, size)));
        }
        for (const std::string_view text : {"X", "HTTP/2", "http/1.1", "\r\n", " HTTP/1.1", "HTTP/1.1 200 OK\n",
                                            "HTTP/1.1 200 OK\r\nA: b\n", "HTTP/1.1 200 OK\r\n\n"}) {
            CAPTURE(text);
            CHECK_FALSE(response_parser{16384}.plausible(text));
        }

        response_parser parser{16384};
        boost::beast::error_code ec;
        REQUIRE(parse_head(parser, "HTTP/1.1 200 OK\r\nA: b", ec) == 17); // the first line is taken
        REQUIRE(ec == http::error::need_more);
        CHECK(parser.plausible("A: b"));
        CHECK_FALSE(parser.plausible("\n"));
    }

    TEST_CASE("when others may see another end of it")
    {
        const auto ambiguous = [](std::string_view head) {
            response_parser parser{16384};
            boost::beast::error_code ec;
            parse_head(parser, head, ec);
            REQUIRE(!ec);
            return parser.ambiguous();
        };
        CHECK_FALSE(ambiguous("HTTP/1.1 204 No Content\r\n\r\n"));
        CHECK_FALSE(ambiguous("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"));
        CHECK_FALSE(ambiguous("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        CHECK_FALSE(ambiguous("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"));
        CHECK_FALSE(ambiguous("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        CHECK(ambiguous("HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n"));
        CHECK(ambiguous("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"));
        CHECK(ambiguous("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"));
    }

    TEST_CASE("a head that is too large")
    {
        response_parser parser{1024};
        boost::beast::error_code ec;
        parse_head(parser, "HTTP/1.1 200 OK\r\nA: " + std::string(2000, 'x') + "\r\n\r\n", ec);
        CHECK(ec == http::error::header_limit);
    }

    TEST_CASE("a chunked body, however it is cut")
    {
        const std::string text = "5\r\nhello\r\n1;ext=\"1\"\r\n \r\n00a\r\nbig world!\r\n0\r\nTrailer: x\r\n\r\n";
        for (const std::size_t target_size : {1U, 2U, 5U, 100U}) {
            for (const std::size_t input_size : {1U, 2U, 3U, 7U, 1000U}) {
                CAPTURE(target_size);
                CAPTURE(input_size);
                boost::beast::error_code ec;
                CHECK(unchunk(text, target_size, input_size, ec) == "hello big world!");
            }
        }
    }

    TEST_CASE("extensions: no more than a head has, or as many bytes as there are of content")
    {
        const auto body = [](std::size_t chunks, std::size_t size, std::size_t extension) {
            std::string text;
            for (std::size_t n = 0; n < chunks; ++n) {
                text += std::to_string(size) + ";" + std::string(extension - 1, 'x') + "\r\n" + std::string(size, ' ');
                text += "\r\n";
            }
            return text + "0\r\n\r\n";
        };
        boost::beast::error_code ec;
        CHECK(unchunk(body(16, 1, 1024), 100, 100'000, ec).size() == 16);
        CHECK(unchunk(body(17, 1, 1024), 100, 100'000, ec).size() == 16);
        CHECK(ec == http::error::header_limit);
        CHECK(unchunk(body(10'000, 9, 9), 100'000, 1'000'000, ec).size() == 90'000);
    }

    TEST_CASE("a chunked body that is none")
    {
        for (const std::string text : {"x\r\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "-1\r\n\r\n", "\r\n\r\n",
                                       "11111111111111111\r\n"}) {
            CAPTURE(text);
            boost::beast::error_code ec;
            unchunk(text, 100, 1000, ec);
            CHECK(ec);
            CHECK(ec != http::error::need_more);
            CHECK(ec != http::error::need_buffer);
        }
    }
}

TEST_SUITE("Keep-Alive")
{
    TEST_CASE("its timeout")
    {
        CHECK(parse_keep_alive("timeout=5") == 5s);
        CHECK(parse_keep_alive("timeout=5, max=100") == 5s);
        CHECK(parse_keep_alive("max=100, timeout=60") == 60s);
        CHECK(parse_keep_alive("timeout=0") == 0s);
        CHECK(parse_keep_alive("Timeout=5") == 5s);
        CHECK(parse_keep_alive("timeout = 5") == std::nullopt); // no spaces in a parameter
    }

    TEST_CASE("what says nothing")
    {
        for (const std::string_view value : {"", "max=100", "timeout", "timeout=", "timeout=x", "timeout=-5",
                                             "timeout=99999999999999999999", "xtimeout=5"}) {
            CAPTURE(value);
            CHECK(parse_keep_alive(value) == std::nullopt);
        }
    }
}
