//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_MAKE_API_ERROR_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_MAKE_API_ERROR_IPP

#include <cyclos/detail/client/make_api_error.hpp>

#include <cyclos/detail/base/json.hpp>
#include <cyclos/detail/base/printable.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

// The readers never fail: with on_mismatch::skip, a member of another type than expected is absent.
// They return whether the value itself is an object.

inline bool read_json(const json_reader& in, bad_request_body& out)
{
    in.read("code", out.code);
    in.read("message", out.message);
    in.read("line", out.line);
    in.read("column", out.column);
    return in.value().is_object();
}

inline bool read_json(const json_reader& in, unauthorized_body& out)
{
    in.read("code", out.code);
    in.read("userStatus", out.user_status);
    in.read("passwordStatus", out.password_status);
    return in.value().is_object();
}

inline bool read_json(const json_reader& in, password_type& out)
{
    in.read_text("id", out.id);
    in.read("name", out.name);
    in.read("internalName", out.internal_name);
    return in.value().is_object();
}

inline bool read_json(const json_reader& in, forbidden_body& out)
{
    in.read("code", out.code);
    in.read("passwordType", out.password_type);
    return in.value().is_object();
}

inline bool read_json(const json_reader& in, not_found_body& out)
{
    in.read("entityType", out.entity_type);
    in.read_text("key", out.key);
    return in.value().is_object();
}

inline bool read_json(const json_reader& in, unavailable_body& out)
{
    in.read("code", out.code);
    return in.value().is_object();
}

inline bool read_json(const json_reader& in, conflict_body& out)
{
    in.read("code", out.code);
    return in.value().is_object();
}

inline bool read_json(const json_reader& in, input_error_body& out)
{
    in.read("code", out.code);
    in.read("generalErrors", out.general_errors);
    in.read("properties", out.properties);
    in.read("propertyErrors", out.property_errors);
    in.read("customFields", out.custom_fields);
    in.read("customFieldErrors", out.custom_field_errors);
    in.read("maxItems", out.max_items);
    in.read("maxFileSize", out.max_file_size);
    in.read_text("value", out.value);
    in.read("name", out.name);
    in.read("errors", out.errors);
    in.read("indexedErrors", out.indexed_errors);
    return in.value().is_object();
}

inline bool read_json(const json_reader& in, internal_server_error_body& out)
{
    in.read("exceptionType", out.exception_type);
    in.read("exceptionMessage", out.exception_message);
    in.read("kind", out.kind);
    in.read("property", out.property);
    in.read("index", out.index);
    in.read("inputError", out.input_error);
    in.read("forbiddenError", out.forbidden_error);
    in.read("unauthorizedError", out.unauthorized_error);
    in.read("notFoundError", out.not_found_error);
    in.read("conflictError", out.conflict_error);
    in.read("error", out.error);
    return in.value().is_object();
}

/// Describes a body for the error message, by its identifiers. Free text is left out: it may repeat
/// what was sent, credentials included.
inline std::string describe_body(const json_reader& in, const error_response& response)
{
    std::string text;
    for (const std::string_view key : {"code", "kind", "entityType", "exceptionType"}) {
        std::string value;
        in.read(key, value);
        if (!value.empty()) {
            text += text.empty() ? "" : ", ";
            text += key;
            text += ' ' + printable(value);
        }
    }
    if (text.empty() && !response.body.empty()) {
        text = std::to_string(response.body.size()) + " bytes of ";
        text += response.content_type.empty() ? "no type" : printable(response.content_type);
    }
    return text;
}

template <class Error>
std::exception_ptr make_error_with(const error_response& response, const json_reader& in,
                                   std::string code, error_context context)
{
    typename Error::body_type details;
    read_json(in, details);
    return std::make_exception_ptr(
        Error(response, std::move(code), std::move(context), std::move(details)));
}

CYCLOS_DECL std::exception_ptr make_api_error(const error_response& response, error_context context)
{
    // A body that cannot be parsed has a null root, in which the readers find nothing. The media
    // type is ignored: proxies change it, and HTML fails to parse as JSON at its first byte.
    const json_document document{response.body};
    const json_reader in{document.root(), on_mismatch::skip};

    std::string code;
    in.read("code", code);
    if (auto text = describe_body(in, response); !text.empty()) {
        context.detail += context.detail.empty() ? text : "; " + text;
    }

    switch (response.status) {
    case 400:
        return make_error_with<bad_request>(response, in, std::move(code), std::move(context));
    case 401:
        return make_error_with<unauthorized>(response, in, std::move(code), std::move(context));
    case 403: return make_error_with<forbidden>(response, in, std::move(code), std::move(context));
    case 404: return make_error_with<not_found>(response, in, std::move(code), std::move(context));
    case 405:
        return make_error_with<method_not_allowed>(response, in, std::move(code),
                                                   std::move(context));
    case 409: return make_error_with<conflict>(response, in, std::move(code), std::move(context));
    case 422:
        return make_error_with<invalid_input>(response, in, std::move(code), std::move(context));
    case 500:
        return make_error_with<internal_server_error>(response, in, std::move(code),
                                                      std::move(context));
    case 503:
        return make_error_with<service_unavailable>(response, in, std::move(code),
                                                    std::move(context));
    default:
        return std::make_exception_ptr(api_error(response, std::move(code), std::move(context)));
    }
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_MAKE_API_ERROR_IPP
