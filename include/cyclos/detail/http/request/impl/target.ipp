//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_IMPL_TARGET_IPP
#define CYCLOS_DETAIL_HTTP_REQUEST_IMPL_TARGET_IPP

#include <cyclos/detail/http/request/target.hpp>

#include <cyclos/error.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

[[noreturn]] CYCLOS_DECL void reject_argument(std::string_view name, std::string_view problem)
{
    error_context context;
    context.detail = name;
    context.detail += ": ";
    context.detail += problem;
    throw error(errc::invalid_argument, std::move(context));
}

inline void append_encoded(std::string& text, std::string_view value)
{
    // Fast path: most values are numbers or words and need no encoding.
    if (std::ranges::all_of(value, boost::urls::unreserved_chars)) {
        text += value;
        return;
    }
    boost::urls::encode(value, boost::urls::unreserved_chars, {},
                        boost::urls::string_token::append_to(text));
}

} // namespace detail

CYCLOS_DECL target& target::segment(std::string_view name, std::string_view value)
{
    if (value.empty()) {
        detail::reject_argument(name, "is empty");
    }
    if (value == "." || value == "..") {
        detail::reject_argument(name, "'.' and '..' cannot be sent as a path segment");
    }
    text_ += '/';
    detail::append_encoded(text_, value);
    return *this;
}

CYCLOS_DECL target& target::query(std::string_view name, std::string_view value)
{
    text_ += has_query_ ? '&' : '?';
    has_query_ = true;
    text_ += name;
    text_ += '=';
    detail::append_encoded(text_, value);
    return *this;
}

CYCLOS_DECL void require_header_value(std::string_view name, std::string_view value)
{
    const auto is_control = [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return (u < 0x20 && c != '\t') || u == 0x7f;
    };
    if (std::any_of(value.begin(), value.end(), is_control)) {
        detail::reject_argument(name, "holds a control character");
    }
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_REQUEST_IMPL_TARGET_IPP
