//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_JSON_IPP
#define CYCLOS_DETAIL_IMPL_JSON_IPP

#include <cyclos/json.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

template <class T>
void add_member(boost::json::object& out, std::string_view key, const std::optional<T>& value)
{
    if (value) {
        out.emplace(key, *value);
    }
}

template <class Enum>
void add_member(boost::json::object& out, std::string_view key, const open_enum<Enum>& value)
{
    if (!value.empty()) {
        out.emplace(key, value.text());
    }
}

inline boost::json::object image_object(const image& value)
{
    boost::json::object out;
    add_member(out, "id", value.id);
    add_member(out, "name", value.name);
    add_member(out, "contentType", value.content_type);
    add_member(out, "length", value.length);
    add_member(out, "url", value.url);
    add_member(out, "width", value.width);
    add_member(out, "height", value.height);
    return out;
}

} // namespace detail

CYCLOS_DECL boost::json::value to_json(const image& value)
{
    return detail::image_object(value);
}

CYCLOS_DECL boost::json::value to_json(const image_view& value)
{
    auto out = detail::image_object(value);
    detail::add_member(out, "kind", value.kind);
    detail::add_member(out, "convertedToJpeg", value.converted_to_jpeg);
    return out;
}

CYCLOS_DECL boost::json::value to_json(const images_list_data& value)
{
    boost::json::object out;
    detail::add_member(out, "canManage", value.can_manage);
    detail::add_member(out, "canEdit", value.can_edit);
    detail::add_member(out, "canCreate", value.can_create);
    detail::add_member(out, "maxImages", value.max_images);
    detail::add_member(out, "availability", value.availability);
    if (value.images) {
        out.emplace("images", to_json(*value.images));
    }
    return out;
}

CYCLOS_DECL boost::json::value to_json(const uploaded_image& value)
{
    boost::json::object out;
    out.emplace("id", value.id);
    detail::add_member(out, "location", value.location);
    return out;
}

CYCLOS_DECL boost::json::value to_json(const std::vector<image>& value)
{
    boost::json::array out;
    out.reserve(value.size());
    for (const auto& element : value) {
        out.push_back(to_json(element));
    }
    return out;
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_JSON_IPP
