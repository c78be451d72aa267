//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/api_error.hpp>
#include <cyclos/detail/client/make_api_error.hpp>

#include <doctest/doctest.h>

#include <exception>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

/// The error of a response, which must be of this class.
template <class Error>
Error error_of(unsigned status, std::string_view body)
{
    try {
        std::rethrow_exception(
            cyclos::detail::make_api_error({status, "application/json", body, {}}, {}));
    }
    catch (const Error& e) {
        return e;
    }
}

/// The details that were read from a body.
template <class Error>
typename Error::body_type details_of(unsigned status, std::string_view body)
{
    return error_of<Error>(status, body).details();
}

std::string json_member(std::string_view key, std::string_view value)
{
    return "{\"" + std::string{key} + "\":\"" + std::string{value} + "\"}";
}

/// Checks that exactly these codes are known and read from the `code` of a body.
template <class Error>
void check_codes(unsigned status, const std::vector<std::string_view>& codes)
{
    using code_type = typename decltype(Error::body_type::code)::enum_type;
    CHECK(cyclos::all_values<code_type>().size() == codes.size());
    std::set<code_type> seen;
    for (const auto code : codes) {
        CAPTURE(code);
        const auto e = error_of<Error>(status, json_member("code", code));
        REQUIRE(e.details().code.is_known());
        CHECK(e.details().code.text() == code);
        CHECK(e.server_code() == code);
        CHECK(std::string{e.what()}.find(code) != std::string::npos);
        seen.insert(e.details().code.value());
    }
    CHECK(seen.size() == codes.size());

    const auto e = error_of<Error>(status, json_member("code", "somethingNew"));
    CHECK_FALSE(e.details().code.is_known());
    CHECK(e.details().code.text() == "somethingNew");
    CHECK(e.server_code() == "somethingNew");
}

} // namespace

TEST_CASE("API error bodies: a 400 gives its code, message, line and column")
{
    check_codes<cyclos::bad_request>(400, {"general", "json"});

    const auto body = details_of<cyclos::bad_request>(
        400, R"({"code": "json", "message": "Unexpected character", "line": 3, "column": 14})");
    CHECK(body.code == cyclos::bad_request_code::json);
    CHECK(body.message == "Unexpected character");
    CHECK(body.line == 3u);
    CHECK(body.column == 14u);
}

TEST_CASE("API error bodies: a 401 gives its code and the statuses of the user and the password")
{
    check_codes<cyclos::unauthorized>(
        401, {"blockedAccessClient", "invalidAccessClient", "invalidAccessToken",
              "invalidChannelUsage", "invalidNetwork", "loggedOut", "login", "missingAuthorization",
              "remoteAddressBlocked", "unauthorizedAddress", "unauthorizedUrl"});

    const auto body = details_of<cyclos::unauthorized>(
        401,
        R"({"code": "login", "userStatus": "blocked", "passwordStatus": "temporarilyBlocked"})");
    CHECK(body.code == cyclos::unauthorized_code::login);
    CHECK(body.user_status == cyclos::user_status::blocked);
    CHECK(body.password_status == cyclos::password_status::temporarily_blocked);
}

TEST_CASE("API error bodies: each user status is read from a 401")
{
    using enum cyclos::user_status;
    const std::pair<cyclos::user_status, std::string_view> names[] = {
        {active, "active"},   {blocked, "blocked"}, {disabled, "disabled"},
        {pending, "pending"}, {purged, "purged"},   {removed, "removed"}};
    CHECK(cyclos::all_values<cyclos::user_status>().size() == std::size(names));
    for (const auto& [value, name] : names) {
        CAPTURE(name);
        CHECK(details_of<cyclos::unauthorized>(401, json_member("userStatus", name)).user_status ==
              value);
    }
}

TEST_CASE("API error bodies: each password status is read from a 401")
{
    using enum cyclos::password_status;
    const std::pair<cyclos::password_status, std::string_view> names[] = {
        {active, "active"},
        {disabled, "disabled"},
        {expired, "expired"},
        {indefinitely_blocked, "indefinitelyBlocked"},
        {never_created, "neverCreated"},
        {pending, "pending"},
        {reset, "reset"},
        {temporarily_blocked, "temporarilyBlocked"},
    };
    CHECK(cyclos::all_values<cyclos::password_status>().size() == std::size(names));
    for (const auto& [value, name] : names) {
        CAPTURE(name);
        CHECK(details_of<cyclos::unauthorized>(401, json_member("passwordStatus", name))
                  .password_status == value);
    }
}

TEST_CASE("API error bodies: a 403 gives its code and the password type")
{
    check_codes<cyclos::forbidden>(403, {"expiredPassword",
                                         "illegalAction",
                                         "inaccessibleChannel",
                                         "inaccessiblePrincipal",
                                         "indefinitelyBlocked",
                                         "invalidDeviceActivationCode",
                                         "invalidDeviceConfirmation",
                                         "invalidPassword",
                                         "operatorWithPendingAgreements",
                                         "pendingAgreements",
                                         "permissionDenied",
                                         "resetPassword",
                                         "temporarilyBlocked",
                                         "devicePinRemoved",
                                         "blockedByTotp",
                                         "disabledPassword",
                                         "inaccessibleGroup",
                                         "inaccessibleNetwork",
                                         "invalidTotp",
                                         "loginConfirmation",
                                         "otpInvalidated"});

    const auto body = details_of<cyclos::forbidden>(
        403,
        R"({"code": "invalidPassword", "passwordType": {"id": "-7", "name": "Login password", "internalName": "login"}})");
    CHECK(body.code == cyclos::forbidden_code::invalid_password);
    REQUIRE(body.password_type);
    CHECK(body.password_type->id == "-7");
    CHECK(body.password_type->name == "Login password");
    CHECK(body.password_type->internal_name == "login");

    CHECK_FALSE(
        details_of<cyclos::forbidden>(403, R"({"code": "permissionDenied"})").password_type);
    CHECK_FALSE(details_of<cyclos::forbidden>(403, R"({"passwordType": "login"})").password_type);
    CHECK(details_of<cyclos::forbidden>(403, R"({"passwordType": {"id": 7}})").password_type->id ==
          "7");
}

TEST_CASE("API error bodies: a 404 gives the entity type and the key")
{
    const auto body =
        details_of<cyclos::not_found>(404, R"({"entityType": "User", "key": "j\u00f6rg"})");
    CHECK(body.entity_type == "User");
    CHECK(body.key == "j\u00f6rg");
    CHECK(details_of<cyclos::not_found>(404, R"({"key": -12})").key == "-12");
    CHECK(error_of<cyclos::not_found>(404, R"({"entityType": "User"})").server_code().empty());
}

TEST_CASE("API error bodies: a 405 and a 503 give their codes")
{
    check_codes<cyclos::method_not_allowed>(405, {"emailSending", "smsSending"});
    check_codes<cyclos::service_unavailable>(503, {"emailSending", "smsSending"});
    CHECK(details_of<cyclos::service_unavailable>(503, R"({"code": "smsSending"})").code ==
          cyclos::unavailable_code::sms_sending);
}

TEST_CASE("API error bodies: a 409 gives its code")
{
    check_codes<cyclos::conflict>(409, {"constraintViolatedOnRemove", "staleEntity"});
    CHECK(details_of<cyclos::conflict>(409, R"({"code": "staleEntity"})").code ==
          cyclos::conflict_code::stale_entity);
}

TEST_CASE("API error bodies: a 422 gives its code and the errors of each property")
{
    check_codes<cyclos::invalid_input>(422, {"aggregated", "dataConversion", "fileUploadSize",
                                             "maxItems", "missingParameter", "queryParse",
                                             "validation"});

    const auto body = details_of<cyclos::invalid_input>(422, R"({
        "code": "validation",
        "generalErrors": ["Too late", "Too little"],
        "properties": ["name", "image"],
        "propertyErrors": {"name": ["is required"], "image": ["is too large", "is no image"]},
        "customFields": ["age"],
        "customFieldErrors": {"age": ["is negative"]},
        "maxItems": 5,
        "maxFileSize": 5000000000,
        "value": "31/02/2020",
        "name": "target"
    })");
    CHECK(body.code == cyclos::input_error_code::validation);
    CHECK(body.general_errors == std::vector<std::string>{"Too late", "Too little"});
    CHECK(body.properties == std::vector<std::string>{"name", "image"});
    REQUIRE(body.property_errors.size() == 2);
    CHECK(body.property_errors.at("name") == std::vector<std::string>{"is required"});
    CHECK(body.property_errors.at("image") ==
          std::vector<std::string>{"is too large", "is no image"});
    CHECK(body.custom_fields == std::vector<std::string>{"age"});
    REQUIRE(body.custom_field_errors.size() == 1);
    CHECK(body.custom_field_errors.at("age") == std::vector<std::string>{"is negative"});
    CHECK(body.max_items == 5u);
    CHECK(body.max_file_size == 5'000'000'000u);
    CHECK(body.value == "31/02/2020");
    CHECK(body.name == "target");
    CHECK(body.errors.empty());
    CHECK(body.indexed_errors.empty());
}

TEST_CASE("API error bodies: an aggregated 422 contains other input errors")
{
    const auto body = details_of<cyclos::invalid_input>(422, R"({
        "code": "aggregated",
        "errors": {
            "address": {"code": "validation", "generalErrors": ["incomplete"]},
            "user": {"code": "aggregated", "errors": {"name": {"code": "missingParameter", "name": "n"}}},
            "nothing": null,
            "nonsense": 5
        },
        "indexedErrors": {
            "images": [null, {"code": "fileUploadSize", "maxFileSize": 10}, "nonsense", {"code": "maxItems"}],
            "phones": []
        }
    })");
    CHECK(body.code == cyclos::input_error_code::aggregated);

    REQUIRE(body.errors.size() == 2);
    CHECK(body.errors.at("address")->code == cyclos::input_error_code::validation);
    CHECK(body.errors.at("address")->general_errors == std::vector<std::string>{"incomplete"});
    CHECK(body.errors.at("user")->errors.at("name")->name == "n");

    REQUIRE(body.indexed_errors.size() == 2);
    const auto& images = body.indexed_errors.at("images");
    REQUIRE(images.size() == 4);
    CHECK(images[0] == nullptr);
    REQUIRE(images[1]);
    CHECK(images[1]->max_file_size == 10u);
    CHECK(images[2] == nullptr); // the position is kept
    REQUIRE(images[3]);
    CHECK(images[3]->code == cyclos::input_error_code::max_items);
    CHECK(body.indexed_errors.at("phones").empty());
}

TEST_CASE("API error bodies: a 500 gives its kind and the exception")
{
    const auto body = details_of<cyclos::internal_server_error>(
        500,
        R"({"exceptionType": "java.lang.NullPointerException", "exceptionMessage": "oops", "kind": "general"})");
    CHECK(body.exception_type == "java.lang.NullPointerException");
    CHECK(body.exception_message == "oops");
    CHECK(body.kind == cyclos::error_kind::general);
    CHECK_FALSE(body.property);
    CHECK_FALSE(body.index);
    CHECK(body.error == nullptr);
}

TEST_CASE("API error bodies: each error kind is read from a 500")
{
    using enum cyclos::error_kind;
    const std::pair<cyclos::error_kind, std::string_view> names[] = {
        {buy_voucher, "buyVoucher"},
        {forgotten_password, "forgottenPassword"},
        {general, "general"},
        {initialize_nfc, "initializeNfc"},
        {nested, "nested"},
        {nfc_auth, "nfcAuth"},
        {otp, "otp"},
        {payment, "payment"},
        {personalize_nfc, "personalizeNfc"},
        {pos, "pos"},
        {redeem_voucher, "redeemVoucher"},
        {shopping_cart, "shoppingCart"},
        {shopping_cart_checkout, "shoppingCartCheckout"},
    };
    CHECK(cyclos::all_values<cyclos::error_kind>().size() == std::size(names));
    for (const auto& [value, name] : names) {
        CAPTURE(name);
        CHECK(details_of<cyclos::internal_server_error>(500, json_member("kind", name)).kind ==
              value);
    }
    CHECK(
        details_of<cyclos::internal_server_error>(500, json_member("kind", "topUp")).kind.text() ==
        "topUp");
}

TEST_CASE("API error bodies: a nested 500 contains one other error")
{
    const auto nested = [](std::string_view member) {
        return details_of<cyclos::internal_server_error>(
            500,
            R"({"kind": "nested", "property": "images", "index": 2, )" + std::string{member} + "}");
    };
    SUBCASE("inputError is read")
    {
        const auto body = nested(R"("inputError": {"code": "maxItems", "maxItems": 3})");
        CHECK(body.kind == cyclos::error_kind::nested);
        CHECK(body.property == "images");
        CHECK(body.index == 2u);
        REQUIRE(body.input_error);
        CHECK(body.input_error->max_items == 3u);
        CHECK_FALSE(body.forbidden_error);
        CHECK_FALSE(body.unauthorized_error);
        CHECK_FALSE(body.not_found_error);
        CHECK_FALSE(body.conflict_error);
        CHECK_FALSE(body.error);
    }
    SUBCASE("forbiddenError is read")
    {
        const auto body = nested(
            R"("forbiddenError": {"code": "permissionDenied", "passwordType": {"id": "1"}})");
        REQUIRE(body.forbidden_error);
        CHECK(body.forbidden_error->code == cyclos::forbidden_code::permission_denied);
        CHECK(body.forbidden_error->password_type->id == "1");
        CHECK_FALSE(body.input_error);
    }
    SUBCASE("unauthorizedError is read")
    {
        const auto body = nested(R"("unauthorizedError": {"code": "loggedOut"})");
        REQUIRE(body.unauthorized_error);
        CHECK(body.unauthorized_error->code == cyclos::unauthorized_code::logged_out);
        CHECK_FALSE(body.input_error);
    }
    SUBCASE("notFoundError is read")
    {
        const auto body = nested(R"("notFoundError": {"entityType": "Image", "key": "9"})");
        REQUIRE(body.not_found_error);
        CHECK(body.not_found_error->key == "9");
        CHECK_FALSE(body.input_error);
    }
    SUBCASE("conflictError is read")
    {
        const auto body = nested(R"("conflictError": {"code": "staleEntity"})");
        REQUIRE(body.conflict_error);
        CHECK(body.conflict_error->code == cyclos::conflict_code::stale_entity);
        CHECK_FALSE(body.input_error);
    }
    SUBCASE("error is read, and may be nested again")
    {
        const auto body = nested(
            R"("error": {"kind": "nested", "error": {"kind": "payment", "exceptionType": "x.Y"}})");
        REQUIRE(body.error);
        CHECK(body.error->kind == cyclos::error_kind::nested);
        REQUIRE(body.error->error);
        CHECK(body.error->error->kind == cyclos::error_kind::payment);
        CHECK(body.error->error->exception_type == "x.Y");
        CHECK_FALSE(body.error->error->error);
    }
    SUBCASE("a nested error of the wrong type is absent")
    {
        const auto body =
            nested(R"("inputError": null, "forbiddenError": 5, "conflictError": [], "error": "x")");
        CHECK_FALSE(body.input_error);
        CHECK_FALSE(body.forbidden_error);
        CHECK_FALSE(body.conflict_error);
        CHECK_FALSE(body.error);
    }
}

TEST_CASE("API error bodies: a member of the wrong type is absent, and the other members are read")
{
    const auto bad_request = details_of<cyclos::bad_request>(
        400, R"({"code": 5, "message": ["m"], "line": "3", "column": -1})");
    CHECK(bad_request.code.empty());
    CHECK_FALSE(bad_request.message);
    CHECK_FALSE(bad_request.line);
    CHECK_FALSE(bad_request.column);
    CHECK(details_of<cyclos::bad_request>(400, R"({"line": 1.5, "column": 2.0})").line ==
          std::nullopt);
    CHECK(details_of<cyclos::bad_request>(400, R"({"line": 1.5, "column": 2.0})").column == 2u);

    const auto unauthorized = details_of<cyclos::unauthorized>(
        401, R"({"code": "login", "userStatus": 1, "passwordStatus": {}})");
    CHECK(unauthorized.code == cyclos::unauthorized_code::login);
    CHECK(unauthorized.user_status.empty());
    CHECK(unauthorized.password_status.empty());

    const auto input = details_of<cyclos::invalid_input>(422, R"({
        "code": null, "generalErrors": "one", "properties": ["a", 5, null, "b"], "propertyErrors": {"a": "x", "b": ["y", 1]},
        "customFields": {}, "customFieldErrors": [], "maxItems": "5", "maxFileSize": 1e300, "value": 7, "name": {},
        "errors": [], "indexedErrors": {"a": {}, "b": [null]}
    })");
    CHECK(input.code.empty());
    CHECK(input.general_errors.empty());
    CHECK(input.properties == std::vector<std::string>{"a", "b"});
    REQUIRE(input.property_errors.size() == 1);
    CHECK(input.property_errors.at("b") == std::vector<std::string>{"y"});
    CHECK(input.custom_fields.empty());
    CHECK(input.custom_field_errors.empty());
    CHECK_FALSE(input.max_items);
    CHECK_FALSE(input.max_file_size);
    CHECK(input.value == "7");
    CHECK_FALSE(input.name);
    CHECK(input.errors.empty());
    REQUIRE(input.indexed_errors.size() == 1);
    CHECK(input.indexed_errors.at("b").size() == 1);
}

TEST_CASE("API error bodies: unknown members are ignored")
{
    const auto body = details_of<cyclos::not_found>(
        404, R"({"future": {"x": [1]}, "entityType": "Image", "code": {"a": 1}})");
    CHECK(body.entity_type == "Image");
}
