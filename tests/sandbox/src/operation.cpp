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

constexpr std::string_view temp_targets = "advertisement contactInfo customValue userProfile userRegistration";
constexpr std::string_view custom_field_kinds =
    "contact contactInfo custom_operation document marketplace record transaction user";
constexpr std::string_view custom_field_kinds_of_4_16 = "contact contactInfo custom_operation custom_wizard document "
                                                        "marketplace record transaction user voucher";
constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

} // namespace

struct operation::collection
{
    std::string kind = {};
    std::string id = {};    ///< Of the user or the ad.
    std::string owner = {}; ///< The id of a user.
    bool of_ad = false;

    /// An image that belongs here.
    image prototype() const { return {.kind = kind, .owner = owner, .subject = of_ad ? id : std::string()}; }
};

operation::operation(state& known, const request& from, target asked, const std::string& content_base)
    : state_(known)
    , request_(from)
    , target_(std::move(asked))
    , caller_(authenticate(known, from))
    , content_base_(content_base)
{}

void operation::refuse() const
{
    throw failure{caller_.is_guest() ? unauthorized("missingAuthorization") : forbidden("permissionDenied")};
}

reply operation::filtered(json::value body) const
{
    field_filter(query().fields(state_.options().dialect)).apply(body);
    return json_reply(200, body);
}

json::object operation::describe(const image& each) const
{
    json::object body{{"id", each.id}, {"name", each.name}, {"contentType", each.content_type}};
    body["length"] = each.content.size();
    if (!content_base_.empty())
        body["url"] = content_base_ + each.key;
    if (each.width != 0 && each.height != 0) {
        body["width"] = each.width;
        body["height"] = each.height;
    }
    return body;
}

json::array operation::describe(const std::vector<image*>& images) const
{
    json::array body;
    for (const auto* each : images)
        body.emplace_back(describe(*each));
    return body;
}

user& operation::find_user(std::string_view reference) const
{
    auto* found = reference != "self" ? state_.user_by_reference(reference)
                  : caller_.who       ? state_.user_by_id(caller_.who->id)
                                      : nullptr;
    if (!found)
        throw failure{not_found("User", reference)};
    return *found;
}

image& operation::find_image(std::string_view id_or_key) const
{
    auto* found = state_.image_by(id_or_key);
    if (!found)
        throw failure{not_found("Image", id_or_key)};
    return *found;
}

// Custom images are for whom they belong to, and so are temporary ones, but for those of guests: there, to know the id
// is enough.
void operation::check_visible(const image& which) const
{
    const bool is_private = which.kind == "userCustom" || (which.kind == "temp" && !which.owner.empty());
    if (is_private && !caller_.is_or_manages(which.owner))
        refuse();
}

operation::collection operation::user_collection() const
{
    const auto& who = find_user(arguments[0]);
    const bool custom = query().one_of("kind", "custom profile") == "custom";
    if (custom && !caller_.is_or_manages(who.id))
        refuse();
    return {custom ? "userCustom" : "profile", who.id, who.id, false};
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
        ad = state_.advertisement_by_product(product, reference.empty() ? caller_.who->id : find_user(reference).id);
    }
    if (!ad)
        throw failure{not_found("BasicAd", arguments[0])};
    return {"marketplace", ad->id, ad->owner, true};
}

// Sessions

decision operation::log_in()
{
    if (!caller_.is_basic)
        throw failure{unauthorized("missingAuthorization")};
    const auto& who = *caller_.who;
    return filtered(json::object{{"sessionToken", state_.put_session(who.id)},
                                 {"principal", who.principals.empty() ? who.id : who.principals.front()},
                                 {"user", {{"id", who.id}, {"display", who.name}}},
                                 {"role", who.administrator ? "administrator" : "member"}});
}

decision operation::log_out()
{
    if (!state_.end_session(caller_.session_token))
        throw failure{unauthorized("loggedOut")};
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
    return filtered(std::move(body));
}

decision operation::delete_image()
{
    const auto& found = find_image(arguments[0]);
    const bool of_guest = found.kind == "temp" && found.owner.empty();
    if (!of_guest && !caller_.manages(found.owner))
        refuse();
    if (!found.removal_conflict.empty())
        throw failure{conflict(found.removal_conflict)};
    state_.remove_image(std::string(found.id));
    return empty_reply(204);
}

decision operation::get_image_content()
{
    return deliver(find_image(arguments[0]));
}

decision operation::get_image_content_by_id()
{
    const auto& found = find_image(arguments[0]);
    if (found.id != arguments[0])
        throw failure{not_found("Image", arguments[0])};
    return deliver(found);
}

decision operation::get_image_content_deprecated()
{
    const auto& found = find_image(arguments[1]);
    if (found.kind != arguments[0] || found.key != arguments[1])
        throw failure{not_found("Image", arguments[1])};
    return deliver(found);
}

reply operation::deliver(const image& which) const
{
    check_visible(which);
    return content_reply(which, query().pixels("width"), query().pixels("height"), request_, state_.options());
}

// The images of a user or an ad

reply operation::list_data(const collection& of) const
{
    const auto& opts = state_.options();
    const bool can_manage = caller_.manages(of.owner);
    const auto images = state_.list(of.kind, of.id);
    return filtered(json::object{{opts.dialect == dialect::v4_16 ? "canEdit" : "canManage", can_manage},
                                 {"canCreate", can_manage && images.size() < opts.max_images},
                                 {"maxImages", opts.max_images},
                                 {"availability", "optional"},
                                 {"images", describe(images)}});
}

reply operation::reorder(const collection& of) const
{
    if (!caller_.manages(of.owner))
        refuse();
    const bool removes_others = state_.options().dialect == dialect::v4_16;
    const auto ids = query().ids(state_.options().dialect);
    if (ids.empty() && !removes_others)
        throw failure{input_error("missingParameter", {{"name", "ids"}})};

    std::set<std::string_view> listed(ids.begin(), ids.end());
    if (listed.size() != ids.size())
        throw failure{invalid_property("ids", "an image is listed more than once")};
    std::vector<std::string> unlisted;
    for (const auto* each : state_.list(of.kind, of.id))
        if (listed.erase(each->id) == 0)
            unlisted.push_back(each->id);
    if (!listed.empty())
        throw failure{not_found("Image", *listed.begin())};

    state_.reorder(of.kind, of.id, ids);
    if (removes_others)
        for (const auto& id : unlisted)
            state_.remove_image(id);
    return empty_reply(204);
}

decision operation::list_user_images()
{
    const auto images = user_collection();
    return filtered(describe(state_.list(images.kind, images.id)));
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
    return filtered(describe(state_.list(images.kind, images.id)));
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
        throw failure{not_found("ContactInfo", arguments[0])};
    return begin_upload({.kind = "contactInfo", .owner = found->owner, .subject = found->id}, no_limit);
}

image operation::temp_parameters() const
{
    image wanted{.kind = "temp"};
    wanted.target = query().one_of("target", temp_targets);
    if (const auto reference = query().single("user"); !reference.empty())
        wanted.for_user = find_user(reference).id;
    wanted.custom_field = query().single("customField");
    wanted.custom_field_kind =
        query().one_of("customFieldKind",
                       state_.options().dialect == dialect::v4_11 ? custom_field_kinds : custom_field_kinds_of_4_16);
    if (caller_.is_guest()) {
        wanted.guest_key = query().single("guestKey");
        wanted.guest_address = request_.remote_address;
    }
    else {
        wanted.owner = caller_.who->id;
    }
    return wanted;
}

decision operation::list_temp_images()
{
    const auto wanted = temp_parameters();
    const auto is_or_any = [](const std::string& value, const std::string& asked) {
        return asked.empty() || value == asked;
    };
    auto images = state_.list("temp");
    std::erase_if(images, [&](const image* each) {
        const bool own =
            each->owner == wanted.owner && each->guest_key == wanted.guest_key &&
            (!caller_.is_guest() || !wanted.guest_key.empty() || each->guest_address == wanted.guest_address);
        return !own || !is_or_any(each->target, wanted.target) || !is_or_any(each->for_user, wanted.for_user) ||
               !is_or_any(each->custom_field, wanted.custom_field) ||
               !is_or_any(each->custom_field_kind, wanted.custom_field_kind);
    });
    return filtered(describe(images));
}

decision operation::upload_temp_image()
{
    auto like = temp_parameters();
    const auto missing = like.target == "customValue" && like.custom_field.empty()      ? "customField"
                         : !like.custom_field.empty() && like.custom_field_kind.empty() ? "customFieldKind"
                                                                                        : "";
    if (std::string_view(missing) != "")
        throw failure{input_error("missingParameter", {{"name", missing}})};
    const bool for_guests = like.target.empty() || like.target == "userRegistration" || like.target == "customValue";
    if (caller_.is_guest() && !for_guests)
        refuse();
    return begin_upload(std::move(like), no_limit);
}

decision operation::begin_upload(image like, std::size_t max_images) const
{
    const bool of_guest = like.kind == "temp" && like.owner.empty();
    if (!of_guest && !caller_.manages(like.owner))
        refuse();

    const auto& opts = state_.options();
    const auto check_room = [max_images, &known = state_](const image& value) {
        const auto& list = value.subject.empty() ? value.owner : value.subject;
        if (known.list_size(value.kind, list) >= max_images)
            throw failure{input_error("maxItems", {{"maxItems", max_images}})};
    };
    check_room(like);
    // A contact information has one image, which the new one takes the place of.
    const auto commit = [like, check_room, name = query().single("name"), replaces = opts.replace_with_pattern,
                         &known = state_, &content_base = content_base_](image value) {
        value.kind = like.kind;
        value.owner = like.owner;
        value.subject = like.subject;
        value.target = like.target;
        value.for_user = like.for_user;
        value.guest_key = like.guest_key;
        value.guest_address = like.guest_address;
        value.custom_field = like.custom_field;
        value.custom_field_kind = like.custom_field_kind;
        if (!name.empty())
            value.name = name;

        const std::lock_guard lock(known.mutex);
        check_room(value);
        // Others may have taken the room since this one began.
        if (!replaces && value.content.size() > known.room_for_bodies())
            throw failure{empty_reply(507)};
        if (value.kind == "contactInfo")
            for (const auto* each : known.list(value.kind, value.subject))
                known.remove_image(std::string(each->id));
        const auto& stored = known.put_image(std::move(value));
        reply created{.status = 201, .content_type = "text/plain", .body = content(stored.id)};
        if (!content_base.empty())
            created.headers.emplace_back("Location", content_base + stored.key);
        return created;
    };

    const upload::limits allowed{.file_size = opts.max_file_size,
                                 .request = opts.max_request,
                                 // What is too long anyway is not held while it comes.
                                 .kept = opts.replace_with_pattern &&
                                                 request_.content_length.value_or(0) > opts.max_kept_body
                                             ? 0
                                             : opts.max_kept_body,
                                 .room = state_.room_for_bodies(),
                                 .replace_with_pattern = opts.replace_with_pattern,
                                 .strict = opts.strict_multipart,
                                 .digest = opts.digest,
                                 .check_picture = opts.check_pictures};
    return std::make_unique<upload>(request_.header(boost::beast::http::field::content_type), allowed, commit);
}

} // namespace cyclos::sandbox
