//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_REDIRECT_IPP
#define CYCLOS_IMPL_REDIRECT_IPP

#include <cyclos/impl/redirect.hpp>

#include <boost/beast/core/string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <string_view>

namespace cyclos::inline CYCLOS_ABI::detail {

/// Whether a URL is of the origin, and of nobody in particular.
inline bool is_of(const boost::urls::url_view& u, const net::origin& origin)
{
    const bool tls = u.scheme_id() == boost::urls::scheme::https;
    if ((!tls && u.scheme_id() != boost::urls::scheme::http) || u.has_userinfo()) {
        return false;
    }
    const std::string_view host{u.encoded_host_address().data(), u.encoded_host_address().size()};
    if (host.find('%') != host.npos) {
        return false; // URL parsers disagree on percent-encoded hosts
    }
    const std::string port{u.port().data(), u.port().size()};
    return tls == origin.tls && boost::beast::iequals(host, origin.host) &&
           (port.empty() ? (tls ? "443" : "80") : port) == origin.port;
}

CYCLOS_DECL std::optional<std::string> target_within(const net::origin& origin, std::string_view target,
                                                     std::string_view location)
{
    const std::string text = origin.to_string() + std::string{target};
    const auto here = boost::urls::parse_uri(text);
    const auto there = boost::urls::parse_uri_reference(location);
    boost::urls::url next;
    if (location.empty() || !here || !there) {
        return std::nullopt;
    }
    // `https:` has no host. Since Boost 1.83 resolve() ignores a scheme that is that of the base, and takes the rest
    // for a relative reference: this one would lead back to the same document.
    if (there->has_scheme() && !there->has_authority()) {
        return std::nullopt;
    }
    if (!boost::urls::resolve(*here, *there, next)) {
        return std::nullopt;
    }
    // Parsed again, for resolve() leaves wrong sizes in the URL that it makes: Boost.URL 1.81 asserts that they are
    // right.
    const auto resolved = boost::urls::parse_uri(next.buffer());
    if (!resolved || !is_of(*resolved, origin)) {
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
