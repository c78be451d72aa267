//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/http/response/chunked_decoder.hpp>

#include <boost/asio/buffer.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using cyclos::errc;
using cyclos::http::chunked_decoder;
using namespace std::string_literals;

namespace {

/// The result of decoding.
struct outcome
{
    std::string content = {};
    cyclos::error_code failure = {};
    bool done = false;
    std::size_t rest = 0; // input bytes after the end
};

/// Decodes a body with targets of one size and input of another.
outcome decode(std::string_view text, std::size_t target_size = 100'000,
               std::size_t input_size = 1'000'000)
{
    chunked_decoder decoder{16384};
    outcome result;
    std::string target(target_size, '\0');
    while (!text.empty() && !decoder.done() && !decoder.failure()) {
        const auto [consumed, written] = decoder.decode(
            text.substr(0, input_size), boost::asio::buffer(target.data(), target.size()));
        REQUIRE((consumed > 0 || written > 0));
        result.content.append(target, 0, written);
        text.remove_prefix(consumed);
    }
    result.failure = decoder.failure();
    result.done = decoder.done();
    result.rest = text.size();
    return result;
}

} // namespace

TEST_SUITE("chunked_decoder")
{
    TEST_CASE("chunked_decoder: a body is decoded for every size of input and target")
    {
        const std::string text = "5\r\nhello\r\n1;ext=\"1\"\r\n \r\n00a ; x\r\nbig "
                                 "world!\r\n0\r\nTrailer: x\r\n\r\nbehind";
        for (const std::size_t target_size : {1U, 2U, 5U, 100U}) {
            for (const std::size_t input_size : {1U, 2U, 3U, 7U, 1000U}) {
                CAPTURE(target_size);
                CAPTURE(input_size);
                const auto result = decode(text, target_size, input_size);
                CHECK(result.content == "hello big world!");
                CHECK_FALSE(result.failure);
                CHECK(result.done);
                CHECK(result.rest == 6);
            }
        }
    }

    TEST_CASE(
        "chunked_decoder: the end is recognised with the last byte, although the target is full")
    {
        chunked_decoder decoder{16384};
        std::string target(2, '\0');
        const std::string_view text = "2\r\nab\r\n0\r\n\r\n";
        const auto [consumed, written] =
            decoder.decode(text, boost::asio::buffer(target.data(), target.size()));
        CHECK(consumed == text.size());
        CHECK(written == 2);
        CHECK(decoder.done());
    }

    TEST_CASE("chunked_decoder: chunk sizes padded with spaces or zeros are accepted")
    {
        for (const std::string size : {"2 ", "2      ", "2\t", "00000002", "2               "}) {
            CAPTURE(size);
            for (const std::size_t input_size : {1U, 1000U}) {
                const auto result = decode(size + "\r\n{}\r\n0     \r\n\r\n", 100, input_size);
                CHECK(result.content == "{}");
                CHECK(result.done);
            }
        }
    }

    TEST_CASE("chunked_decoder: a malformed body is rejected at its first wrong byte")
    {
        struct sample
        {
            std::string text;
            std::size_t rest = 0;
        };
        const std::vector<sample> samples{
            {"\n{}", 2},         {"2\n{}", 2},           {"2\r{}", 1},
            {"2 \n{}", 2},       {"2;x\n{}", 2},         {"2;x\ry", 0},
            {"2;\x01y", 1},      {"2;\0y"s, 1},          {"2\r\n{}\n0", 1},
            {"2\r\n{}x", 0},     {"2\r\n{}\r0", 0},      {" 2\r\n", 3},
            {"x\r\n", 2},        {"-1\r\n", 3},          {"+2\r\n", 3},
            {"0x2\r\n", 3},      {"2 2\r\n", 2},         {"\r\n\r\n", 3},
            {"0\r\n\n", 0},      {"0\r\nX: y\n\r\n", 2}, {"0\r\nx\r\n", 1},
            {"0\r\n: x\r\n", 4}, {"0\r\nX : y\r\n", 5},  {"0\r\n\r0", 0},
            {"0\r\nX: y\r0", 0}, {"0\r\nX: \x7f\r", 1},  {"10000000000000000\r\n", 2}};
        for (const auto& each : samples) {
            CAPTURE(each.text);
            for (const std::size_t input_size : {1U, 1000U}) {
                const auto result = decode(each.text, 100, input_size);
                CHECK(result.failure == errc::malformed_response);
                CHECK(result.rest == each.rest);
            }
        }
    }

    TEST_CASE("chunked_decoder: a trailer field that would change the framing is rejected")
    {
        for (const std::string name : {"Content-Length", "content-length", "Transfer-Encoding"}) {
            CAPTURE(name);
            CHECK(decode("0\r\n" + name + ": 5\r\n\r\n").failure == errc::malformed_response);
            CHECK(decode("0\r\nX-" + name + ": 5\r\n" + name + "-X: 5\r\n\r\n").done);
        }
    }

    TEST_CASE("chunked_decoder: chunk extensions are limited to 16 KiB, or to the size of the "
              "content if that is larger")
    {
        const auto body = [](std::size_t chunks, std::size_t size, std::size_t extension) {
            std::string text;
            for (std::size_t n = 0; n < chunks; ++n) {
                text += std::to_string(size) + ";" + std::string(extension, 'x') + "\r\n" +
                        std::string(size, ' ');
                text += "\r\n";
            }
            return text + "0\r\n\r\n";
        };
        CHECK(decode(body(16, 1, 1000)).done);
        const auto more = decode(body(17, 1, 1000));
        CHECK(more.content.size() == 16);
        CHECK(more.failure == errc::header_limit);
        CHECK(decode(body(10'000, 9, 8)).content.size() == 90'000);
        CHECK(decode("1" + std::string(20'000, ' ')).failure == errc::header_limit);
        CHECK(decode(std::string(20'000, '0')).failure == errc::header_limit);
    }

    TEST_CASE("chunked_decoder: a line longer than 4 KiB is rejected, for every size of input")
    {
        for (const std::string begin :
             {"1", "1;", "0\r\nX: ", "1\r\nx\r\n0;", "0\r\nA: b\r\nX: "}) {
            CAPTURE(begin);
            const char filler = begin == "1" ? ' ' : 'x';
            const std::size_t line = begin.size() - (begin.rfind('\n') + 1);
            for (const std::size_t input_size : {1U, 1000U, 4096U, 10'000U}) {
                CHECK_FALSE(
                    decode(begin + std::string(4095 - line, filler) + "\r\n", 100, input_size)
                        .failure);
                CHECK(decode(begin + std::string(4096 - line, filler) + "\r\n", 100, input_size)
                          .failure == errc::header_limit);
            }
        }
    }

    TEST_CASE("chunked_decoder: trailer fields are limited to the size of a header section")
    {
        CHECK(decode("0\r\nX: " + std::string(4000, 'x') + "\r\nY: z\r\n\r\n").done);
        std::string many = "0\r\n";
        for (int n = 0; n < 5000; ++n) {
            many += "a: b\r\n";
        }
        CHECK(decode(many).failure == errc::header_limit);
    }
}
