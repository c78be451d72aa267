//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_ADDRESS_RACE_HPP
#define CYCLOS_DETAIL_NET_ADDRESS_RACE_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/connection.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/// The order in which addresses are tried: address families alternate, beginning with the family of
/// the resolver's first address (RFC 8305).
CYCLOS_DECL std::vector<boost::asio::ip::tcp::endpoint>
interleave(const std::vector<boost::asio::ip::tcp::endpoint>& addresses);

/// Rotates the addresses of each family by `n` places, so that connections with consecutive numbers
/// begin with another address. The first family stays the first.
inline std::vector<boost::asio::ip::tcp::endpoint>
spread(const std::vector<boost::asio::ip::tcp::endpoint>& addresses, std::size_t n)
{
    std::vector<boost::asio::ip::tcp::endpoint> first;
    std::vector<boost::asio::ip::tcp::endpoint> second;
    for (const auto& address : addresses) {
        (address.protocol() == addresses.front().protocol() ? first : second).push_back(address);
    }
    for (auto* const family : {&first, &second}) {
        if (!family->empty()) {
            const auto places = static_cast<std::ptrdiff_t>(n % family->size());
            std::rotate(family->begin(), family->begin() + places, family->end());
        }
    }
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/** Connects to the first of several addresses that accepts a connection ("Happy Eyeballs", RFC
    8305).

    An attempt starts if the previous one has failed, or has not succeeded within 250 ms. Earlier
    attempts continue meanwhile. All sockets but that of the first success are closed.

    @param wakeup The notifier that is attached to the connection.
    @return The last failure if no address accepted, or the reason for which `c` was aborted.
*/
CYCLOS_DECL boost::asio::awaitable<error_code>
race_addresses(connection& c, cyclos::detail::notifier& wakeup,
               std::vector<boost::asio::ip::tcp::endpoint> addresses);

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/address_race.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_ADDRESS_RACE_HPP
