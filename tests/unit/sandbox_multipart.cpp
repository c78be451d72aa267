//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/sandbox/multipart_parser.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using cyclos::sandbox::multipart_parser;
using cyclos::sandbox::multipart_rules;
using namespace std::string_view_literals;

namespace {

constexpr auto media_type = "multipart/form-data; boundary=limit"sv;
constexpr auto headers = "Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n"
                         "Content-Type: image/png\r\n"sv;

std::string body_of(std::string_view content, std::string_view part_headers = headers)
{
    std::string body = "--limit\r\n";
    return body.append(part_headers).append("\r\n").append(content).append("\r\n--limit--\r\n");
}

struct outcome
{
    bool good = false;
    std::string content = {};
    std::string file_name = {};
    std::string content_type = {};
    std::string error = {};
};

outcome parse(std::string_view body, std::size_t step = std::string_view::npos,
              std::string_view type = media_type, multipart_rules rules = multipart_rules::strict)
{
    outcome result;
    multipart_parser parser(
        type,
        [&result](std::string_view bytes) {
            CHECK_FALSE(bytes.empty());
            result.content += bytes;
        },
        rules);
    while (!body.empty() && parser.write(body.substr(0, step)))
        body.remove_prefix(std::min(step, body.size()));
    result.good = parser.finish();
    result.file_name = parser.part().file_name;
    result.content_type = parser.part().content_type;
    result.error = parser.error();
    return result;
}

std::string file_name_of(std::string_view encoded)
{
    std::string part_headers = "Content-Disposition: form-data; name=\"image\"; filename=\"";
    part_headers.append(encoded).append("\"\r\nContent-Type: image/png\r\n");
    return parse(body_of("x", part_headers)).file_name;
}

} // namespace

TEST_SUITE("sandbox multipart_parser")
{
    TEST_CASE("sandbox multipart_parser: one part is read, in pieces of any size")
    {
        const auto contents = {""sv,
                               "x"sv,
                               "\r"sv,
                               "\r\n"sv,
                               "\r\n-"sv,
                               "\r\n--limi"sv,
                               "\r\r\n--"sv,
                               "\r\n\r\n--"sv,
                               "a\r\n--limx\r\n"sv,
                               "\0\r\n--lim\0"sv};
        for (const auto content : contents) {
            const auto body = body_of(content);
            for (std::size_t step = 1; step <= body.size(); ++step) {
                CAPTURE(step);
                const auto result = parse(body, step);
                CHECK(result.good);
                CHECK(result.content == content);
                CHECK(result.file_name == "a.png");
                CHECK(result.content_type == "image/png");
                CHECK(result.error == "");
            }
        }
    }

    TEST_CASE("sandbox multipart_parser: only the last line end may be missing")
    {
        const auto body = body_of("content");
        for (std::size_t size = 0; size < body.size(); ++size) {
            CAPTURE(size);
            CHECK(parse(body.substr(0, size)).good == (size == body.size() - 2));
        }
    }

    TEST_CASE("sandbox multipart_parser: names of fields and parameters are case-insensitive")
    {
        CHECK(
            parse(body_of("x", "CONTENT-disposition: Form-Data; NAME=\"image\"; FileName=\"b\"\r\n"
                               "content-type:image/png; q=1\r\n"))
                .good);
    }

    TEST_CASE(
        "sandbox multipart_parser: percent-encoding of the WHATWG rules is decoded, and no other")
    {
        CHECK(file_name_of("a%22b%0Dc%0Ad%0d%0a.png") == "a\"b\rc\nd\r\n.png");
        CHECK(file_name_of("100%.png") == "100%.png");
        CHECK(file_name_of("%41%2522") == "%41%2522");
        CHECK(file_name_of("back\\slash") == "back\\slash");
        CHECK(file_name_of("möbius") == "möbius");
        CHECK(file_name_of("a;b=c, d") == "a;b=c, d");
    }

    TEST_CASE("sandbox multipart_parser: the boundary is read from the media type")
    {
        const auto with = [](std::string_view type) { return parse(body_of("x"), 7, type).good; };
        CHECK(with("Multipart/Form-Data;boundary=limit"));
        CHECK(with("multipart/form-data; Boundary=\"limit\""));
        CHECK_FALSE(with(""));
        CHECK_FALSE(with("multipart/form-data"));
        CHECK_FALSE(with("multipart/form-data; boundary="));
        CHECK_FALSE(with("multipart/form-data; boundary=\"limit"));
        CHECK_FALSE(with("multipart/form-data; boundary=limit2"));
        CHECK_FALSE(with("multipart/form-data; boundary=lim it"));
        CHECK_FALSE(with("multipart/form-data; boundary=limit; charset=utf-8"));
        CHECK_FALSE(with("multipart/mixed; boundary=limit"));
        CHECK_FALSE(with("multipart/form-data; boundary=" + std::string(71, 'x')));

        const std::string longest(70, 'x');
        const auto body =
            "--" + longest + "\r\n" + std::string(headers) + "\r\nc\r\n--" + longest + "--";
        CHECK(parse(body, 3, "multipart/form-data; boundary=" + longest).content == "c");
    }

    TEST_CASE("sandbox multipart_parser: parts that are not valid form data are rejected")
    {
        const auto with = [](std::string_view part_headers) {
            return parse(body_of("x", part_headers));
        };
        constexpr auto type = "Content-Type: image/png\r\n"sv;
        const auto disposition = [&](std::string_view value) {
            return with("Content-Disposition: " + std::string(value) + "\r\n" + std::string(type));
        };
        REQUIRE(disposition("form-data; name=\"image\"; filename=\"a\"").good);

        CHECK_FALSE(with("").good);
        CHECK_FALSE(with(type).good);
        CHECK_FALSE(
            with("Content-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n").good);
        CHECK_FALSE(with(std::string(headers) + "Content-Transfer-Encoding: binary\r\n").good);
        CHECK_FALSE(with(std::string(headers) + std::string(type)).good);
        CHECK_FALSE(with(std::string(headers) + std::string(headers)).good);
        CHECK_FALSE(with("Content-Disposition: form-data; name=\"image\"; "
                         "filename=\"a\"\r\nContent-Type: png\r\n")
                        .good);
        CHECK_FALSE(with(std::string(headers) + " folded\r\n").good);

        CHECK_FALSE(disposition("attachment; name=\"image\"; filename=\"a\"").good);
        CHECK_FALSE(disposition("form-data; name=\"file\"; filename=\"a\"").good);
        CHECK_FALSE(disposition("form-data; name=\"image\"").good);
        CHECK_FALSE(disposition("form-data; name=\"image\"; filename=\"\"").good);
        CHECK_FALSE(disposition("form-data; name=image; filename=\"a\"").good);
        CHECK_FALSE(disposition("form-data; name=\"image\"; filename=\"a").good);
        CHECK_FALSE(disposition("form-data; name=\"image\"; filename=\"a\"b\"").good);
        CHECK_FALSE(disposition("form-data; name=\"image\"; filename=\"a\"; filename=\"b\"").good);
        CHECK_FALSE(disposition("form-data; name=\"image\"; filename*=UTF-8''a").good);
        CHECK_FALSE(disposition("form-data; name=\"image\"; filename=\"a\nb\"").good);
        CHECK_FALSE(disposition("form-data; name=\"image\"; filename=\"a\rb\"").good);
        CHECK_FALSE(
            disposition("form-data; name=\"image\"; filename=\"" + std::string(20'000, 'a') + "\"")
                .good);
    }

    TEST_CASE("sandbox multipart_parser: a body that is not exactly one part is rejected")
    {
        const auto part = "--limit\r\n" + std::string(headers) + "\r\nx\r\n";
        CHECK(parse(part + "--limit--").good);
        CHECK(parse(part + part + "--limit--").error == "there is more than one part");
        CHECK(parse("preamble\r\n" + part + "--limit--").error ==
              "the body does not begin with its boundary");
        CHECK(parse("\r\n" + part + "--limit--").error ==
              "the body does not begin with its boundary");
        CHECK(parse(part + "--limit--\r\nepilogue").error == "the body goes on after its end");
        CHECK(parse(part + "--limit--epilogue").error == "there is something behind a boundary");
        CHECK(parse(part + "--limit --").error == "there is something behind a boundary");
        CHECK(parse(part + "--limit").error == "the body ends too early");
        CHECK(parse(part).error == "the body ends too early");
        CHECK(parse("").error == "the body ends too early");
        CHECK_FALSE(parse("--limit--\r\n").good);
        CHECK_FALSE(parse("--limit\n" + std::string(headers) + "\r\nx\r\n--limit--").good);
    }

    TEST_CASE("sandbox multipart_parser: a body stays rejected")
    {
        multipart_parser parser(media_type, [](std::string_view) { FAIL("there is no content"); });
        CHECK_FALSE(parser.write("wrong"));
        CHECK_FALSE(parser.write(body_of("x")));
        CHECK_FALSE(parser.finish());
        CHECK_FALSE(parser.has_part());
        CHECK(parser.error() == "the body does not begin with its boundary");
    }

    TEST_CASE("sandbox multipart_parser: content is passed on before the body ends")
    {
        std::size_t handed_on = 0;
        multipart_parser parser(media_type,
                                [&](std::string_view bytes) { handed_on += bytes.size(); });
        CHECK(parser.write("--limit\r\n" + std::string(headers) + "\r\n"));
        CHECK(parser.has_part());
        for (int i = 1; i <= 10; ++i) {
            CHECK(parser.write(std::string(1000, 'x')));
            CHECK(handed_on == static_cast<std::size_t>(i) * 1000);
        }
    }

    TEST_CASE("sandbox multipart_parser: the tolerant mode accepts the forms of other clients")
    {
        const auto with = [](std::string_view part_headers, std::string_view type = media_type) {
            const auto body = body_of("x", part_headers);
            CHECK_FALSE(parse(body, std::string_view::npos, type).good);
            for (const std::size_t step : {std::size_t{1}, std::size_t{7}, body.size()}) {
                const auto taken = parse(body, step, type, multipart_rules::tolerant);
                CHECK_MESSAGE(taken.good, taken.error);
                CHECK(taken.content == "x");
                CHECK(taken.file_name == "a.png");
            }
        };
        const std::string disposition =
            "Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n";
        const std::string type = "Content-Type: image/png\r\n";
        // OkHttp, Apache HttpClient, Ruby's multipart-post, .NET, Python's requests
        with(disposition + type + "Content-Length: 1\r\n");
        with(disposition + type + "Content-Transfer-Encoding: binary\r\n");
        with(disposition + "Content-Length: 1\r\n" + type +
             "Content-Transfer-Encoding: binary\r\n");
        with("Content-Type: image/png\r\nContent-Disposition: form-data; name=image; "
             "filename=a.png; "
             "filename*=utf-8''a.png\r\n");
        with("Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"; "
             "filename*=UTF-8''a.png\r\n" +
             type);
        with(disposition);
        CHECK(
            parse(
                body_of(
                    "x",
                    "Content-Disposition: form-data; name=\"image\"; filename=\"a\\\"b.png\"\r\n"),
                3, media_type, multipart_rules::tolerant)
                .file_name == "a\"b.png");
        with(headers, "multipart/form-data; boundary=limit; charset=ISO-8859-1");
        with(headers, "multipart/form-data; charset=UTF-8; boundary=\"limit\"");
    }

    TEST_CASE("sandbox multipart_parser: the tolerant mode accepts other parts, a preamble and an "
              "epilogue")
    {
        const auto image = std::string(headers) + "\r\nx\r\n";
        const auto other =
            std::string("Content-Disposition: form-data; name=\"note\"\r\n\r\nno image\r\n");
        for (const std::string& body : {
                 "preamble\r\n--limit\r\n" + image + "--limit--\r\n",
                 "\r\n--limit\r\n" + image + "--limit--",
                 "--limit\r\n" + image + "--limit--\r\nepilogue",
                 "--limit \t\r\n" + image + "--limit-- \r\n",
                 "--limit\r\n" + other + "--limit\r\n" + image + "--limit--\r\n",
                 "--limit\r\n" + image + "--limit\r\n" + other + "--limit--\r\n",
                 "--limit\r\n" + image + "--limit\r\n" + std::string(headers) +
                     "\r\nsecond\r\n--limit--\r\n",
             }) {
            CAPTURE(body);
            CHECK_FALSE(parse(body).good);
            for (std::size_t step = 1; step <= body.size(); ++step) {
                CAPTURE(step);
                const auto taken = parse(body, step, media_type, multipart_rules::tolerant);
                CHECK_MESSAGE(taken.good, taken.error);
                CHECK(taken.content == "x");
                CHECK(taken.file_name == "a.png");
                CHECK(taken.content_type == "image/png");
            }
        }
        const auto tolerant = [](const std::string& body) {
            return parse(body, std::string_view::npos, media_type, multipart_rules::tolerant).good;
        };
        CHECK_FALSE(tolerant(""));
        CHECK_FALSE(tolerant("preamble"));
        CHECK_FALSE(tolerant("--limit\r\n" + image));
        CHECK_FALSE(tolerant("--limit\r\n" + other + "--limit--\r\n"));
        CHECK_FALSE(tolerant(
            "--limit\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nx\r\n--limit--"));
    }
}
