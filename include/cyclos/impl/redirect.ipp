//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_REDIRECT_IPP
#define CYCLOS_IMPL_REDIRECT_IPP

#include <cyclos/impl/redirect.hpp>

#include <cyclos/net/authority.hpp>

#include <boost/beast/core/string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::detail {

CYCLOS_DECL std::optional<std::string> target_within(const net::origin& origin, std::string_view target,
                                                     std::string_view location)
{
    // The same reader of hosts as for the base URL decides whether a URL is of the origin. Boost.URL resolves the rest,
    // with a host that all of its versions read in the same way.
    constexpr std::string_view stand_in = "https://host";
    const std::string_view scheme = origin.tls ? "https:" : "http:";
    std::string absolute{location.starts_with("//") ? scheme : std::string_view{}};
    absolute += location;
    const net::url_parts parts = net::divide_url(absolute);
    std::string reference{location};
    if (!parts.scheme.empty()) {
        net::origin named{.tls = origin.tls, .host = {}, .port = {}};
        if (!boost::beast::iequals(parts.scheme, std::string{scheme} + "//") ||
            !net::read_authority(parts.authority, named).empty() || named != origin) {
            return std::nullopt;
        }
        reference = stand_in;
        reference += parts.rest;
    }
    const std::string present = std::string{stand_in} + std::string{target};
    const auto here = boost::urls::parse_uri(present);
    const auto there = boost::urls::parse_uri_reference(reference);
    boost::urls::url next;
    if (location.empty() || !here || !there) {
        return std::nullopt;
    }
    // Another scheme, or `https:`, which has no host. Since Boost 1.83 resolve() ignores a scheme that is that of the
    // base, and takes the rest for a relative reference: this one would lead back to the same document.
    if (there->has_scheme() && parts.scheme.empty()) {
        return std::nullopt;
    }
    if (!boost::urls::resolve(*here, *there, next)) {
        return std::nullopt;
    }
    // Parsed again, for resolve() leaves wrong sizes in the URL that it makes: Boost.URL 1.81 asserts that they are
    // right.
    const auto resolved = boost::urls::parse_uri(next.buffer());
    if (!resolved) {
        return std::nullopt;
    }
    const auto found = resolved->encoded_target();
    std::string result{found.data(), found.size()};
    while (result.starts_with("/../")) {
        result.erase(0, 3); // some Boosts keep what leads out of the root
    }
    if (!result.starts_with('/')) {
        result.insert(0, 1, '/');
    }
    return result;
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_IMPL_REDIRECT_IPP
