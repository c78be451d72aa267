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
enum class versions { all, only_4_11 };

struct route_entry
{
    http::verb method = http::verb::unknown;
    std::string_view path = {}; ///< `*` matches any segment.
    decision (operation::*function)() = nullptr;
    std::string_view produces = {};
    std::string_view parameters = {};
    access allowed_for = access::guests;
    versions available_in = versions::all;
};

constexpr std::string_view json_type = "application/json", text_type = "text/plain",
                           image_type = "image/";
constexpr std::string_view pixels = "width height";

// The first match counts, so routes with literal segments must be above those with `*`.
constexpr std::array routes{
    route_entry{http::verb::post, "auth/session", &operation::log_in, json_type,
                "fields cookie timeoutInSeconds"},
    route_entry{http::verb::delete_, "auth/session", &operation::log_out, {}, {}},
    route_entry{http::verb::get, "images/temp", &operation::list_temp_images, json_type,
                "fields target guestKey user customField customFieldKind"},
    route_entry{http::verb::post, "images/temp", &operation::upload_temp_image, text_type,
                "name target guestKey user customField customFieldKind"},
    route_entry{http::verb::get, "images/content/*", &operation::get_image_content, image_type,
                pixels},
    route_entry{http::verb::get, "images/*/content", &operation::get_image_content_by_id,
                image_type, pixels, access::guests, versions::only_4_11},
    route_entry{http::verb::get, "images/*/*", &operation::get_image_content_deprecated, image_type,
                pixels, access::guests, versions::only_4_11},
    route_entry{http::verb::get, "images/*", &operation::view_image, json_type, "fields"},
    route_entry{http::verb::delete_, "images/*", &operation::delete_image, {}, {}},
    route_entry{http::verb::get, "marketplace/*/images/list-data",
                &operation::get_ad_images_list_data, json_type, "fields", access::users},
    route_entry{http::verb::put,
                "marketplace/*/images/order",
                &operation::reorder_ad_images,
                {},
                "ids",
                access::users},
    route_entry{http::verb::get, "marketplace/*/images", &operation::list_ad_images, json_type,
                "fields", access::users},
    route_entry{http::verb::post, "marketplace/*/images", &operation::upload_ad_image, text_type,
                "name", access::users},
    route_entry{http::verb::post, "contact-infos/*/image", &operation::upload_contact_info_image,
                text_type, "name", access::users},
    route_entry{http::verb::post, "contactInfos/*/image", &operation::upload_contact_info_image,
                text_type, "name", access::users, versions::only_4_11},
    route_entry{http::verb::get, "*/images/list-data", &operation::get_user_images_list_data,
                json_type, "fields kind", access::users},
    route_entry{http::verb::put,
                "*/images/order",
                &operation::reorder_profile_images,
                {},
                "ids",
                access::users},
    route_entry{http::verb::get, "*/images", &operation::list_user_images, json_type, "fields kind",
                access::users},
    route_entry{http::verb::post, "*/images", &operation::upload_user_image, text_type, "kind name",
                access::users},
};

// Returns the segments that match a `*`, or nothing if the path does not match the pattern.
std::optional<std::vector<std::string>> match_path(std::string_view pattern,
                                                   const std::vector<std::string>& path)
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
    return accept.find("*/*") != accept.npos || accept.find(type) != accept.npos ||
           accept.find(family) != accept.npos;
}

// Rejects requests that a reverse proxy or the servlet container would reject.
void check_headers(const request& req)
{
    if (req.headers.count(http::field::host) != 1 || req.header(http::field::host).empty())
        throw error_reply{bad_request("there is no Host, or more than one")};
    if (req.method == http::verb::post)
        return;
    if (req.has_body)
        throw error_reply{bad_request("the method has no body")};
    if (req.has_header(http::field::content_type))
        throw error_reply{bad_request("there is a Content-Type without a body")};
}

void check_upload(const request& req, const options& opts)
{
    auto type = req.header(http::field::content_type);
    if (!iequals(trim(take_until(type, ';')), "multipart/form-data"))
        throw error_reply{empty_reply(415)};
    if (req.content_length.value_or(0) > opts.max_request)
        throw error_reply{empty_reply(413)};
}

const route_entry& find_route(const request& req, target& parsed_target, const options& opts,
                              std::vector<std::string>& arguments)
{
    std::string allowed;
    for (const auto& entry : routes) {
        if (entry.available_in == versions::only_4_11 && opts.api_version == api_version::v4_16)
            continue;
        auto found = match_path(entry.path, parsed_target.path);
        if (!found)
            continue;
        if (entry.method == req.method) {
            arguments = *std::move(found);
            return entry;
        }
        allowed.append(allowed.empty() ? "" : ", ")
            .append(std::string_view(http::to_string(entry.method)));
    }
    auto error = empty_reply(allowed.empty() ? 404 : 405);
    if (!allowed.empty())
        error.headers.emplace_back("Allow", allowed);
    throw error_reply{std::move(error)};
}

} // namespace

decision route(state& server_state, const request& req, const std::string& content_base)
{
    try {
        const auto& opts = server_state.options();
        check_headers(req);
        auto parsed_target = target::parse(req.target, opts.base_path);
        std::vector<std::string> arguments;
        const auto& found = find_route(req, parsed_target, opts, arguments);
        parsed_target.query.check_names(found.parameters);
        if (!accepts(req.header(http::field::accept), found.produces))
            throw error_reply{empty_reply(406)};
        if (found.produces == text_type)
            check_upload(req, opts);

        const std::lock_guard lock(server_state.mutex);
        operation current(server_state, req, std::move(parsed_target), content_base);
        current.arguments = std::move(arguments);
        if (found.allowed_for == access::users && current.caller().is_guest())
            throw error_reply{unauthorized("missingAuthorization")};
        return (current.*found.function)();
    }
    catch (error_reply& error) {
        return std::move(error.reply);
    }
}

} // namespace cyclos::sandbox
