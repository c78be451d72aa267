//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_TARGET_IPP
#define CYCLOS_HTTP_IMPL_TARGET_IPP

#include <cyclos/http/target.hpp>

#include <cyclos/net/error.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

[[noreturn]] CYCLOS_DECL void refuse(std::string_view name, std::string_view why)
{
    error_context where;
    where.detail = name;
    where.detail += ": ";
    where.detail += why;
    throw error(errc::invalid_argument, std::move(where));
}

inline void append_encoded(std::string& text, std::string_view value)
{
    // Most are numbers or words, that stay as they are.
    if (std::ranges::all_of(value, boost::urls::unreserved_chars)) {
        text += value;
        return;
    }
    boost::urls::encode(value, boost::urls::unreserved_chars, {}, boost::urls::string_token::append_to(text));
}

} // namespace detail

CYCLOS_DECL target& target::segment(std::string_view name, std::string_view value)
{
    if (value.empty()) {
        detail::refuse(name, "is empty");
    }
    if (value == "." || value == "..") {
        detail::refuse(name, "'.' and '..' cannot be sent as a path segment");
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
    const auto control = [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return (u < 0x20 && c != '\t') || u == 0x7f;
    };
    if (std::any_of(value.begin(), value.end(), control)) {
        detail::refuse(name, "holds a control character");
    }
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_TARGET_IPP
