//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_ADDRESS_RACE_HPP
#define CYCLOS_NET_ADDRESS_RACE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/net/connection.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <vector>

namespace cyclos::inline CYCLOS_ABI::net {

/// The order in which addresses are tried: the families by turns, beginning with the resolver's first (RFC 8305).
CYCLOS_DECL std::vector<boost::asio::ip::tcp::endpoint>
interleave(const std::vector<boost::asio::ip::tcp::endpoint>& addresses);

/** Connects to the first of some addresses that answers, as RFC 8305 says.

    The next address is tried where one has failed, or has not answered within 250 ms; those before go on meanwhile.
    All but the first that answers are closed.

    @param mailbox What the connection has attached.
    @return Why there is no connection, where there is none: the failure that came last, or why `c` was aborted.
*/
CYCLOS_DECL boost::asio::awaitable<error_code> race_addresses(connection& c, cyclos::detail::event& mailbox,
                                                              std::vector<boost::asio::ip::tcp::endpoint> addresses);

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/address_race.ipp>
#endif

#endif // CYCLOS_NET_ADDRESS_RACE_HPP
