//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_AUTHORITY_IPP
#define CYCLOS_DETAIL_NET_IMPL_AUTHORITY_IPP

#include <cyclos/detail/net/authority.hpp>

#include <cyclos/detail/base/whole_number.hpp>

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

/// Whether the character may appear in a host name without percent-encoding.
inline bool is_host_char(char c) noexcept
{
    constexpr std::string_view punctuation = "-._~!$&'()*+,;=";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && punctuation.find(c) != punctuation.npos);
}

inline std::string lower_case(std::string_view text)
{
    std::string result{text};
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

} // namespace detail

CYCLOS_DECL url_parts split_url(std::string_view url) noexcept
{
    const std::size_t separator = url.find("://");
    if (separator == url.npos || url.find_first_of("/?#") < separator) {
        return {.scheme = {}, .authority = {}, .rest = url};
    }
    const std::size_t begin = separator + 3;
    const std::size_t end = (std::min)(url.find_first_of("/?#", begin), url.size());
    return {.scheme = url.substr(0, begin),
            .authority = url.substr(begin, end - begin),
            .rest = url.substr(end)};
}

CYCLOS_DECL std::optional<boost::asio::ip::address> parse_address(std::string_view text)
{
    const std::size_t end = (std::min)(text.find('%'), text.size());
    const std::string_view zone = text.substr(end);
    const bool is_valid_zone =
        zone.size() != 1 && std::ranges::all_of(zone, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_valid_zone ||
        text.substr(0, end).find_first_not_of("0123456789abcdefABCDEF:.") != text.npos) {
        return std::nullopt;
    }
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(std::string{text}, ec);
    return ec || (address.is_v4() && address.to_string() != text) ? std::nullopt
                                                                  : std::optional{address};
}

CYCLOS_DECL std::string parse_authority(std::string_view authority, origin& target)
{
    if (authority.find('@') != authority.npos) {
        return "credentials do not belong into the URL";
    }
    const bool is_literal = authority.starts_with('[');
    const std::size_t host_end = is_literal
                                     ? (std::min)(authority.find(']'), authority.size() - 1) + 1
                                     : (std::min)(authority.find(':'), authority.size());
    std::string_view host = authority.substr(0, host_end);
    const std::string_view port = authority.substr(host_end);
    if (is_literal) {
        host = host.substr(1, host.size() < 2 ? 0 : host.size() - 2);
        const auto address = parse_address(host);
        // A zone has a meaning on this machine only, and the IPvFuture form of RFC 3986 is not in
        // use.
        if (!address || !address->is_v6() || host.find('%') != host.npos ||
            authority[host_end - 1] != ']') {
            return "the host in brackets is no IPv6 address";
        }
    }
    else if (host.empty()) {
        return "has no host";
    }
    else if (host.find('%') != host.npos) {
        // No host name needs it, and URL parsers disagree on how to decode it.
        return "the host is percent-encoded";
    }
    else if (!std::ranges::all_of(host, detail::is_host_char)) {
        return "the host holds a character that a URL may not have there";
    }
    std::optional number{static_cast<std::uint16_t>(target.tls ? 443 : 80)};
    if (port.size() > 1) {
        number = cyclos::detail::whole_number<std::uint16_t>(port.substr(1));
    }
    if ((!port.empty() && port.front() != ':') || !number || *number == 0) {
        return "the port is no number from 1 to 65535";
    }
    target.host = detail::lower_case(host);
    target.port = std::to_string(*number);
    return {};
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_AUTHORITY_IPP
