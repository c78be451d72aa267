//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The library except for one part: connections lead to the other end of a socket pair in this
// process. The contents of address_race.ipp are left out by its guard, and its one function that is
// needed is here. All other parts of a connection are unchanged: the proxy tunnel, the handshake,
// the deadlines and the pool.

#define CYCLOS_DETAIL_NET_IMPL_ADDRESS_RACE_IPP
#include <cyclos/src.hpp>

#include "fuzz/support/network.hpp"

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

std::vector<boost::asio::ip::tcp::endpoint>
interleave(const std::vector<boost::asio::ip::tcp::endpoint>& addresses)
{
    return addresses;
}

boost::asio::awaitable<error_code>
race_addresses(connection& c, cyclos::detail::notifier& /*wakeup*/,
               std::vector<boost::asio::ip::tcp::endpoint> /*addresses*/)
{
    c.stream().adopt(fuzz::network::current().open(c.executor()));
    co_return error_code{};
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos
