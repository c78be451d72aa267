//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "operation.hpp"

#include "content_reply.hpp"
#include "field_filter.hpp"
#include "text.hpp"

#include <boost/json/array.hpp>

#include <limits>
#include <set>
#include <utility>

namespace cyclos::sandbox {

namespace json = boost::json;

namespace {

constexpr std::string_view temp_targets =
    "advertisement contactInfo customValue userProfile userRegistration";
constexpr std::string_view custom_field_kinds =
    "contact contactInfo custom_operation document marketplace record transaction user";
constexpr std::string_view custom_field_kinds_of_4_16 =
    "contact contactInfo custom_operation custom_wizard document "
    "marketplace record transaction user voucher";
constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

} // namespace

struct operation::collection
{
    std::string kind = {};
    std::string id = {};    ///< The id of the user or the advertisement.
    std::string owner = {}; ///< The id of the user that owns the images.
    bool of_ad = false;     ///< Whether the images belong to an advertisement.

    /// A new image of this collection.
    image prototype() const
    {
        return {.kind = kind, .owner = owner, .subject = of_ad ? id : std::string()};
    }
};

operation::operation(state& server_state, const request& req, target parsed_target,
                     const std::string& content_base)
    : state_(server_state)
    , request_(req)
    , target_(std::move(parsed_target))
    , caller_(authenticate(server_state, req))
    , content_base_(content_base)
{}

void operation::throw_not_permitted() const
{
    throw error_reply{caller_.is_guest() ? unauthorized("missingAuthorization")
                                         : forbidden("permissionDenied")};
}

reply operation::filtered_reply(json::value body) const
{
    field_filter(query().fields(state_.options().api_version)).apply(body);
    return json_reply(200, body);
}

json::object operation::describe(const image& picture) const
{
    json::object body{
        {"id", picture.id}, {"name", picture.name}, {"contentType", picture.content_type}};
    body["length"] = picture.content.size();
    if (!content_base_.empty())
        body["url"] = content_base_ + picture.key;
    if (picture.width != 0 && picture.height != 0) {
        body["width"] = picture.width;
        body["height"] = picture.height;
    }
    return body;
}

json::array operation::describe(const std::vector<image*>& images) const
{
    json::array body;
    for (const auto* picture : images)
        body.emplace_back(describe(*picture));
    return body;
}

user& operation::find_user(std::string_view reference) const
{
    auto* found = reference != "self" ? state_.user_by_reference(reference)
                  : caller_.user      ? state_.user_by_id(caller_.user->id)
                                      : nullptr;
    if (!found)
        throw error_reply{not_found("User", reference)};
    return *found;
}

image& operation::find_image(std::string_view id_or_key) const
{
    auto* found = state_.image_by(id_or_key);
    if (!found)
        throw error_reply{not_found("Image", id_or_key)};
    return *found;
}

// Custom and temporary images are private to their owner. Temporary images of guests have no owner:
// whoever knows their id can see them.
void operation::check_visible(const image& picture) const
{
    const bool is_private =
        picture.kind == "userCustom" || (picture.kind == "temp" && !picture.owner.empty());
    if (is_private && !caller_.can_view(picture.owner))
        throw_not_permitted();
}

operation::collection operation::user_collection() const
{
    const auto& owner = find_user(arguments[0]);
    const bool custom = query().one_of("kind", "custom profile") == "custom";
    if (custom && !caller_.can_view(owner.id))
        throw_not_permitted();
    return {custom ? "userCustom" : "profile", owner.id, owner.id, false};
}

operation::collection operation::ad_collection() const
{
    std::string_view reference = arguments[0];
    const advertisement* ad = nullptr;
    if (is_id(reference)) {
        ad = state_.advertisement_by_id(reference);
    }
    else {
        const auto product = take_until(reference, '@');
        ad = state_.advertisement_by_product(product, reference.empty() ? caller_.user->id
                                                                        : find_user(reference).id);
    }
    if (!ad)
        throw error_reply{not_found("BasicAd", arguments[0])};
    return {"marketplace", ad->id, ad->owner, true};
}

// Sessions

decision operation::log_in()
{
    if (!caller_.is_basic)
        throw error_reply{unauthorized("missingAuthorization")};
    const auto& owner = *caller_.user;
    return filtered_reply(
        json::object{{"sessionToken", state_.put_session(owner.id)},
                     {"principal", owner.principals.empty() ? owner.id : owner.principals.front()},
                     {"user", {{"id", owner.id}, {"display", owner.name}}},
                     {"role", owner.administrator ? "administrator" : "member"}});
}

decision operation::log_out()
{
    if (!state_.end_session(caller_.session_token))
        throw error_reply{unauthorized("loggedOut")};
    return empty_reply(204);
}

// Single images

decision operation::view_image()
{
    const auto& found = find_image(arguments[0]);
    check_visible(found);
    auto body = describe(found);
    body["kind"] = found.kind;
    body["convertedToJpeg"] = found.converted_to_jpeg;
    return filtered_reply(std::move(body));
}

decision operation::delete_image()
{
    const auto& found = find_image(arguments[0]);
    const bool of_guest = found.kind == "temp" && found.owner.empty();
    if (!of_guest && !caller_.can_manage(found.owner))
        throw_not_permitted();
    if (!found.removal_conflict.empty())
        throw error_reply{conflict(found.removal_conflict)};
    state_.remove_image(std::string(found.id));
    return empty_reply(204);
}

decision operation::get_image_content()
{
    return content_of(find_image(arguments[0]));
}

decision operation::get_image_content_by_id()
{
    const auto& found = find_image(arguments[0]);
    if (found.id != arguments[0])
        throw error_reply{not_found("Image", arguments[0])};
    return content_of(found);
}

decision operation::get_image_content_deprecated()
{
    const auto& found = find_image(arguments[1]);
    if (found.kind != arguments[0] || found.key != arguments[1])
        throw error_reply{not_found("Image", arguments[1])};
    return content_of(found);
}

reply operation::content_of(const image& picture) const
{
    check_visible(picture);
    return content_reply(picture, query().pixels("width"), query().pixels("height"), request_,
                         state_.options());
}

// The images of a user or an advertisement

reply operation::list_data(const collection& images) const
{
    const auto& opts = state_.options();
    const bool can_manage = caller_.can_manage(images.owner);
    const auto listed = state_.list(images.kind, images.id);
    return filtered_reply(
        json::object{{opts.api_version == api_version::v4_16 ? "canEdit" : "canManage", can_manage},
                     {"canCreate", can_manage && listed.size() < opts.max_images},
                     {"maxImages", opts.max_images},
                     {"availability", "optional"},
                     {"images", describe(listed)}});
}

reply operation::reorder(const collection& images) const
{
    if (!caller_.can_manage(images.owner))
        throw_not_permitted();
    const bool removes_others = state_.options().api_version == api_version::v4_16;
    const auto ids = query().ids(state_.options().api_version);
    if (ids.empty() && !removes_others)
        throw error_reply{input_error("missingParameter", {{"name", "ids"}})};

    std::set<std::string_view> listed(ids.begin(), ids.end());
    if (listed.size() != ids.size())
        throw error_reply{invalid_property("ids", "an image is listed more than once")};
    std::vector<std::string> unlisted;
    for (const auto* each : state_.list(images.kind, images.id))
        if (listed.erase(each->id) == 0)
            unlisted.push_back(each->id);
    if (!listed.empty())
        throw error_reply{not_found("Image", *listed.begin())};

    state_.reorder(images.kind, images.id, ids);
    if (removes_others)
        for (const auto& id : unlisted)
            state_.remove_image(id);
    return empty_reply(204);
}

decision operation::list_user_images()
{
    const auto images = user_collection();
    return filtered_reply(describe(state_.list(images.kind, images.id)));
}

decision operation::get_user_images_list_data()
{
    return list_data(user_collection());
}

decision operation::reorder_profile_images()
{
    return reorder(user_collection());
}

decision operation::upload_user_image()
{
    return begin_upload(user_collection().prototype(), state_.options().max_images);
}

decision operation::list_ad_images()
{
    const auto images = ad_collection();
    return filtered_reply(describe(state_.list(images.kind, images.id)));
}

decision operation::get_ad_images_list_data()
{
    return list_data(ad_collection());
}

decision operation::reorder_ad_images()
{
    return reorder(ad_collection());
}

decision operation::upload_ad_image()
{
    return begin_upload(ad_collection().prototype(), state_.options().max_images);
}

// Other uploads

decision operation::upload_contact_info_image()
{
    const auto* found = state_.contact_info_by_id(arguments[0]);
    if (!found)
        throw error_reply{not_found("ContactInfo", arguments[0])};
    return begin_upload({.kind = "contactInfo", .owner = found->owner, .subject = found->id},
                        no_limit);
}

image operation::temp_parameters() const
{
    image parameters{.kind = "temp"};
    parameters.target = query().one_of("target", temp_targets);
    if (const auto reference = query().single("user"); !reference.empty())
        parameters.for_user = find_user(reference).id;
    parameters.custom_field = query().single("customField");
    parameters.custom_field_kind =
        query().one_of("customFieldKind", state_.options().api_version == api_version::v4_11
                                              ? custom_field_kinds
                                              : custom_field_kinds_of_4_16);
    if (caller_.is_guest()) {
        parameters.guest_key = query().single("guestKey");
        parameters.guest_address = request_.remote_address;
    }
    else {
        parameters.owner = caller_.user->id;
    }
    return parameters;
}

decision operation::list_temp_images()
{
    const auto parameters = temp_parameters();
    const auto matches = [](const std::string& value, const std::string& parameter) {
        return parameter.empty() || value == parameter;
    };
    auto images = state_.list("temp");
    std::erase_if(images, [&](const image* each) {
        const bool own = each->owner == parameters.owner &&
                         each->guest_key == parameters.guest_key &&
                         (!caller_.is_guest() || !parameters.guest_key.empty() ||
                          each->guest_address == parameters.guest_address);
        return !own || !matches(each->target, parameters.target) ||
               !matches(each->for_user, parameters.for_user) ||
               !matches(each->custom_field, parameters.custom_field) ||
               !matches(each->custom_field_kind, parameters.custom_field_kind);
    });
    return filtered_reply(describe(images));
}

decision operation::upload_temp_image()
{
    auto prototype = temp_parameters();
    const auto missing =
        prototype.target == "customValue" && prototype.custom_field.empty()      ? "customField"
        : !prototype.custom_field.empty() && prototype.custom_field_kind.empty() ? "customFieldKind"
                                                                                 : "";
    if (std::string_view(missing) != "")
        throw error_reply{input_error("missingParameter", {{"name", missing}})};
    const bool for_guests = prototype.target.empty() || prototype.target == "userRegistration" ||
                            prototype.target == "customValue";
    if (caller_.is_guest() && !for_guests)
        throw_not_permitted();
    return begin_upload(std::move(prototype), no_limit);
}

decision operation::begin_upload(image prototype, std::size_t max_images) const
{
    const bool of_guest = prototype.kind == "temp" && prototype.owner.empty();
    if (!of_guest && !caller_.can_manage(prototype.owner))
        throw_not_permitted();

    const auto& opts = state_.options();
    const auto check_image_count = [max_images, &server_state = state_](const image& value) {
        const auto& list = value.subject.empty() ? value.owner : value.subject;
        if (server_state.list_size(value.kind, list) >= max_images)
            throw error_reply{input_error("maxItems", {{"maxItems", max_images}})};
    };
    check_image_count(prototype);
    // A contact information has one image, which a new one replaces.
    const auto commit = [prototype, check_image_count, name = query().single("name"),
                         replaces = opts.replace_with_pattern, &server_state = state_,
                         &content_base = content_base_](image value) {
        value.kind = prototype.kind;
        value.owner = prototype.owner;
        value.subject = prototype.subject;
        value.target = prototype.target;
        value.for_user = prototype.for_user;
        value.guest_key = prototype.guest_key;
        value.guest_address = prototype.guest_address;
        value.custom_field = prototype.custom_field;
        value.custom_field_kind = prototype.custom_field_kind;
        if (!name.empty())
            value.name = name;

        const std::lock_guard lock(server_state.mutex);
        check_image_count(value);
        // Other uploads may have used up the memory since this one began.
        if (!replaces && value.content.size() > server_state.available_memory())
            throw error_reply{empty_reply(507)};
        if (value.kind == "contactInfo")
            for (const auto* each : server_state.list(value.kind, value.subject))
                server_state.remove_image(std::string(each->id));
        const auto& stored = server_state.put_image(std::move(value));
        reply created{.status = 201, .content_type = "text/plain", .body = content(stored.id)};
        if (!content_base.empty())
            created.headers.emplace_back("Location", content_base + stored.key);
        return created;
    };

    const upload::limits allowed{.file_size = opts.max_file_size,
                                 .request = opts.max_request,
                                 // A file above the limit will be replaced by the pattern: do not
                                 // keep its bytes meanwhile.
                                 .kept = opts.replace_with_pattern &&
                                                 request_.content_length.value_or(0) >
                                                     opts.max_kept_body
                                             ? 0
                                             : opts.max_kept_body,
                                 .available = state_.available_memory(),
                                 .replace_with_pattern = opts.replace_with_pattern,
                                 .strict = opts.strict_multipart,
                                 .digest = opts.digest,
                                 .check_picture = opts.check_pictures};
    return std::make_unique<upload>(request_.header(boost::beast::http::field::content_type),
                                    allowed, commit);
}

} // namespace cyclos::sandbox
