//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_ERROR_CODES_HPP
#define CYCLOS_ERROR_CODES_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/open_enum.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// What the server could not parse (400).
enum class bad_request_code {
    general, ///< The request as a whole.
    json,    ///< The JSON of the request.
};

/// Why a request is not authenticated (401).
enum class unauthorized_code {
    blocked_access_client,  ///< The access client is blocked.
    invalid_access_client,  ///< There is no such access client.
    invalid_access_token,   ///< The access token is not valid. Since Cyclos 4.16.
    invalid_channel_usage,  ///< These credentials cannot be used in this channel.
    invalid_network,        ///< The network in the URL does not exist, or is not that of the user.
    logged_out,             ///< The session has ended.
    login,                  ///< The user name or the password is wrong.
    missing_authorization,  ///< The request has no credentials.
    remote_address_blocked, ///< The IP address is blocked after too many failed logins.
    unauthorized_address,   ///< The user may not log in from this IP address.
    unauthorized_url,       ///< The user may not log in at this URL.
};

/// The status of a user who could not log in.
enum class user_status {
    active,   ///< The user is active.
    blocked,  ///< The user may not log in.
    disabled, ///< The user was disabled, and can be enabled again.
    pending,  ///< The user has not confirmed the registration.
    purged,   ///< The user was removed, with all data.
    removed,  ///< The user was removed.
};

/// The status of a password that was not accepted.
enum class password_status {
    active,               ///< The password is active.
    disabled,             ///< The password was disabled.
    expired,              ///< The password has expired and must be changed.
    indefinitely_blocked, ///< The password is blocked until an administrator unblocks it.
    never_created,        ///< The user has no password yet.
    pending,              ///< The password is not activated yet.
    reset,                ///< The password was reset, and the user must choose a new one.
    temporarily_blocked,  ///< The password is blocked for some time after too many failed attempts.
};

/// Why an authenticated user may not perform an operation (403).
enum class forbidden_code {
    expired_password,               ///< The password has expired and must be changed first.
    illegal_action,                 ///< Nobody may do this in the current state.
    inaccessible_channel,           ///< The user may not use this channel.
    inaccessible_principal,         ///< This kind of identification cannot be used in this channel.
    indefinitely_blocked,           ///< The password is blocked until it is unblocked.
    invalid_device_activation_code, ///< The activation code of the device is wrong.
    invalid_device_confirmation,    ///< The confirmation by a device is not valid.
    invalid_password,               ///< The confirmation password is wrong.
    operator_with_pending_agreements, ///< The owner of the operator must accept agreements first.
    pending_agreements,               ///< The user must accept agreements first.
    permission_denied,                ///< The user lacks the permission.
    reset_password,                   ///< The password was reset and must be changed first.
    temporarily_blocked,              ///< The password is blocked for some time.
    device_pin_removed,   ///< The PIN of the device was removed after too many failed attempts.
    blocked_by_totp,      ///< Blocked after too many wrong one-time codes. Since Cyclos 4.16.
    disabled_password,    ///< The password is disabled. Since Cyclos 4.16.
    inaccessible_group,   ///< The user's group may not log in here. Since Cyclos 4.16.
    inaccessible_network, ///< The user may not use this network. Since Cyclos 4.16.
    invalid_totp,         ///< The one-time code of the authenticator is wrong. Since Cyclos 4.16.
    login_confirmation,   ///< The login must be confirmed first. Since Cyclos 4.16.
    otp_invalidated,      ///< The one-time password is no longer valid. Since Cyclos 4.16.
};

/// The service that the server needs and cannot use (405, 503).
enum class unavailable_code {
    email_sending, ///< Sending e-mail.
    sms_sending,   ///< Sending text messages.
};

/// Why the current state does not allow an operation (409).
enum class conflict_code {
    constraint_violated_on_remove, ///< Something else still refers to the entity to be removed.
    stale_entity,                  ///< Somebody else has changed the entity in the meantime.
};

/// What is wrong with the input (422).
enum class input_error_code {
    aggregated,        ///< Several errors: see `errors` and `indexed_errors`.
    data_conversion,   ///< A value has the wrong type: see `value`.
    file_upload_size,  ///< The file is too large: see `max_file_size`.
    max_items,         ///< There are too many items: see `max_items`.
    missing_parameter, ///< A parameter is missing: see `name`.
    query_parse,       ///< The keywords cannot be parsed: see `value`.
    validation,        ///< Properties are not valid: see the lists and maps of messages.
};

/// The operation of the server in which an unexpected error occurred (500).
enum class error_kind {
    buy_voucher,            ///< Buying a voucher.
    forgotten_password,     ///< Changing a forgotten password.
    general,                ///< Anything else.
    initialize_nfc,         ///< Initialising an NFC token.
    nested,                 ///< A part of the request: the error contains that of the part.
    nfc_auth,               ///< An external NFC authentication.
    otp,                    ///< Requesting a one-time password.
    payment,                ///< A payment.
    personalize_nfc,        ///< Personalising an NFC token.
    pos,                    ///< Receiving a payment at a point of sale.
    redeem_voucher,         ///< Redeeming a voucher.
    shopping_cart,          ///< A shopping cart.
    shopping_cart_checkout, ///< The checkout of a shopping cart.
};

namespace detail {

template <>
struct wire_names<bad_request_code>
{
    static constexpr wire_name<bad_request_code> table[] = {
        {bad_request_code::general, "general"},
        {bad_request_code::json, "json"},
    };
};

template <>
struct wire_names<unauthorized_code>
{
    static constexpr wire_name<unauthorized_code> table[] = {
        {unauthorized_code::blocked_access_client, "blockedAccessClient"},
        {unauthorized_code::invalid_access_client, "invalidAccessClient"},
        {unauthorized_code::invalid_access_token, "invalidAccessToken"},
        {unauthorized_code::invalid_channel_usage, "invalidChannelUsage"},
        {unauthorized_code::invalid_network, "invalidNetwork"},
        {unauthorized_code::logged_out, "loggedOut"},
        {unauthorized_code::login, "login"},
        {unauthorized_code::missing_authorization, "missingAuthorization"},
        {unauthorized_code::remote_address_blocked, "remoteAddressBlocked"},
        {unauthorized_code::unauthorized_address, "unauthorizedAddress"},
        {unauthorized_code::unauthorized_url, "unauthorizedUrl"},
    };
};

template <>
struct wire_names<user_status>
{
    static constexpr wire_name<user_status> table[] = {
        {user_status::active, "active"},     {user_status::blocked, "blocked"},
        {user_status::disabled, "disabled"}, {user_status::pending, "pending"},
        {user_status::purged, "purged"},     {user_status::removed, "removed"},
    };
};

template <>
struct wire_names<password_status>
{
    static constexpr wire_name<password_status> table[] = {
        {password_status::active, "active"},
        {password_status::disabled, "disabled"},
        {password_status::expired, "expired"},
        {password_status::indefinitely_blocked, "indefinitelyBlocked"},
        {password_status::never_created, "neverCreated"},
        {password_status::pending, "pending"},
        {password_status::reset, "reset"},
        {password_status::temporarily_blocked, "temporarilyBlocked"},
    };
};

template <>
struct wire_names<forbidden_code>
{
    static constexpr wire_name<forbidden_code> table[] = {
        {forbidden_code::expired_password, "expiredPassword"},
        {forbidden_code::illegal_action, "illegalAction"},
        {forbidden_code::inaccessible_channel, "inaccessibleChannel"},
        {forbidden_code::inaccessible_principal, "inaccessiblePrincipal"},
        {forbidden_code::indefinitely_blocked, "indefinitelyBlocked"},
        {forbidden_code::invalid_device_activation_code, "invalidDeviceActivationCode"},
        {forbidden_code::invalid_device_confirmation, "invalidDeviceConfirmation"},
        {forbidden_code::invalid_password, "invalidPassword"},
        {forbidden_code::operator_with_pending_agreements, "operatorWithPendingAgreements"},
        {forbidden_code::pending_agreements, "pendingAgreements"},
        {forbidden_code::permission_denied, "permissionDenied"},
        {forbidden_code::reset_password, "resetPassword"},
        {forbidden_code::temporarily_blocked, "temporarilyBlocked"},
        {forbidden_code::device_pin_removed, "devicePinRemoved"},
        {forbidden_code::blocked_by_totp, "blockedByTotp"},
        {forbidden_code::disabled_password, "disabledPassword"},
        {forbidden_code::inaccessible_group, "inaccessibleGroup"},
        {forbidden_code::inaccessible_network, "inaccessibleNetwork"},
        {forbidden_code::invalid_totp, "invalidTotp"},
        {forbidden_code::login_confirmation, "loginConfirmation"},
        {forbidden_code::otp_invalidated, "otpInvalidated"},
    };
};

template <>
struct wire_names<unavailable_code>
{
    static constexpr wire_name<unavailable_code> table[] = {
        {unavailable_code::email_sending, "emailSending"},
        {unavailable_code::sms_sending, "smsSending"},
    };
};

template <>
struct wire_names<conflict_code>
{
    static constexpr wire_name<conflict_code> table[] = {
        {conflict_code::constraint_violated_on_remove, "constraintViolatedOnRemove"},
        {conflict_code::stale_entity, "staleEntity"},
    };
};

template <>
struct wire_names<input_error_code>
{
    static constexpr wire_name<input_error_code> table[] = {
        {input_error_code::aggregated, "aggregated"},
        {input_error_code::data_conversion, "dataConversion"},
        {input_error_code::file_upload_size, "fileUploadSize"},
        {input_error_code::max_items, "maxItems"},
        {input_error_code::missing_parameter, "missingParameter"},
        {input_error_code::query_parse, "queryParse"},
        {input_error_code::validation, "validation"},
    };
};

template <>
struct wire_names<error_kind>
{
    static constexpr wire_name<error_kind> table[] = {
        {error_kind::buy_voucher, "buyVoucher"},
        {error_kind::forgotten_password, "forgottenPassword"},
        {error_kind::general, "general"},
        {error_kind::initialize_nfc, "initializeNfc"},
        {error_kind::nested, "nested"},
        {error_kind::nfc_auth, "nfcAuth"},
        {error_kind::otp, "otp"},
        {error_kind::payment, "payment"},
        {error_kind::personalize_nfc, "personalizeNfc"},
        {error_kind::pos, "pos"},
        {error_kind::redeem_voucher, "redeemVoucher"},
        {error_kind::shopping_cart, "shoppingCart"},
        {error_kind::shopping_cart_checkout, "shoppingCartCheckout"},
    };
};

} // namespace detail

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_ERROR_CODES_HPP
