//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/api/decode.hpp>
#include <cyclos/json.hpp>
#include <cyclos/models.hpp>

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using cyclos::detail::decode;

const cyclos::http::exchange_state state = {};

constexpr std::string_view whole_view = R"({
    "id": "-7762070814178012479",
    "name": "Sunset \u00e9\ud83c\udf05",
    "contentType": "image/png",
    "length": 5000000000,
    "url": "https://cdn.example.net/content/a.png",
    "width": 4000,
    "height": 3000,
    "kind": "profile",
    "convertedToJpeg": true
})";

cyclos::image_view expected_view()
{
    cyclos::image_view view;
    view.id = "-7762070814178012479";
    view.name = "Sunset \u00e9\U0001f305";
    view.content_type = "image/png";
    view.length = 5'000'000'000;
    view.url = "https://cdn.example.net/content/a.png";
    view.width = 4000;
    view.height = 3000;
    view.kind = cyclos::image_kind::profile;
    view.converted_to_jpeg = true;
    return view;
}

} // namespace

TEST_CASE("models: every member of image is read")
{
    const auto read = decode<cyclos::image>(whole_view, state);
    CHECK(read == static_cast<const cyclos::image&>(expected_view()));
    CHECK(read.id == "-7762070814178012479");
    CHECK(read.length == 5'000'000'000u);
    CHECK(read.height == 3000u);
}

TEST_CASE("models: every member of image_view is read")
{
    CHECK(decode<cyclos::image_view>(whole_view, state) == expected_view());
}

TEST_CASE("models: every image_kind is read and written")
{
    for (const auto kind : cyclos::all_values<cyclos::image_kind>()) {
        const std::string json = R"({"kind":")" + std::string{to_string(kind)} + R"("})";
        CAPTURE(json);
        const auto view = decode<cyclos::image_view>(json, state);
        CHECK(view.kind == kind);
        CHECK(to_json(view) == boost::json::parse(json));
    }
}

TEST_CASE("models: every availability is read and written")
{
    for (const auto value : cyclos::all_values<cyclos::availability>()) {
        const std::string json = R"({"availability":")" + std::string{to_string(value)} + R"("})";
        CAPTURE(json);
        const auto data = decode<cyclos::images_list_data>(json, state);
        CHECK(data.availability == value);
        CHECK(to_json(data) == boost::json::parse(json));
    }
}

TEST_CASE("models: every member of images_list_data is read")
{
    const auto data = decode<cyclos::images_list_data>(R"({
        "canManage": true, "canEdit": false, "canCreate": true, "maxImages": 10, "availability": "optional",
        "images": [{"id": "1"}, {"id": "2", "width": 3}]
    })",
                                                       state);
    CHECK(data.can_manage == true);
    CHECK(data.can_edit == false);
    CHECK(data.can_create == true);
    CHECK(data.max_images == 10u);
    CHECK(data.availability == cyclos::availability::optional);
    REQUIRE(data.images);
    REQUIRE(data.images->size() == 2);
    CHECK(data.images->at(0).id == "1");
    CHECK(data.images->at(1).width == 3u);
}

TEST_CASE("models: may_edit() understands canManage of 4.16 and canEdit of 4.11")
{
    struct
    {
        std::string_view json;
        std::optional<bool> may_edit;
    } const cases[] = {
        {R"({})", std::nullopt},
        {R"({"canManage": true})", true},
        {R"({"canManage": false})", false},
        {R"({"canEdit": true})", true},
        {R"({"canEdit": false})", false},
        {R"({"canManage": true, "canEdit": false})", false},
        {R"({"canManage": true, "canEdit": null})", true},
    };
    for (const auto& c : cases) {
        CAPTURE(c.json);
        CHECK(decode<cyclos::images_list_data>(c.json, state).may_edit() == c.may_edit);
    }
}

TEST_CASE("models: a list of images is read")
{
    CHECK(decode<std::vector<cyclos::image>>("[]", state).empty());
    const auto images = decode<std::vector<cyclos::image>>(R"([{"id":"1"},{},{"id":"3"}])", state);
    REQUIRE(images.size() == 3);
    CHECK(images[0].id == "1");
    CHECK(images[1] == cyclos::image{});
    CHECK(images[2].id == "3");
}

TEST_CASE("models: absent and null members are nullopt")
{
    CHECK(decode<cyclos::image_view>("{}", state) == cyclos::image_view{});
    CHECK(decode<cyclos::image_view>(
              R"({"id":null,"name":null,"contentType":null,"length":null,"url":null,
        "width":null,"height":null,"kind":null,"convertedToJpeg":null})",
              state) == cyclos::image_view{});
    CHECK(decode<cyclos::images_list_data>("{}", state) == cyclos::images_list_data{});
    CHECK(
        decode<cyclos::images_list_data>(
            R"({"canManage":null,"canEdit":null,"canCreate":null,"maxImages":null,"availability":null,"images":null})",
            state) == cyclos::images_list_data{});
    CHECK_FALSE(decode<cyclos::images_list_data>("{}", state).images);
}

TEST_CASE("models: unknown members are ignored")
{
    const auto view = decode<cyclos::image_view>(
        R"({"hologram": {"deep": [[[1]]]}, "id": "1", "ID": "2", "kind": "hologram", "Width": "wide"})",
        state);
    CHECK(view.id == "1");
    CHECK_FALSE(view.kind.is_known());
    CHECK(view.kind.text() == "hologram");
    CHECK_FALSE(view.width);
}

TEST_CASE("models: to_json() writes the names of the API, and no absent members")
{
    CHECK(to_json(expected_view()) == boost::json::parse({whole_view.data(), whole_view.size()}));

    cyclos::image image = expected_view();
    image.name.reset();
    CHECK(to_json(image) ==
          boost::json::parse(R"({"id": "-7762070814178012479", "contentType": "image/png",
        "length": 5000000000, "url": "https://cdn.example.net/content/a.png", "width": 4000, "height": 3000})"));

    CHECK(to_json(cyclos::image{}) == boost::json::parse("{}"));
    CHECK(to_json(cyclos::image_view{}) == boost::json::parse("{}"));
    CHECK(to_json(cyclos::images_list_data{}) == boost::json::parse("{}"));
    CHECK(to_json(std::vector<cyclos::image>{}) == boost::json::parse("[]"));
    CHECK(to_json(std::vector<cyclos::image>(2)) == boost::json::parse("[{},{}]"));

    cyclos::uploaded_image stored;
    stored.id = "5";
    CHECK(to_json(stored) == boost::json::parse(R"({"id": "5"})"));
    stored.location = "/api/images/content/5.png";
    CHECK(to_json(stored) ==
          boost::json::parse(R"({"id": "5", "location": "/api/images/content/5.png"})"));
}

TEST_CASE("models: to_json() writes what decode() has read")
{
    for (const std::string_view json :
         {std::string_view{R"({})"}, std::string_view{R"({"images":[]})"},
          std::string_view{
              R"({"canManage":true,"canCreate":false,"maxImages":3,"availability":"disabled",
              "images":[{"id":"1","name":"a","width":1,"height":2},{}]})"},
          std::string_view{R"({"canEdit":true,"availability":"sometimes"})"}}) {
        CAPTURE(json);
        CHECK(to_json(decode<cyclos::images_list_data>(json, state)) ==
              boost::json::parse({json.data(), json.size()}));
    }
}

TEST_CASE("models: operator== compares each member")
{
    const auto differs_from_expected = [](auto change) {
        auto other = expected_view();
        change(other);
        return other != expected_view() && expected_view() == expected_view();
    };
    CHECK(differs_from_expected([](auto& v) { v.id = "2"; }));
    CHECK(differs_from_expected([](auto& v) { v.name.reset(); }));
    CHECK(differs_from_expected([](auto& v) { v.content_type = "image/gif"; }));
    CHECK(differs_from_expected([](auto& v) { v.length = 1; }));
    CHECK(differs_from_expected([](auto& v) { v.url = ""; }));
    CHECK(differs_from_expected([](auto& v) { v.width = 1; }));
    CHECK(differs_from_expected([](auto& v) { v.height = 1; }));
    CHECK(differs_from_expected([](auto& v) { v.kind = {}; }));
    CHECK(differs_from_expected([](auto& v) { v.converted_to_jpeg = false; }));
}
