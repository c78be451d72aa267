//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_API_IMPL_DECODE_IPP
#define CYCLOS_DETAIL_API_IMPL_DECODE_IPP

#include <cyclos/detail/api/decode.hpp>

#include <cyclos/detail/base/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

[[noreturn]] inline void throw_unexpected(const http::exchange_state& state, std::string problem,
                                          error_code cause = {})
{
    error_context context = state.context(std::move(problem));
    context.cause = cause;
    context.phase = phase::decoding;
    throw error(errc::unexpected_response, std::move(context));
}

inline bool read_json(const json_reader& in, image& out)
{
    if (!in.value().is_object()) {
        return in.mismatch("not an object");
    }
    in.read_text("id", out.id);
    in.read("name", out.name);
    in.read("contentType", out.content_type);
    in.read("length", out.length);
    in.read("url", out.url);
    in.read("width", out.width);
    in.read("height", out.height);
    return true;
}

inline bool read_json(const json_reader& in, image_view& out)
{
    if (!read_json(in, static_cast<image&>(out))) {
        return false;
    }
    in.read("kind", out.kind);
    in.read("convertedToJpeg", out.converted_to_jpeg);
    return true;
}

inline bool read_json(const json_reader& in, images_list_data& out)
{
    if (!in.value().is_object()) {
        return in.mismatch("not an object");
    }
    in.read("canManage", out.can_manage);
    in.read("canEdit", out.can_edit);
    in.read("canCreate", out.can_create);
    in.read("maxImages", out.max_images);
    in.read("availability", out.availability);
    in.read("images", out.images);
    return true;
}

template <class Model>
Model decode_model(std::string_view text, const http::exchange_state& state)
{
    const json_document document{text};
    if (document.error()) {
        throw_unexpected(state, "not valid JSON: " + document.error().message(), document.error());
    }
    try {
        Model model;
        read_json(json_reader{document.root(), on_mismatch::fail}, model);
        return model;
    }
    catch (const json_mismatch& mismatch) {
        throw_unexpected(state, mismatch.what());
    }
}

template <>
CYCLOS_DECL image decode<image>(std::string_view text, const http::exchange_state& state)
{
    return decode_model<image>(text, state);
}

template <>
CYCLOS_DECL image_view decode<image_view>(std::string_view text, const http::exchange_state& state)
{
    return decode_model<image_view>(text, state);
}

template <>
CYCLOS_DECL images_list_data decode<images_list_data>(std::string_view text,
                                                      const http::exchange_state& state)
{
    return decode_model<images_list_data>(text, state);
}

template <>
CYCLOS_DECL std::vector<image> decode<std::vector<image>>(std::string_view text,
                                                          const http::exchange_state& state)
{
    return decode_model<std::vector<image>>(text, state);
}

CYCLOS_DECL std::string decode_id(std::string_view text, const http::exchange_state& state)
{
    constexpr std::string_view white_space = " \t\r\n";
    const auto first = (std::min)(text.find_first_not_of(white_space), text.size());
    const auto last = text.find_last_not_of(white_space);
    std::string id{text.substr(first, last - first + 1)};
    if (id.starts_with('"')) {
        const json_document document{id};
        const auto* quoted = document.root().if_string();
        id = quoted ? std::string{quoted->data(), quoted->size()} : std::string{};
    }
    // An identifier is a single word. Reject an HTML page or a JSON object, which a proxy may have
    // sent.
    constexpr std::size_t max_size = 256;
    const auto is_allowed = [](char c) {
        return c > ' ' && c <= '~' &&
               std::string_view{"\"<>[]{}"}.find(c) == std::string_view::npos;
    };
    if (id.empty() || id.size() > max_size || !std::ranges::all_of(id, is_allowed)) {
        throw_unexpected(state, "not an identifier");
    }
    return id;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_API_IMPL_DECODE_IPP
