//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_ERROR_BODIES_HPP
#define CYCLOS_ERROR_BODIES_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error_codes.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// What the server says in the body of an error. Any member may be absent: proxies and other
// versions of the server answer as they like.

namespace cyclos::inline CYCLOS_ABI {

/// The body of a 400: the request could not be read.
struct bad_request_body
{
    open_enum<bad_request_code> code = {};
    std::optional<std::string> message = {};  ///< What the parser says.
    std::optional<std::uint32_t> line = {};   ///< Where in the request's JSON, from 1.
    std::optional<std::uint32_t> column = {}; ///< Where in that line, from 1.
};

/// The body of a 401: the caller is not known.
struct unauthorized_body
{
    open_enum<unauthorized_code> code = {};
    open_enum<cyclos::user_status> user_status = {};         ///< With the code `login`, where it may be told.
    open_enum<cyclos::password_status> password_status = {}; ///< With the code `login`, where it may be told.
};

/// A type of passwords.
struct password_type
{
    std::optional<std::string> id = {};
    std::optional<std::string> name = {};          ///< The name as the user knows it.
    std::optional<std::string> internal_name = {}; ///< The name as configurations know it.
};

/// The body of a 403: the caller may not do that.
struct forbidden_body
{
    open_enum<forbidden_code> code = {};
    std::optional<cyclos::password_type> password_type = {}; ///< The one concerned, where it is about a password.
};

/// The body of a 404: there is nothing of that name.
struct not_found_body
{
    std::optional<std::string> entity_type = {}; ///< What was looked for, such as `User`.
    std::optional<std::string> key = {};         ///< What it was looked for by, such as an identifier.
};

/// The body of a 405 or 503: something that the server needs does not work now.
struct unavailable_body
{
    open_enum<unavailable_code> code = {};
};

/// The body of a 409: the present state does not allow it.
struct conflict_body
{
    open_enum<conflict_code> code = {};
};

/** The body of a 422: something in the request is not valid.

    With the code `aggregated` it has others inside, which is why they are shared pointers.
*/
struct input_error_body
{
    open_enum<input_error_code> code = {};

    std::vector<std::string> general_errors = {}; ///< Messages that concern no single property.

    std::vector<std::string> properties = {};                             ///< The properties, in their order.
    std::map<std::string, std::vector<std::string>> property_errors = {}; ///< The messages of each property.

    std::vector<std::string> custom_fields = {};                              ///< The custom fields, in their order.
    std::map<std::string, std::vector<std::string>> custom_field_errors = {}; ///< The messages of each custom field.

    std::optional<std::uint32_t> max_items = {};     ///< How many there may be.
    std::optional<std::uint64_t> max_file_size = {}; ///< How large a file may be, in bytes.
    std::optional<std::string> value = {};           ///< The value that could not be used.
    std::optional<std::string> name = {};            ///< The parameter that is missing.

    /// The error of each property; no pointer is null.
    std::map<std::string, std::shared_ptr<const input_error_body>> errors = {};

    /// The error of each element of each property; the pointer is null for an element without error.
    std::map<std::string, std::vector<std::shared_ptr<const input_error_body>>> indexed_errors = {};
};

/** The body of a 500: the server met something unexpected.

    With the kind `nested` it says where, and has one other error inside.
*/
struct unexpected_body
{
    std::optional<std::string> exception_type = {};    ///< The class of the server's exception; for logs.
    std::optional<std::string> exception_message = {}; ///< The message of that exception; for logs.
    open_enum<error_kind> kind = {};

    std::optional<std::string> property = {}; ///< The property of the request in which it happened.
    std::optional<std::uint32_t> index = {};  ///< The element of that property, from 0.

    std::optional<input_error_body> input_error = {};
    std::optional<forbidden_body> forbidden_error = {};
    std::optional<unauthorized_body> unauthorized_error = {};
    std::optional<not_found_body> not_found_error = {};
    std::optional<conflict_body> conflict_error = {};
    std::shared_ptr<const unexpected_body> error = {}; ///< Null where there is none.
};

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_ERROR_BODIES_HPP
