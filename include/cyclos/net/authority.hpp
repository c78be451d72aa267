//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_AUTHORITY_HPP
#define CYCLOS_NET_AUTHORITY_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/origin.hpp>

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::net {

/// A URL in three parts: what is before its authority, the authority, and what is behind it.
class url_parts
{
public:
    std::string_view scheme;    ///< With `://`.
    std::string_view authority; ///< Host and port, as they are written.
    std::string_view rest;      ///< Path, query and fragment.
};

/// Divides a URL. Where it has no `scheme://`, all of it is the rest.
CYCLOS_DECL url_parts divide_url(std::string_view url) noexcept;

/** Parses an IP address strictly. An IPv6 address may have a zone.

    Asio accepts more: a NUL with anything behind it, and on Windows brackets, a port, and numbers such as `10.1`.
*/
CYCLOS_DECL std::optional<boost::asio::ip::address> read_address(std::string_view text);

/** Reads the host and port of an authority (RFC 3986, section 3.2), and nothing else that may stand there.

    Boost.URL does not do for hosts: until 1.82 it takes `10.0.0.1.nip.io` for an address with something behind it.

    @param target Its `tls` says which port is the default one, which an empty port stands for too.
    @return What is wrong, or nothing.
*/
CYCLOS_DECL std::string read_authority(std::string_view authority, origin& target);

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/authority.ipp>
#endif

#endif // CYCLOS_NET_AUTHORITY_HPP
