//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_OPERATION_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_OPERATION_IPP

#include <cyclos/detail/client/operation.hpp>

#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/header_fields.hpp>

#include <boost/beast/core/string.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

CYCLOS_DECL net::purpose purpose_of(const operation& op)
{
    if (op.request.form || op.request.body) {
        return net::purpose::upload;
    }
    if (op.expected != success::image) {
        return net::purpose::exchange;
    }
    return op.partial ? net::purpose::resume : net::purpose::content;
}

/// Whether the content has a content coding, such as gzip.
inline bool is_encoded(const header_fields& fields)
{
    for (std::size_t n = 0; n < fields.size(); ++n) {
        if (boost::beast::iequals(fields.name(n), "Content-Encoding") && !fields.value(n).empty() &&
            !boost::beast::iequals(fields.value(n), "identity")) {
            return true;
        }
    }
    return false;
}

/// A media type without its parameters.
inline std::string_view bare_type(std::string_view media_type)
{
    return media_type.substr(0, media_type.find_first_of("; \t"));
}

/// Whether a media type is that of text, JSON or XML. Proxies and gateways use it for their own
/// messages, and no image has it: the type of the only image format in XML is `image/svg+xml`.
inline bool is_textual_media_type(std::string_view media_type)
{
    const std::string_view type = bare_type(media_type);
    const auto begins_with = [type](std::string_view start) {
        return boost::beast::iequals(type.substr(0, start.size()), start);
    };
    const auto ends_with = [type](std::string_view end) {
        return type.size() >= end.size() &&
               boost::beast::iequals(type.substr(type.size() - end.size()), end);
    };
    return begins_with("text/") ||
           (begins_with("application/") && (ends_with("json") || ends_with("xml")));
}

inline bool is_html(std::string_view media_type)
{
    const std::string_view type = bare_type(media_type);
    return boost::beast::iequals(type, "text/html") ||
           boost::beast::iequals(type, "application/xhtml+xml");
}

inline bool is_ok(const http::response& response) noexcept
{
    return response.status() == 200 || response.status() == 203;
}

// Each of the following functions says why a 2xx response is not the expected success, or returns
// an empty string if it is.

inline std::string problem_with_status(const http::response& response, bool expected)
{
    return expected
               ? std::string{}
               : "the status " + std::to_string(response.status()) + " is not that of its success";
}

inline std::string problem_with_no_content(const http::response& response)
{
    if (response.status() == 200 && response.content_length().value_or(0) > 0) {
        return "a status of success with a body where none is expected";
    }
    return problem_with_status(response, response.status() == 200 || response.status() == 204);
}

inline std::string problem_with_id(const http::response& response)
{
    if (response.status() == 201 && is_html(response.fields()["Content-Type"])) {
        return "a page of HTML in place of an identifier";
    }
    return problem_with_status(response, response.status() == 201);
}

inline std::string problem_with_json(const http::response& response)
{
    return problem_with_status(response, is_ok(response));
}

/// The caller takes the body for the bytes of the image, so the header section must not contradict.
inline std::string problem_with_body(const http::response& response)
{
    if (is_encoded(response.fields())) {
        return "the content is encoded, which was not asked for";
    }
    const std::string_view type = response.fields()["Content-Type"];
    return is_textual_media_type(type) ? "the content is no image, but " + std::string{type}
                                       : std::string{};
}

inline std::string problem_with_image(const http::response& response)
{
    return is_ok(response) ? problem_with_body(response) : problem_with_status(response, false);
}

/// A server that ignores the range answers 200, with the whole image.
inline std::string problem_with_partial_image(const http::response& response)
{
    return is_ok(response) || response.status() == 206 ? problem_with_body(response)
                                                       : problem_with_status(response, false);
}

CYCLOS_DECL http::expectation expectation_of(const operation& op, std::uint64_t max_body)
{
    http::expectation expected;
    switch (op.expected) {
    case success::no_content:
        expected.body_limit = 0;
        expected.rejection_reason = problem_with_no_content;
        break;
    case success::id:
        expected.body_limit = max_body;
        expected.rejection_reason = problem_with_id;
        break;
    case success::json:
        expected.body_limit = max_body;
        expected.rejection_reason = problem_with_json;
        break;
    case success::image:
        expected.rejection_reason = op.partial ? problem_with_partial_image : problem_with_image;
        // A download counts and delays its attempts to resume itself.
        expected.retry = !op.partial;
        break;
    }
    return expected;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_OPERATION_IPP
