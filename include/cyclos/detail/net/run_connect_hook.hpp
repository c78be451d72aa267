//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_RUN_CONNECT_HOOK_HPP
#define CYCLOS_DETAIL_NET_RUN_CONNECT_HOOK_HPP

#include <cyclos/connect_hook.hpp>
#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/connection.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** Calls the user's connect hook, and moves its socket into the connection.

    The hook runs in a coroutine of its own. It is cancelled and left behind if the connection is
    aborted before it returns.

    @param wakeup The notifier that is attached to the connection.
    @param detail Receives a description of the failure, if there is one.
    @return The failure, or the reason for which `c` was aborted.
*/
CYCLOS_DECL boost::asio::awaitable<error_code>
run_connect_hook(connection& c, cyclos::detail::notifier& wakeup,
                 std::shared_ptr<const connect_hook> hook, connect_target target,
                 std::string& detail);

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/run_connect_hook.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_RUN_CONNECT_HOOK_HPP
