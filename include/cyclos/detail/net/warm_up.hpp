//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_WARM_UP_HPP
#define CYCLOS_DETAIL_NET_WARM_UP_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/connect.hpp>
#include <cyclos/detail/net/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** Opens connections until the pool has this many, and waits until they are open. Must be awaited
    on the strand of the pool.

    @return The reason if it failed; errc::cancelled if it was cancelled.
*/
CYCLOS_DECL boost::asio::awaitable<connect_failure> warm_up(std::shared_ptr<pool> owner,
                                                            std::size_t count);

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/warm_up.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_WARM_UP_HPP
