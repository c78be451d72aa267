//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The models of responses: what is decoded equals what Boost.JSON reads from the text, and
// everything else is rejected with an error of the library.

#include "fuzz/support/require.hpp"

#include <cyclos/detail/api/decode.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace cyclos::fuzz;
namespace json = boost::json;

template <class Model>
std::optional<Model> decode(std::string_view text)
{
    cyclos::http::exchange_state state;
    state.operation = "fuzz";
    try {
        return cyclos::detail::decode<Model>(text, state);
    }
    catch (const cyclos::error& e) {
        require(e.code() == cyclos::errc::unexpected_response,
                "a decoding error has the code unexpected_response");
        require(e.phase() == cyclos::phase::decoding, "a decoding error has the phase decoding");
        return std::nullopt;
    }
}

const json::value* member(const json::value& in, std::string_view name)
{
    const auto* const object = in.if_object();
    require(object != nullptr, "a model is decoded from an object only");
    const auto* const found = object->if_contains(name);
    return found != nullptr && !found->is_null() ? found : nullptr;
}

/// A text is present if it was, and unchanged.
void compare_text(const json::value& in, std::string_view name,
                  const std::optional<std::string>& out)
{
    const auto* const found = member(in, name);
    require((found != nullptr) == out.has_value(), "a text is set exactly if the JSON has it");
    if (found != nullptr && found->is_string()) {
        require(std::string_view{found->get_string().data(), found->get_string().size()} == *out,
                "a text equals that of the JSON");
    }
}

/// Whether the type of the member can hold the number: it is whole, not negative, and not too
/// large.
template <class Number>
bool fits(const json::value& number)
{
    if (const auto* const negative = number.if_int64(); negative != nullptr && *negative < 0) {
        return false;
    }
    if (const auto* const floating = number.if_double()) {
        constexpr double exact = 9007199254740992.0; // above it a double skips integers
        return *floating >= 0 && *floating <= exact && std::trunc(*floating) == *floating &&
               static_cast<std::uint64_t>(*floating) <= std::numeric_limits<Number>::max();
    }
    return number.to_number<std::uint64_t>() <= std::numeric_limits<Number>::max();
}

template <class Number>
void compare_number(const json::value& in, std::string_view name, const std::optional<Number>& out)
{
    const auto* const found = member(in, name);
    require(found == nullptr || found->is_number(), "a number is decoded from a number only");
    require((found != nullptr && fits<Number>(*found)) == out.has_value(),
            "a number is set exactly if the JSON has it");
    if (out) {
        require(found->to_number<double>() == static_cast<double>(*out),
                "a number equals that of the JSON");
    }
}

void compare(const json::value& in, const cyclos::image& out)
{
    compare_text(in, "name", out.name);
    compare_text(in, "contentType", out.content_type);
    compare_text(in, "url", out.url);
    compare_number(in, "length", out.length);
    compare_number(in, "width", out.width);
    compare_number(in, "height", out.height);
}

void compare(const json::value& in, const std::vector<cyclos::image>& out)
{
    const auto* const array = in.if_array();
    require(array != nullptr && array->size() == out.size(),
            "an array has as many elements as that of the JSON");
    for (std::size_t n = 0; n < out.size(); ++n) {
        compare((*array)[n], out[n]);
    }
}

void compare(const json::value& in, const cyclos::images_list_data& out)
{
    compare_number(in, "maxImages", out.max_images);
    const auto* const images = member(in, "images");
    require((images != nullptr) == out.images.has_value(),
            "images are set exactly if the JSON has them");
    if (images != nullptr) {
        compare(*images, *out.images);
    }
}

template <class Model>
void decode_and_compare(std::string_view text)
{
    if (const auto model = decode<Model>(text)) {
        boost::system::error_code ec;
        const json::value reference = json::parse(text, ec);
        // Text that Boost.JSON rejects as a whole, and that the library repairs.
        const bool repaired = text.starts_with("\xef\xbb\xbf") || text.find("\\u") != text.npos ||
                              text.find_first_of("eE") != text.npos;
        require(!ec || repaired, "only JSON is decoded");
        if (!ec) {
            compare(reference, *model);
        }
    }
}

void decode_id(std::string_view text)
{
    try {
        const std::string id = cyclos::detail::decode_id(text, {});
        require(!id.empty() && id.find_first_of(" \r\n<>\"") == std::string::npos,
                "an id contains no white space, quotes or angle brackets");
    }
    catch (const cyclos::error& e) {
        require(e.code() == cyclos::errc::unexpected_response,
                "an invalid id has the code unexpected_response");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = text_of(data, size);
    decode_and_compare<cyclos::image>(text);
    decode_and_compare<cyclos::image_view>(text);
    decode_and_compare<cyclos::images_list_data>(text);
    decode_and_compare<std::vector<cyclos::image>>(text);
    decode_id(text);
    return 0;
}
