//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_ENUMS_HPP
#define CYCLOS_ENUMS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/open_enum.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// What an image belongs to.
enum class image_kind {
    contact_info,         ///< An additional contact information.
    custom_field_value,   ///< The value of a custom field.
    marketplace,          ///< An advertisement, simple or in a web shop.
    marketplace_category, ///< An advertisement category.
    profile,              ///< A user profile. Search results show the first image of the profile.
    system_custom,        ///< A custom image of the system, for use in rich text.
    temp,                 ///< A temporary image, for an entity that is not registered yet.
    user_custom,          ///< A custom image of a user, for use in rich text.
    voucher_type,         ///< A voucher type.
    bulk_action,          ///< A bulk action. Since Cyclos 4.16.
    identity_provider,    ///< An identity provider. Since Cyclos 4.16.
    oidc_client,          ///< An OpenID Connect client. Since Cyclos 4.16.
    voucher_category,     ///< A voucher category. Since Cyclos 4.16.
    voucher_template,     ///< A voucher template. Since Cyclos 4.16.
};

/// The kinds of images that a user has.
enum class user_image_kind {
    custom,  ///< Custom images, for use in rich text.
    profile, ///< Images of the user profile. The server's default.
};

/// What a temporary image is for.
enum class temp_image_target {
    advertisement,     ///< A new advertisement.
    contact_info,      ///< A new additional contact information.
    custom_value,      ///< A value of a custom field.
    user_profile,      ///< The profile of the authenticated user.
    user_registration, ///< The registration of a new user.
};

/// What a custom field belongs to.
enum class custom_field_kind {
    contact,          ///< A contact of the contact list.
    contact_info,     ///< An additional contact information.
    custom_operation, ///< A parameter of a custom operation.
    document,         ///< A dynamic document.
    marketplace,      ///< An advertisement.
    record,           ///< A record.
    transaction,      ///< A transaction.
    user,             ///< A user's profile.
    custom_wizard,    ///< A custom wizard. Since Cyclos 4.16.
    voucher,          ///< A voucher. Since Cyclos 4.16.
};

/// Whether images are allowed or required.
enum class availability {
    disabled, ///< Not allowed.
    optional, ///< Allowed, but not required.
    required, ///< At least one is required.
};

namespace detail {

template <>
struct wire_names<image_kind>
{
    static constexpr wire_name<image_kind> table[] = {
        {image_kind::contact_info, "contactInfo"},
        {image_kind::custom_field_value, "customFieldValue"},
        {image_kind::marketplace, "marketplace"},
        {image_kind::marketplace_category, "marketplaceCategory"},
        {image_kind::profile, "profile"},
        {image_kind::system_custom, "systemCustom"},
        {image_kind::temp, "temp"},
        {image_kind::user_custom, "userCustom"},
        {image_kind::voucher_type, "voucherType"},
        {image_kind::bulk_action, "bulkAction"},
        {image_kind::identity_provider, "identityProvider"},
        {image_kind::oidc_client, "oidcClient"},
        {image_kind::voucher_category, "voucherCategory"},
        {image_kind::voucher_template, "voucherTemplate"},
    };
};

template <>
struct wire_names<user_image_kind>
{
    static constexpr wire_name<user_image_kind> table[] = {
        {user_image_kind::custom, "custom"},
        {user_image_kind::profile, "profile"},
    };
};

template <>
struct wire_names<temp_image_target>
{
    static constexpr wire_name<temp_image_target> table[] = {
        {temp_image_target::advertisement, "advertisement"},
        {temp_image_target::contact_info, "contactInfo"},
        {temp_image_target::custom_value, "customValue"},
        {temp_image_target::user_profile, "userProfile"},
        {temp_image_target::user_registration, "userRegistration"},
    };
};

template <>
struct wire_names<custom_field_kind>
{
    static constexpr wire_name<custom_field_kind> table[] = {
        {custom_field_kind::contact, "contact"},
        {custom_field_kind::contact_info, "contactInfo"},
        {custom_field_kind::custom_operation,
         "custom_operation"}, // the API spells it with an underscore, too
        {custom_field_kind::document, "document"},
        {custom_field_kind::marketplace, "marketplace"},
        {custom_field_kind::record, "record"},
        {custom_field_kind::transaction, "transaction"},
        {custom_field_kind::user, "user"},
        {custom_field_kind::custom_wizard, "custom_wizard"},
        {custom_field_kind::voucher, "voucher"},
    };
};

template <>
struct wire_names<availability>
{
    static constexpr wire_name<availability> table[] = {
        {availability::disabled, "disabled"},
        {availability::optional, "optional"},
        {availability::required, "required"},
    };
};

} // namespace detail

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_ENUMS_HPP
