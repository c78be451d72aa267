//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_IMPL_HEADER_RULES_IPP
#define CYCLOS_DETAIL_HTTP_REQUEST_IMPL_HEADER_RULES_IPP

#include <cyclos/detail/http/request/header_rules.hpp>

#include <cyclos/detail/base/printable.hpp>
#include <cyclos/detail/http/request/target.hpp>

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

/// Whether a name is a token of RFC 9110, section 5.6.2.
inline bool is_token(std::string_view name)
{
    return !name.empty() &&
           name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "!#$%&'*+-.^_`|~") == std::string_view::npos;
}

inline bool begins_with(std::string_view name, std::string_view start)
{
    return boost::beast::iequals(name.substr(0, start.size()), start);
}

/// Why the library does not send a field of this name for a user; empty if it does.
inline std::string_view problem_with_name(std::string_view text)
{
    if (!is_token(text)) {
        return "is no name of a header field";
    }
    // Some gateways take an underscore for a hyphen.
    std::string name{text};
    std::ranges::replace(name, '_', '-');
    const auto is_any_of = [&name](auto... names) {
        return (boost::beast::iequals(name, names) || ...);
    };
    if (is_any_of("Host", "Accept", "Accept-Encoding", "Expect", "Channel") ||
        begins_with(name, "Content-")) {
        return "is sent by the library itself";
    }
    if (is_any_of("Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
                  "HTTP2-Settings", "Proxy") ||
        begins_with(name, "Proxy-")) {
        return "belongs to the connection";
    }
    if (is_any_of("Range", "Request-Range", "X-HTTP-Method", "X-HTTP-Method-Override",
                  "X-Method-Override") ||
        begins_with(name, "If-")) {
        return "changes the meaning of the request";
    }
    if (is_any_of("Authorization", "Cookie", "Session-Token", "Access-Client-Token",
                  "Principal-Type")) {
        return "authenticates: use credentials";
    }
    return {};
}

} // namespace detail

CYCLOS_DECL void require_sendable_header(std::string_view setting, std::string_view name,
                                         std::string_view value)
{
    const std::string described = std::string{setting} + ": " + cyclos::detail::printable(name);
    if (const auto problem = detail::problem_with_name(name); !problem.empty()) {
        detail::reject_argument(described, problem);
    }
    require_header_value(described, value);
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_REQUEST_IMPL_HEADER_RULES_IPP
