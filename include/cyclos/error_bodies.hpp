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

/** @file
    The JSON bodies of error responses.

    Every member may be absent: proxies and other versions of the server send other bodies.
*/

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The body of a 400 response: the server could not parse the request.
struct bad_request_body
{
    open_enum<bad_request_code> code = {};    ///< What could not be parsed.
    std::optional<std::string> message = {};  ///< The message of the server's parser.
    std::optional<std::uint32_t> line = {};   ///< Line in the request's JSON, from 1.
    std::optional<std::uint32_t> column = {}; ///< Column in that line, from 1.
};

/// The body of a 401 response: the caller is not authenticated.
struct unauthorized_body
{
    open_enum<unauthorized_code> code = {}; ///< Why the request is not authenticated.

    /// State of the user. Only with the code `login`, and only if the server discloses it.
    open_enum<cyclos::user_status> user_status = {};

    /// State of the password. Only with the code `login`, and only if the server discloses it.
    open_enum<cyclos::password_status> password_status = {};
};

/// A password type.
struct password_type
{
    std::optional<std::string> id = {};            ///< Identifier of the type.
    std::optional<std::string> name = {};          ///< Name that users see.
    std::optional<std::string> internal_name = {}; ///< Name in configurations.
};

/// The body of a 403 response: the caller lacks the permission.
struct forbidden_body
{
    open_enum<forbidden_code> code = {}; ///< Why it is forbidden.

    /// Password type concerned, if the code is about a password.
    std::optional<cyclos::password_type> password_type = {};
};

/// The body of a 404 response: the entity was not found.
struct not_found_body
{
    std::optional<std::string> entity_type = {}; ///< Type of the entity, such as `User`.
    std::optional<std::string> key = {};         ///< Key of the look-up, such as an identifier.
};

/// The body of a 405 or 503 response: a service that the server needs is unavailable.
struct unavailable_body
{
    open_enum<unavailable_code> code = {}; ///< Service that is unavailable.
};

/// The body of a 409 response: the current state does not allow the request.
struct conflict_body
{
    open_enum<conflict_code> code = {}; ///< Kind of conflict.
};

/** The body of a 422 response: the input is not valid.

    With the code `aggregated` it contains other bodies of this type, by shared pointers.
*/
struct input_error_body
{
    open_enum<input_error_code> code = {}; ///< What is wrong with the input.

    std::vector<std::string> general_errors = {}; ///< Messages about no single property.

    std::vector<std::string> properties = {}; ///< Names of the invalid properties, in order.

    /// Messages for each property.
    std::map<std::string, std::vector<std::string>> property_errors = {};

    std::vector<std::string> custom_fields = {}; ///< Names of the invalid custom fields, in order.

    /// Messages for each custom field.
    std::map<std::string, std::vector<std::string>> custom_field_errors = {};

    std::optional<std::uint32_t> max_items = {};     ///< Maximum number of items.
    std::optional<std::uint64_t> max_file_size = {}; ///< Maximum size of a file, in bytes.
    std::optional<std::string> value = {};           ///< Value that could not be used.
    std::optional<std::string> name = {};            ///< Name of the missing parameter.

    /// Error of each property. The pointers are not null.
    std::map<std::string, std::shared_ptr<const input_error_body>> errors = {};

    /// Errors of the elements of each property. The pointer of an element without error is null.
    std::map<std::string, std::vector<std::shared_ptr<const input_error_body>>> indexed_errors = {};
};

/** The body of a 500 response: an unexpected error in the server.

    With the kind `nested` it names the part of the request that failed, and contains the error of
    that part.
*/
struct internal_server_error_body
{
    std::optional<std::string> exception_type = {};    ///< Class of the server's exception.
    std::optional<std::string> exception_message = {}; ///< Message of the server's exception.
    open_enum<error_kind> kind = {};                   ///< Operation of the server that failed.

    std::optional<std::string> property = {}; ///< Property of the request that failed.
    std::optional<std::uint32_t> index = {};  ///< Element of that property, from 0.

    std::optional<input_error_body> input_error = {};         ///< Nested 422 error.
    std::optional<forbidden_body> forbidden_error = {};       ///< Nested 403 error.
    std::optional<unauthorized_body> unauthorized_error = {}; ///< Nested 401 error.
    std::optional<not_found_body> not_found_error = {};       ///< Nested 404 error.
    std::optional<conflict_body> conflict_error = {};         ///< Nested 409 error.

    /// Nested 500 error; null if there is none.
    std::shared_ptr<const internal_server_error_body> error = {};
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_ERROR_BODIES_HPP
