//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_IMPL_DECODE_IPP
#define CYCLOS_IMAGES_IMPL_DECODE_IPP

#include <cyclos/images/impl/decode.hpp>

#include <cyclos/detail/json.hpp>

#include <algorithm>

namespace cyclos::inline CYCLOS_ABI::detail {

[[noreturn]] inline void throw_unexpected(const http::progress& where, std::string problem, error_code cause = {})
{
    error_context context = where.context(std::move(problem));
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
Model decode_model(std::string_view text, const http::progress& where)
{
    const json_document document{text};
    if (document.error()) {
        throw_unexpected(where, "not valid JSON: " + document.error().message(), document.error());
    }
    try {
        Model model;
        read_json(json_reader{document.root(), on_mismatch::fail}, model);
        return model;
    }
    catch (const json_mismatch& mismatch) {
        throw_unexpected(where, mismatch.what());
    }
}

template <>
CYCLOS_DECL image decode<image>(std::string_view text, const http::progress& where)
{
    return decode_model<image>(text, where);
}

template <>
CYCLOS_DECL image_view decode<image_view>(std::string_view text, const http::progress& where)
{
    return decode_model<image_view>(text, where);
}

template <>
CYCLOS_DECL images_list_data decode<images_list_data>(std::string_view text, const http::progress& where)
{
    return decode_model<images_list_data>(text, where);
}

template <>
CYCLOS_DECL std::vector<image> decode<std::vector<image>>(std::string_view text, const http::progress& where)
{
    return decode_model<std::vector<image>>(text, where);
}

CYCLOS_DECL std::string decode_id(std::string_view text, const http::progress& where)
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
    // An identifier is one word. A page of HTML or a JSON object, from a proxy, is none.
    constexpr std::size_t longest = 256;
    const auto belongs = [](char c) {
        return c > ' ' && c <= '~' && std::string_view{"\"<>[]{}"}.find(c) == std::string_view::npos;
    };
    if (id.empty() || id.size() > longest || !std::ranges::all_of(id, belongs)) {
        throw_unexpected(where, "not an identifier");
    }
    return id;
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_IMAGES_IMPL_DECODE_IPP
