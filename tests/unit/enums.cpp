//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/enums.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace {

template <class Enum>
struct spelling
{
    Enum value;
    std::string_view name;
};

/// Checks that the enumeration has exactly these enumerators, and that the conversions match their
/// names.
template <class Enum, std::size_t N>
void check_spellings(const spelling<Enum> (&expected)[N])
{
    CHECK(cyclos::all_values<Enum>().size() == N);
    for (const auto& [value, name] : expected) {
        CAPTURE(name);
        CHECK(cyclos::to_string(value) == name);
        CHECK(cyclos::from_string<Enum>(name) == std::optional{value});
        CHECK(std::ranges::count(cyclos::all_values<Enum>(), value) == 1);
    }
    CHECK(cyclos::from_string<Enum>("") == std::nullopt);
    CHECK(cyclos::from_string<Enum>("somethingNew") == std::nullopt);
}

} // namespace

TEST_CASE("enumerations: image_kind has the names of the API")
{
    using enum cyclos::image_kind;
    check_spellings<cyclos::image_kind>({
        {contact_info, "contactInfo"},
        {custom_field_value, "customFieldValue"},
        {marketplace, "marketplace"},
        {marketplace_category, "marketplaceCategory"},
        {profile, "profile"},
        {system_custom, "systemCustom"},
        {temp, "temp"},
        {user_custom, "userCustom"},
        {voucher_type, "voucherType"},
        {bulk_action, "bulkAction"},
        {identity_provider, "identityProvider"},
        {oidc_client, "oidcClient"},
        {voucher_category, "voucherCategory"},
        {voucher_template, "voucherTemplate"},
    });
}

TEST_CASE("enumerations: user_image_kind has the names of the API")
{
    using enum cyclos::user_image_kind;
    check_spellings<cyclos::user_image_kind>({{custom, "custom"}, {profile, "profile"}});
}

TEST_CASE("enumerations: temp_image_target has the names of the API")
{
    using enum cyclos::temp_image_target;
    check_spellings<cyclos::temp_image_target>({
        {advertisement, "advertisement"},
        {contact_info, "contactInfo"},
        {custom_value, "customValue"},
        {user_profile, "userProfile"},
        {user_registration, "userRegistration"},
    });
}

TEST_CASE("enumerations: custom_field_kind has the names of the API")
{
    using enum cyclos::custom_field_kind;
    check_spellings<cyclos::custom_field_kind>({
        {contact, "contact"},
        {contact_info, "contactInfo"},
        {custom_operation, "custom_operation"},
        {document, "document"},
        {marketplace, "marketplace"},
        {record, "record"},
        {transaction, "transaction"},
        {user, "user"},
        {custom_wizard, "custom_wizard"},
        {voucher, "voucher"},
    });
}

TEST_CASE("enumerations: availability has the names of the API")
{
    using enum cyclos::availability;
    check_spellings<cyclos::availability>(
        {{disabled, "disabled"}, {optional, "optional"}, {required, "required"}});
}

TEST_CASE("enumerations: from_string() compares exactly")
{
    for (const std::string_view text : {"Temp", "TEMP", " temp", "temp ", "tem", "temps"}) {
        CAPTURE(text);
        CHECK(cyclos::from_string<cyclos::image_kind>(text) == std::nullopt);
    }
}

TEST_CASE("enumerations: to_string() of a value without enumerator is empty")
{
    CHECK(cyclos::to_string(static_cast<cyclos::image_kind>(99)).empty());
}

TEST_CASE("enumerations: the conversions are constexpr")
{
    static_assert(cyclos::to_string(cyclos::image_kind::oidc_client) == "oidcClient");
    static_assert(cyclos::from_string<cyclos::availability>("required") ==
                  cyclos::availability::required);
    static_assert(cyclos::all_values<cyclos::user_image_kind>().size() == 2);
    static_assert(!cyclos::wire_enum<std::string>);
    CHECK(cyclos::wire_enum<cyclos::image_kind>);
}

using kind = cyclos::open_enum<cyclos::image_kind>;

TEST_CASE("enumerations: a default-constructed open_enum is empty")
{
    const kind nothing;
    CHECK(nothing.empty());
    CHECK_FALSE(nothing.is_known());
    CHECK(nothing.text().empty());
    CHECK_THROWS_AS(nothing.value(), std::bad_optional_access);
    CHECK(nothing == kind{});
    CHECK(nothing == kind{std::string_view{}});
    CHECK(nothing != cyclos::image_kind::contact_info);
}

TEST_CASE("enumerations: an open_enum holds an enumerator")
{
    const kind known = cyclos::image_kind::temp;
    CHECK_FALSE(known.empty());
    CHECK(known.is_known());
    CHECK(known.value() == cyclos::image_kind::temp);
    CHECK(known.value_or(cyclos::image_kind::profile) == cyclos::image_kind::temp);
    CHECK(known.text() == "temp");
    CHECK(known == cyclos::image_kind::temp);
    CHECK(cyclos::image_kind::temp == known);
    CHECK(known != cyclos::image_kind::profile);
    CHECK(known == kind{"temp"});
}

TEST_CASE("enumerations: an open_enum keeps an unknown name")
{
    const kind unknown{"hologram"};
    CHECK_FALSE(unknown.empty());
    CHECK_FALSE(unknown.is_known());
    CHECK_THROWS_AS(unknown.value(), std::bad_optional_access);
    CHECK(unknown.value_or(cyclos::image_kind::profile) == cyclos::image_kind::profile);
    CHECK(unknown.text() == "hologram");
    CHECK(unknown == kind{"hologram"});
    CHECK(unknown != kind{"mirage"});
    CHECK(unknown != kind{});
    for (const auto value : cyclos::all_values<cyclos::image_kind>()) {
        CHECK(unknown != value);
    }
}

TEST_CASE("enumerations: an open_enum is printed with the name that the server sent")
{
    std::ostringstream out;
    out << kind{cyclos::image_kind::voucher_type} << ' ' << kind{"hologram"} << ' ' << kind{}
        << '.';
    CHECK(out.str() == "voucherType hologram .");
}
