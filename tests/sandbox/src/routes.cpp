//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "routes.hpp"

#include "text.hpp"

#include <array>
#include <optional>

namespace cyclos::sandbox {

namespace http = boost::beast::http;

namespace {

enum class access { users, guests };
enum class since { always, only_4_11 };

struct route_entry
{
    http::verb method = http::verb::unknown;
    std::string_view path = {}; ///< `*` stands for any segment.
    decision (operation::*perform)() = nullptr;
    std::string_view produces = {};
    std::string_view parameters = {};
    access who = access::guests;
    since dialects = since::always;
};

constexpr std::string_view json_type = "application/json", text_type = "text/plain", image_type = "image/";
constexpr std::string_view pixels = "width height";

// The first that matches counts, so literal segments stand before any.
constexpr std::array routes{
    route_entry{http::verb::post, "auth/session", &operation::log_in, json_type, "fields cookie timeoutInSeconds"},
    route_entry{http::verb::delete_, "auth/session", &operation::log_out, {}, {}},
    route_entry{http::verb::get, "images/temp", &operation::list_temp_images, json_type,
                "fields target guestKey user customField customFieldKind"},
    route_entry{http::verb::post, "images/temp", &operation::upload_temp_image, text_type,
                "name target guestKey user customField customFieldKind"},
    route_entry{http::verb::get, "images/content/*", &operation::get_image_content, image_type, pixels},
    route_entry{http::verb::get, "images/*/content", &operation::get_image_content_by_id, image_type, pixels,
                access::guests, since::only_4_11},
    route_entry{http::verb::get, "images/*/*", &operation::get_image_content_deprecated, image_type, pixels,
                access::guests, since::only_4_11},
    route_entry{http::verb::get, "images/*", &operation::view_image, json_type, "fields"},
    route_entry{http::verb::delete_, "images/*", &operation::delete_image, {}, {}},
    route_entry{http::verb::get, "marketplace/*/images/list-data", &operation::get_ad_images_list_data, json_type,
                "fields", access::users},
    route_entry{http::verb::put, "marketplace/*/images/order", &operation::reorder_ad_images, {}, "ids", access::users},
    route_entry{http::verb::get, "marketplace/*/images", &operation::list_ad_images, json_type, "fields",
                access::users},
    route_entry{http::verb::post, "marketplace/*/images", &operation::upload_ad_image, text_type, "name",
                access::users},
    route_entry{http::verb::post, "contact-infos/*/image", &operation::upload_contact_info_image, text_type, "name",
                access::users},
    route_entry{http::verb::post, "contactInfos/*/image", &operation::upload_contact_info_image, text_type, "name",
                access::users, since::only_4_11},
    route_entry{http::verb::get, "*/images/list-data", &operation::get_user_images_list_data, json_type, "fields kind",
                access::users},
    route_entry{http::verb::put, "*/images/order", &operation::reorder_profile_images, {}, "ids", access::users},
    route_entry{http::verb::get, "*/images", &operation::list_user_images, json_type, "fields kind", access::users},
    route_entry{http::verb::post, "*/images", &operation::upload_user_image, text_type, "kind name", access::users},
};

// What stands for the `*`; nothing where the path is another.
std::optional<std::vector<std::string>> match(std::string_view pattern, const std::vector<std::string>& path)
{
    std::vector<std::string> arguments;
    for (const auto& segment : path) {
        if (pattern.empty() || segment.empty())
            return std::nullopt;
        const auto expected = take_until(pattern, '/');
        if (expected == "*")
            arguments.push_back(segment);
        else if (expected != segment)
            return std::nullopt;
    }
    return pattern.empty() ? std::optional(std::move(arguments)) : std::nullopt;
}

bool accepts(std::string_view accept, std::string_view type)
{
    if (accept.empty() || type.empty())
        return true;
    const auto family = std::string(type.substr(0, type.find('/'))) + "/*";
    return accept.find("*/*") != accept.npos || accept.find(type) != accept.npos || accept.find(family) != accept.npos;
}

// What a server in front of Cyclos, or its container, would not let pass.
void check_form(const request& from)
{
    if (from.headers.count(http::field::host) != 1 || from.header(http::field::host).empty())
        throw failure{bad_request("there is no Host, or more than one")};
    if (from.method == http::verb::post)
        return;
    if (from.has_body)
        throw failure{bad_request("the method has no body")};
    if (from.has_header(http::field::content_type))
        throw failure{bad_request("there is a Content-Type without a body")};
}

void check_upload(const request& from, const options& opts)
{
    auto type = from.header(http::field::content_type);
    if (!iequals(trim(take_until(type, ';')), "multipart/form-data"))
        throw failure{empty_reply(415)};
    if (from.content_length.value_or(0) > opts.max_request)
        throw failure{empty_reply(413)};
}

const route_entry& find_route(const request& from, target& asked, const options& opts,
                              std::vector<std::string>& arguments)
{
    std::string allowed;
    for (const auto& each : routes) {
        if (each.dialects == since::only_4_11 && opts.dialect == dialect::v4_16)
            continue;
        auto found = match(each.path, asked.path);
        if (!found)
            continue;
        if (each.method == from.method) {
            arguments = *std::move(found);
            return each;
        }
        allowed.append(allowed.empty() ? "" : ", ").append(std::string_view(http::to_string(each.method)));
    }
    auto refusal = empty_reply(allowed.empty() ? 404 : 405);
    if (!allowed.empty())
        refusal.headers.emplace_back("Allow", allowed);
    throw failure{std::move(refusal)};
}

} // namespace

decision route(state& known, const request& from, const std::string& content_base)
{
    try {
        const auto& opts = known.options();
        check_form(from);
        auto asked = target::parse(from.target, opts.base_path);
        std::vector<std::string> arguments;
        const auto& found = find_route(from, asked, opts, arguments);
        asked.query.allow_only(found.parameters);
        if (!accepts(from.header(http::field::accept), found.produces))
            throw failure{empty_reply(406)};
        if (found.produces == text_type)
            check_upload(from, opts);

        const std::lock_guard lock(known.mutex);
        operation performed(known, from, std::move(asked), content_base);
        performed.arguments = std::move(arguments);
        if (found.who == access::users && performed.caller().is_guest())
            throw failure{unauthorized("missingAuthorization")};
        return (performed.*found.perform)();
    }
    catch (failure& refused) {
        return std::move(refused.reply);
    }
}

} // namespace cyclos::sandbox
