//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_REDIRECT_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_REDIRECT_IPP

#include <cyclos/detail/client/redirect.hpp>

#include <cyclos/detail/net/authority.hpp>

#include <boost/beast/core/string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

CYCLOS_DECL std::optional<std::string>
resolve_redirect(const cyclos::origin& origin, std::string_view target, std::string_view location)
{
    // net::parse_authority(), which parses the base URL as well, decides whether a URL has the same
    // origin. Boost.URL resolves the rest, with a placeholder for scheme and host that all of its
    // versions parse in the same way.
    constexpr std::string_view placeholder = "https://host";
    const std::string_view scheme = origin.tls ? "https:" : "http:";
    std::string absolute{location.starts_with("//") ? scheme : std::string_view{}};
    absolute += location;
    const net::url_parts parts = net::split_url(absolute);
    std::string reference{location};
    if (!parts.scheme.empty()) {
        cyclos::origin redirected{.tls = origin.tls, .host = {}, .port = {}};
        if (!boost::beast::iequals(parts.scheme, std::string{scheme} + "//") ||
            !net::parse_authority(parts.authority, redirected).empty() || redirected != origin) {
            return std::nullopt;
        }
        reference = placeholder;
        reference += parts.rest;
    }
    const std::string base_text = std::string{placeholder} + std::string{target};
    const auto base = boost::urls::parse_uri(base_text);
    const auto relative = boost::urls::parse_uri_reference(reference);
    boost::urls::url next;
    if (location.empty() || !base || !relative) {
        return std::nullopt;
    }
    // The location has another scheme, or it has the form `https:path`, without a host. Since Boost
    // 1.83 resolve() ignores the scheme of the latter because the base has the same one, and
    // resolves the rest as a relative reference: `https:` would lead back to the same document.
    if (relative->has_scheme() && parts.scheme.empty()) {
        return std::nullopt;
    }
    if (!boost::urls::resolve(*base, *relative, next)) {
        return std::nullopt;
    }
    // Parse the result again: resolve() leaves wrong sizes in it, on which Boost.URL 1.81 fails an
    // assertion.
    const auto resolved = boost::urls::parse_uri(next.buffer());
    if (!resolved) {
        return std::nullopt;
    }
    const auto encoded = resolved->encoded_target();
    std::string result{encoded.data(), encoded.size()};
    while (result.starts_with("/../")) {
        result.erase(0, 3); // some versions of Boost keep `..` segments that lead out of the root
    }
    if (!result.starts_with('/')) {
        result.insert(0, 1, '/');
    }
    return result;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_REDIRECT_IPP
