//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/api/decode.hpp>
#include <cyclos/models.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using cyclos::detail::decode;
using cyclos::detail::decode_id;

cyclos::http::exchange_state make_state()
{
    cyclos::http::exchange_state result;
    result.operation = "view_image";
    result.endpoint = std::make_shared<const std::string>("https://example.org:443");
    result.phase = cyclos::phase::receiving;
    result.sent = cyclos::sent_state::complete;
    result.attempts = 2;
    return result;
}

const cyclos::http::exchange_state state = make_state();

/// The detail of the error of a function; empty if there is none.
template <class Function>
std::string problem_of(Function function)
{
    try {
        function();
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == cyclos::errc::unexpected_response);
        CHECK(e.phase() == cyclos::phase::decoding);
        CHECK(e.sent() == cyclos::sent_state::complete);
        CHECK(e.attempts() == 2);
        CHECK(e.operation() == "view_image");
        CHECK(e.endpoint() == "https://example.org:443");
        CHECK(e.kind() == "response");
        return e.context().detail;
    }
    return {};
}

template <class Model>
std::string problem_of(std::string_view json)
{
    return problem_of([json] { (void)decode<Model>(json, state); });
}

std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

} // namespace

TEST_CASE("decoding: an id may be a number")
{
    const struct
    {
        std::string_view json, id;
    } cases[] = {
        {R"({"id": 0})", "0"},
        {R"({"id": 42})", "42"},
        {R"({"id": -9223372036854775808})", "-9223372036854775808"},
        {R"({"id": 9223372036854775807})", "9223372036854775807"},
        {R"({"id": 18446744073709551615})", "18446744073709551615"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.json);
        CHECK(decode<cyclos::image>(c.json, state).id == c.id);
    }
    // These would lose digits, and name another image.
    CHECK(problem_of<cyclos::image>(R"({"id": 18446744073709551616})") == "id: not a string");
    CHECK(problem_of<cyclos::image>(R"({"id": 1.5})") == "id: not a string");
}

TEST_CASE("decoding: numbers are read up to the limits of their types")
{
    const struct
    {
        std::string_view json;
        std::uint64_t length;
    } lengths[] = {
        {R"({"length": 0})", 0},
        {R"({"length": 9223372036854775808})", 9223372036854775808u},
        {R"({"length": 18446744073709551615})", std::numeric_limits<std::uint64_t>::max()},
        {R"({"length": 200.0})", 200},
        {R"({"length": 2e2})", 200},
        {R"({"length": -0.0})", 0},
        {R"({"length": 9007199254740992.0})", 9007199254740992},
    };
    for (const auto& c : lengths) {
        CAPTURE(c.json);
        CHECK(decode<cyclos::image>(c.json, state).length == c.length);
    }
    CHECK(decode<cyclos::image>(R"({"width": 4294967295})", state).width == 4294967295u);
}

TEST_CASE("decoding: a number out of range makes only that member absent")
{
    for (const std::string number :
         {"-1", "-1.0", "0.5", "1e300", "18446744073709551616", "-9223372036854775808"}) {
        CAPTURE(number);
        const auto one = decode<cyclos::image_view>(
            R"({"id": "1", "length": )" + number + R"(, "width": )" + number + R"(, "height": 7})",
            state);
        CHECK(one.id == "1");
        CHECK_FALSE(one.length);
        CHECK_FALSE(one.width);
        CHECK(one.height == 7);
        const auto list = decode<cyclos::images_list_data>(
            R"({"maxImages": )" + number + R"(, "images": [{"id": "1", "length": )" + number +
                R"(}, {"id": "2"}]})",
            state);
        CHECK_FALSE(list.max_images);
        REQUIRE(list.images.value().size() == 2);
        CHECK_FALSE(list.images->at(0).length);
        CHECK(list.images->at(1).id == "2");
    }
    CHECK_FALSE(decode<cyclos::image>(R"({"width": 4294967296})", state).width);
    CHECK_FALSE(decode<cyclos::image>(R"({"width": 4294967296.0})", state).width);
}

TEST_CASE("decoding: a byte order mark and unpaired surrogates are tolerated")
{
    CHECK(decode<cyclos::image>("\xef\xbb\xbf{\"id\": \"1\"}", state).id == "1");
    const auto name_of = [](std::string_view escaped) {
        return decode<cyclos::image>("{\"id\": \"1\", \"name\": \"" + std::string{escaped} + "\"}",
                                     state)
            .name.value();
    };
    CHECK(name_of("\\ud800") == "\xef\xbf\xbd");
    CHECK(name_of("\\udc00x") == "\xef\xbf\xbdx");
    CHECK(name_of("a\\uD800\\uD83D\\uDE00b") == "a\xef\xbf\xbd\xf0\x9f\x98\x80"
                                                "b");
    CHECK(name_of("\\ud800\\n") == "\xef\xbf\xbd\n");
    CHECK(name_of("\\\\ud800 \\udfff") == "\\ud800 \xef\xbf\xbd");
    CHECK(name_of("\\ud83d\\ude00") == "\xf0\x9f\x98\x80");
}

TEST_CASE("decoding: the error names a member of the wrong type")
{
    const struct
    {
        std::string_view json, problem;
    } views[] = {
        {R"({"id": true})", "id: not a string"},
        {R"({"id": ["1"]})", "id: not a string"},
        {R"({"name": 5})", "name: not a string"},
        {R"({"contentType": {}})", "contentType: not a string"},
        {R"({"length": "5"})", "length: not a number"},
        {R"({"url": false})", "url: not a string"},
        {R"({"width": "wide"})", "width: not a number"},
        {R"({"height": []})", "height: not a number"},
        {R"({"kind": 3})", "kind: not a string"},
        {R"({"convertedToJpeg": "true"})", "convertedToJpeg: not a boolean"},
        {R"({"convertedToJpeg": 1})", "convertedToJpeg: not a boolean"},
        {R"([])", "not an object"},
        {R"("image")", "not an object"},
        {R"(5)", "not an object"},
        {R"(null)", "not an object"},
    };
    for (const auto& c : views) {
        CAPTURE(c.json);
        CHECK(problem_of<cyclos::image_view>(c.json) == c.problem);
    }
}

TEST_CASE("decoding: the error names the path of a nested member of the wrong type")
{
    const struct
    {
        std::string_view json, problem;
    } data[] = {
        {R"({"canManage": 1})", "canManage: not a boolean"},
        {R"({"canEdit": "yes"})", "canEdit: not a boolean"},
        {R"({"canCreate": {}})", "canCreate: not a boolean"},
        {R"({"availability": []})", "availability: not a string"},
        {R"({"images": {}})", "images: not an array"},
        {R"({"images": [{}, 5]})", "images[1]: not an object"},
        {R"({"images": [null]})", "images[0]: not an object"},
        {R"({"images": [{}, {}, {"width": "3"}]})", "images[2].width: not a number"},
        {R"([])", "not an object"},
    };
    for (const auto& c : data) {
        CAPTURE(c.json);
        CHECK(problem_of<cyclos::images_list_data>(c.json) == c.problem);
    }
    CHECK(problem_of<std::vector<cyclos::image>>("{}") == "not an array");
    CHECK(problem_of<std::vector<cyclos::image>>(R"([{}, []])") == "[1]: not an object");
    CHECK(problem_of<std::vector<cyclos::image>>(R"([{"id": {}}])") == "[0].id: not a string");
}

TEST_CASE("decoding: the error message contains the operation, the phase and the member")
{
    try {
        (void)decode<cyclos::image>(R"({"width": "x"})", state);
        FAIL("it was read");
    }
    catch (const cyclos::error& e) {
        const std::string message = e.what();
        CHECK(message.find("view_image at https://example.org:443, while decoding") !=
              std::string::npos);
        CHECK(message.find("width: not a number") != std::string::npos);
    }
}

TEST_CASE("decoding: text that is not JSON is rejected")
{
    for (const std::string_view text :
         {"", " ", "{", "{\"id\": \"1\"", "{\"id\": \"1\"} x", "{\"id\": '1'}", "{id: \"1\"}",
          "[1,]", "nul", "NaN", "<html><body>Bad Gateway</body></html>", "{\"name\": \"\xff\"}",
          "{\"name\": \"\xc0\xaf\"}", "{\"name\": \"\xed\xa0\x80\"}",
          "{\"name\": \"cut \xe2\x82\"}", "{\"name\": \"line\nbreak\"}", "\xef\xbb\xbf\x00"}) {
        CAPTURE(text);
        CHECK(problem_of<cyclos::image>(text).starts_with("not valid JSON: "));
        CHECK(problem_of<std::vector<cyclos::image>>(text).starts_with("not valid JSON: "));
    }
    CHECK(problem_of<cyclos::image>(std::string_view{"{}\0", 3}).starts_with("not valid JSON: "));
}

TEST_CASE("decoding: JSON that is nested too deeply is rejected, also in unknown members")
{
    for (const std::size_t depth : {33u, 10'000u, 1'000'000u}) {
        CAPTURE(depth);
        const std::string arrays = repeated("[", depth);
        const std::string objects = repeated(R"({"x":)", depth);
        const std::string hidden = R"({"x": )" + arrays + repeated("]", depth) + "}";
        CHECK(problem_of<std::vector<cyclos::image>>(arrays).starts_with("not valid JSON: "));
        CHECK(problem_of<cyclos::image>(objects).starts_with("not valid JSON: "));
        CHECK(problem_of<cyclos::image>(hidden).starts_with("not valid JSON: "));
    }
    const std::string shallow =
        R"({"id": "1", "x": )" + repeated("[", 20) + repeated("]", 20) + "}";
    CHECK(decode<cyclos::image>(shallow, state).id == "1");
}

TEST_CASE("decoding: documents larger than the first buffer are read")
{
    const std::string name(100'000, 'n');
    std::string json = "[";
    for (int i = 0; i < 1000; ++i) {
        json += (i ? "," : "") +
                (R"({"id":")" + std::to_string(i) + R"(","width":)" + std::to_string(i) + "}");
    }
    json += R"(,{"name":")" + name + R"("}])";

    const auto images = decode<std::vector<cyclos::image>>(json, state);
    REQUIRE(images.size() == 1001);
    CHECK(images[999].id == "999");
    CHECK(images[999].width == 999u);
    CHECK(images[1000].name == name);
}

TEST_CASE("decoding: the last of several members with one name is used")
{
    CHECK(decode<cyclos::image>(R"({"id":"1","id":"2"})", state).id == "2");
}

TEST_CASE("decoding: the id in an upload response is read")
{
    const struct
    {
        std::string_view text, id;
    } cases[] = {
        {"123", "123"},         {"-7762070814178012479", "-7762070814178012479"},
        {" \t123\r\n", "123"},  {"\"123\"", "123"},
        {" \"-5\"\n", "-5"},    {"\"\\u0031\\u0032\"", "12"},
        {"abc.png", "abc.png"}, {"7", "7"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.text);
        CHECK(decode_id(c.text, state) == c.id);
    }
    CHECK(decode_id(std::string(256, '1'), state).size() == 256);
}

TEST_CASE("decoding: an upload response that contains no valid id is rejected")
{
    for (const std::string& text :
         {std::string{}, std::string{" \r\n"}, std::string{"\"\""}, std::string{"\"123"},
          std::string{"123\""}, std::string{"\"12\"3\""}, std::string{"1 2"},
          std::string{"\"1 2\""}, std::string{"1\n2"}, std::string{"{\"id\":\"1\"}"},
          std::string{"[1]"}, std::string{"<html></html>"}, std::string{"\xff\xfe"},
          std::string{"\"\xff\""}, std::string{"1\0002", 3}, std::string{"\x1b[31m"},
          std::string(257, '1')}) {
        CAPTURE(text);
        CHECK(problem_of([&] { (void)decode_id(text, state); }) == "not an identifier");
    }
}
