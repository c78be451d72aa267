//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/http/request/multipart.hpp>

#include <cyclos/sandbox/multipart_parser.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>

using cyclos::http::multipart;
using namespace std::string_literals;

namespace {

/// A form as read by a strict parser that shares no code with the writer.
struct parsed
{
    std::string name = {};
    std::string file_name = {};
    std::string media_type = {};
    std::string content = {};
    std::string error = {};
};

parsed parse(const multipart& form, std::string_view content)
{
    parsed result;
    cyclos::sandbox::multipart_parser parser{
        form.content_type(), [&](std::string_view bytes) { result.content += bytes; }};
    const bool whole =
        parser.write(form.opening() + std::string{content} + form.closing()) && parser.finish();
    CHECK(whole);
    result.name = parser.part().name;
    result.file_name = parser.part().file_name;
    result.media_type = parser.part().content_type;
    result.error = parser.error();
    return result;
}

std::string disposition(std::string_view file_name)
{
    const multipart form{"image", file_name, "image/png", "b"};
    const auto begin = form.opening().find("filename=");
    return form.opening().substr(begin, form.opening().find("\r\n", begin) - begin);
}

} // namespace

TEST_SUITE("multipart")
{
    TEST_CASE("multipart: the framing is exact")
    {
        const multipart form{"image", "me.png", "image/png", "limit"};
        CHECK(form.content_type() == "multipart/form-data; boundary=limit");
        CHECK(form.opening() ==
              "--limit\r\n"
              "Content-Disposition: form-data; name=\"image\"; filename=\"me.png\"\r\n"
              "Content-Type: image/png\r\n"
              "\r\n");
        CHECK(form.closing() == "\r\n--limit--\r\n");
    }

    TEST_CASE("multipart: file names are escaped by the form-data rules of the WHATWG")
    {
        CHECK(disposition("a\"b") == "filename=\"a%22b\"");
        CHECK(disposition("a\r\nb") == "filename=\"a%0D%0Ab\"");
        CHECK(disposition("a\nb\rc") == "filename=\"a%0Ab%0Dc\"");
        CHECK(disposition("a\\b") == "filename=\"a\\b\"");
        CHECK(disposition("a%22b") == "filename=\"a%22b\"");
        CHECK(disposition("möbius 表.png") == "filename=\"möbius 表.png\"");
        CHECK(disposition("a;b=c") == "filename=\"a;b=c\"");
        CHECK(disposition("") == "filename=\"\"");
    }

    TEST_CASE("multipart: control characters and invalid UTF-8 in file names are replaced")
    {
        CHECK(disposition("a\tb\x01\x1b[31m\x7f") == "filename=\"a%09b%01%1B[31m%7F\"");
        CHECK(disposition("a\0b"s) == "filename=\"a%00b\"");
        CHECK(disposition("a\xff.png") == "filename=\"a\xef\xbf\xbd.png\"");
        CHECK(disposition("\xc3\xa4\xc3") == "filename=\"\xc3\xa4\xef\xbf\xbd\"");
        CHECK(disposition("\xed\xa0\x80") == "filename=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
        CHECK(disposition("\xf0\x9f\x98\x80") == "filename=\"\xf0\x9f\x98\x80\"");
    }

    TEST_CASE("multipart: a file name cannot add a header field or a part")
    {
        const std::string evil = "x\"\r\nContent-Type: text/html\r\n\r\n<script>\r\n--b--\r\n";
        const multipart form{"image", evil, "image/png", "b"};
        CHECK(std::ranges::count(form.opening(), '\n') == 4);
        CHECK(parse(form, "content").file_name == evil);
    }

    TEST_CASE("multipart: a strict parser reads the form that was written")
    {
        for (const auto& content :
             {""s, "x"s, "\r\n"s, "\r\n--"s, "--"s, "\0\xff\r"s, std::string(100'000, '-')}) {
            for (const auto& name : {"me.png"s, "a\"b\".png"s, "a\r\nb"s, "C:\\temp\\x.gif"s,
                                     "möbius 表.jpg"s, "'"s}) {
                CAPTURE(name);
                const multipart form{"image", name, "image/png"};
                const auto result = parse(form, content);
                CHECK(result.error.empty());
                CHECK(result.name == "image");
                CHECK(result.file_name == name);
                CHECK(result.media_type == "image/png");
                CHECK(result.content == content);
            }
        }
    }

    TEST_CASE("multipart: random boundaries have allowed characters and are unique")
    {
        std::set<std::string> seen;
        for (int i = 0; i < 1000; ++i) {
            const std::string boundary = multipart::random_boundary();
            // RFC 2046 allows 70, and these characters without quotes in a field.
            CHECK(boundary.size() <= 70);
            CHECK(boundary.size() >= 22); // 128 bits, six per character
            CHECK(std::ranges::all_of(boundary, [](char c) {
                return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
            }));
            CHECK(seen.insert(boundary).second);
        }
    }

    TEST_CASE("multipart: each form has its own boundary")
    {
        const multipart one{"image", "f", "image/png"};
        const multipart other{"image", "f", "image/png"};
        CHECK(one.content_type() != other.content_type());
        CHECK(one.opening().starts_with(
            "--" + one.content_type().substr(one.content_type().find('=') + 1) + "\r\n"));
    }
}
