//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_AUTHORITY_HPP
#define CYCLOS_DETAIL_NET_AUTHORITY_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/origin.hpp>

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/// A URL divided into the part before its authority, the authority, and the rest.
class url_parts
{
public:
    std::string_view scheme;    ///< Including `://`.
    std::string_view authority; ///< Host and port, unparsed.
    std::string_view rest;      ///< Path, query and fragment.
};

/// Divides a URL. If it does not contain `://` before its path, everything is the rest.
CYCLOS_DECL url_parts split_url(std::string_view url) noexcept;

/** Parses an IP address strictly. An IPv6 address may have a zone.

    Asio accepts more: a NUL followed by anything, and on Windows brackets, a port, and numbers such
    as `10.1`.
*/
CYCLOS_DECL std::optional<boost::asio::ip::address> parse_address(std::string_view text);

/** Parses the host and port of an authority (RFC 3986, section 3.2). User information is an error.

    Boost.URL is not used for the host: until 1.82 it parses `10.0.0.1.nip.io` as an IPv4 address
    followed by other text.

    @param target Receives host and port. Its `tls` selects the default port, which also applies if
    the port is empty.
    @return A description of the error, or an empty string.
*/
CYCLOS_DECL std::string parse_authority(std::string_view authority, origin& target);

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/authority.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_AUTHORITY_HPP
