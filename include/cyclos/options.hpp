//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_OPTIONS_HPP
#define CYCLOS_OPTIONS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/enums.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <type_traits>

/** @file
    Optional parameters of the operations.

    All option types are trivially destructible aggregates of views and numbers. As aggregates they
    support designated initializers: `{.fields = "id,name"}`. The trivial destructor avoids a defect
    of GCC 12, which destroys an aggregate temporary in a `co_await` expression twice (bugs 99576,
    100611 and 107288).

    The views must be valid during the call only, not until the operation completes. A member with
    its default value is not sent.
*/

namespace cyclos {
inline namespace CYCLOS_ABI {

/// Optional parameters of view_image().
struct view_image_options
{
    /// The members to return, in the syntax of the API: `id,name` is these two, `-url` is all but
    /// this one; empty: all.
    std::string_view fields = {};
};

/// Optional parameters of list_ad_images() and get_ad_images_list_data().
struct ad_images_options
{
    /// The members to return, such as `id,name` or `-url`; empty: all.
    std::string_view fields = {};
};

/// Optional parameters of list_user_images() and get_user_images_list_data().
struct user_images_options
{
    /// The members to return, such as `id,name` or `-url`; empty: all.
    std::string_view fields = {};

    /// The kind of images; the default of the server is `profile`.
    std::optional<user_image_kind> kind = {};
};

/// Optional parameters of list_temp_images().
struct temp_images_options
{
    /// The members to return, such as `id,name` or `-url`; empty: all.
    std::string_view fields = {};

    /// What the images are for.
    std::optional<temp_image_target> target = {};

    /// For guests: the key that the images were uploaded with. Without a key, the server identifies
    /// a guest by the IP address.
    std::string_view guest_key = {};

    /// For the targets `user_profile` and `advertisement`: the user, by id or another
    /// identification.
    std::string_view user = {};

    /// For the target `custom_value`: the custom field, by id or internal name.
    std::string_view custom_field = {};

    /// For the target `custom_value`: the kind of that custom field.
    std::optional<cyclos::custom_field_kind> custom_field_kind = {};
};

/// Optional parameters of get_image_content() and its deprecated forms. The server keeps the aspect
/// ratio.
struct image_content_options
{
    /// Maximum width in pixels. Must be positive.
    std::optional<int> width = {};

    /// Maximum height in pixels. Must be positive.
    std::optional<int> height = {};

    /// Conditional request: the entity tag of the content that the caller has, with its quotes. If
    /// the content is still the same, the result is image_content::not_modified().
    std::string_view if_none_match = {};

    /// Conditional request by time, for servers that send no entity tag:
    /// image_content::last_modified() of the content that the caller has.
    std::optional<std::chrono::sys_seconds> if_modified_since = {};
};

/// Optional parameters of upload_ad_image(), upload_contact_info_image() and its deprecated form.
struct upload_image_options
{
    /// The name of the image; empty: the server uses the file name.
    std::string_view name = {};
};

/// Optional parameters of upload_user_image().
struct upload_user_image_options
{
    /// The kind of image; the default of the server is `profile`.
    std::optional<user_image_kind> kind = {};

    /// The name of the image; empty: the server uses the file name.
    std::string_view name = {};
};

/// Optional parameters of upload_temp_image().
struct upload_temp_image_options
{
    /// The name of the image; empty: the server uses the file name.
    std::string_view name = {};

    /// What the image is for.
    std::optional<temp_image_target> target = {};

    /// For guests: a key that identifies the images of this guest later. It should be hard to
    /// guess.
    std::string_view guest_key = {};

    /// For the targets `user_profile` and `advertisement`: the user, by id or another
    /// identification.
    std::string_view user = {};

    /// For the target `custom_value`: the custom field, by id or internal name.
    std::string_view custom_field = {};

    /// For the target `custom_value`: the kind of that custom field.
    std::optional<cyclos::custom_field_kind> custom_field_kind = {};
};

static_assert(std::is_aggregate_v<view_image_options> &&
              std::is_trivially_destructible_v<view_image_options>);
static_assert(std::is_aggregate_v<ad_images_options> &&
              std::is_trivially_destructible_v<ad_images_options>);
static_assert(std::is_aggregate_v<user_images_options> &&
              std::is_trivially_destructible_v<user_images_options>);
static_assert(std::is_aggregate_v<temp_images_options> &&
              std::is_trivially_destructible_v<temp_images_options>);
static_assert(std::is_aggregate_v<image_content_options> &&
              std::is_trivially_destructible_v<image_content_options>);
static_assert(std::is_aggregate_v<upload_image_options> &&
              std::is_trivially_destructible_v<upload_image_options>);
static_assert(std::is_aggregate_v<upload_user_image_options> &&
              std::is_trivially_destructible_v<upload_user_image_options>);
static_assert(std::is_aggregate_v<upload_temp_image_options> &&
              std::is_trivially_destructible_v<upload_temp_image_options>);

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_OPTIONS_HPP
