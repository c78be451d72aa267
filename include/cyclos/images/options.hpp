//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_OPTIONS_HPP
#define CYCLOS_IMAGES_OPTIONS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/images/enums.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <type_traits>

/** @file
    The optional parameters of the operations.

    All of them are aggregates of views and numbers, for two reasons. A call can name what it sets,
    `{.fields = "id,name"}`; and GCC 12 destroys an aggregate temporary twice that owns memory and stands in a
    `co_await` expression (GCC bugs 99576, 100611, 107288), which a trivial destructor makes harmless. The views have
    to last for the call only, not until its result is there.
*/

namespace cyclos::inline CYCLOS_ABI {

/// Parameters of view_image().
struct view_image_options
{
    /// The members to return, in the API's own syntax, such as `id,name` or `-url`; all where it is empty.
    std::string_view fields = {};
};

/// Parameters of list_ad_images() and get_ad_images_list_data().
struct ad_images_options
{
    /// The members to return, in the API's own syntax; all where it is empty.
    std::string_view fields = {};
};

/// Parameters of list_user_images() and get_user_images_list_data().
struct user_images_options
{
    /// The members to return, in the API's own syntax; all where it is empty.
    std::string_view fields = {};

    /// The kind of images; the server takes `profile` where it is not given.
    std::optional<user_image_kind> kind = {};
};

/// Parameters of list_temp_images().
struct temp_images_options
{
    /// The members to return, in the API's own syntax; all where it is empty.
    std::string_view fields = {};

    /// What the images are for.
    std::optional<temp_image_target> target = {};

    /// For guests: the key that was given when the images were uploaded. Without it, the address decides.
    std::string_view guest_key = {};

    /// For the targets `user_profile` and `advertisement`: the user, by id or identification.
    std::string_view user = {};

    /// For the target `custom_value`: the custom field, by id or internal name.
    std::string_view custom_field = {};

    /// The kind of that custom field.
    std::optional<cyclos::custom_field_kind> custom_field_kind = {};
};

/// Parameters of get_image_content() and its deprecated forms. The ratio of the image is always kept.
struct image_content_options
{
    /// The greatest width in pixels; positive.
    std::optional<int> width = {};

    /// The greatest height in pixels; positive.
    std::optional<int> height = {};

    /// The entity tag of what the caller has already, with its quotes: image_content::not_modified() where that is
    /// still the content.
    std::string_view if_none_match = {};

    /// The same by time, for servers that give no entity tag.
    std::optional<std::chrono::sys_seconds> if_modified_since = {};
};

/// Parameters of upload_ad_image(), upload_contact_info_image() and its deprecated form.
struct upload_image_options
{
    /// The name of the image; the server takes the file name where it is empty.
    std::string_view name = {};
};

/// Parameters of upload_user_image().
struct upload_user_image_options
{
    /// The kind of image; the server takes `profile` where it is not given.
    std::optional<user_image_kind> kind = {};

    /// The name of the image; the server takes the file name where it is empty.
    std::string_view name = {};
};

/// Parameters of upload_temp_image().
struct upload_temp_image_options
{
    /// The name of the image; the server takes the file name where it is empty.
    std::string_view name = {};

    /// What the image is for.
    std::optional<temp_image_target> target = {};

    /// For guests: a key, hard to guess, that the images of this guest are found by later.
    std::string_view guest_key = {};

    /// For the targets `user_profile` and `advertisement`: the user, by id or identification.
    std::string_view user = {};

    /// For the target `custom_value`: the custom field, by id or internal name.
    std::string_view custom_field = {};

    /// The kind of that custom field.
    std::optional<cyclos::custom_field_kind> custom_field_kind = {};
};

static_assert(std::is_aggregate_v<view_image_options> && std::is_trivially_destructible_v<view_image_options>);
static_assert(std::is_aggregate_v<ad_images_options> && std::is_trivially_destructible_v<ad_images_options>);
static_assert(std::is_aggregate_v<user_images_options> && std::is_trivially_destructible_v<user_images_options>);
static_assert(std::is_aggregate_v<temp_images_options> && std::is_trivially_destructible_v<temp_images_options>);
static_assert(std::is_aggregate_v<image_content_options> && std::is_trivially_destructible_v<image_content_options>);
static_assert(std::is_aggregate_v<upload_image_options> && std::is_trivially_destructible_v<upload_image_options>);
static_assert(std::is_aggregate_v<upload_user_image_options> &&
              std::is_trivially_destructible_v<upload_user_image_options>);
static_assert(std::is_aggregate_v<upload_temp_image_options> &&
              std::is_trivially_destructible_v<upload_temp_image_options>);

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_IMAGES_OPTIONS_HPP
