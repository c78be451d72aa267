//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_AUTHORITY_IPP
#define CYCLOS_NET_IMPL_AUTHORITY_IPP

#include <cyclos/net/authority.hpp>

#include <cyclos/detail/whole_number.hpp>

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace cyclos::inline CYCLOS_ABI::net {

namespace detail {

/// Whether a character may stand in a host as it is.
inline bool is_of_host(char c) noexcept
{
    constexpr std::string_view others = "-._~!$&'()*+,;=";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && others.find(c) != others.npos);
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

CYCLOS_DECL url_parts divide_url(std::string_view url) noexcept
{
    const std::size_t mark = url.find("://");
    if (mark == url.npos || url.find_first_of("/?#") < mark) {
        return {.scheme = {}, .authority = {}, .rest = url};
    }
    const std::size_t begin = mark + 3;
    const std::size_t end = (std::min)(url.find_first_of("/?#", begin), url.size());
    return {.scheme = url.substr(0, begin), .authority = url.substr(begin, end - begin), .rest = url.substr(end)};
}

CYCLOS_DECL std::optional<boost::asio::ip::address> read_address(std::string_view text)
{
    const std::size_t end = (std::min)(text.find('%'), text.size());
    const std::string_view zone = text.substr(end);
    const bool is_zone = zone.size() != 1 && std::ranges::all_of(zone, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_zone || text.substr(0, end).find_first_not_of("0123456789abcdefABCDEF:.") != text.npos) {
        return std::nullopt;
    }
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(std::string{text}, ec);
    return ec || (address.is_v4() && address.to_string() != text) ? std::nullopt : std::optional{address};
}

CYCLOS_DECL std::string read_authority(std::string_view authority, origin& target)
{
    if (authority.find('@') != authority.npos) {
        return "credentials do not belong into the URL";
    }
    const bool is_literal = authority.starts_with('[');
    const std::size_t host_end = is_literal ? (std::min)(authority.find(']'), authority.size() - 1) + 1
                                            : (std::min)(authority.find(':'), authority.size());
    std::string_view host = authority.substr(0, host_end);
    const std::string_view port = authority.substr(host_end);
    if (is_literal) {
        host = host.substr(1, host.size() < 2 ? 0 : host.size() - 2);
        const auto address = read_address(host);
        // A zone is of this machine, and what RFC 3986 keeps for later versions is nowhere in use.
        if (!address || !address->is_v6() || host.find('%') != host.npos || authority[host_end - 1] != ']') {
            return "the host in brackets is no IPv6 address";
        }
    }
    else if (host.empty()) {
        return "has no host";
    }
    else if (host.find('%') != host.npos) {
        return "the host is percent-encoded"; // no host needs it, and URL parsers disagree on what it stands for
    }
    else if (!std::ranges::all_of(host, detail::is_of_host)) {
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

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_AUTHORITY_IPP
