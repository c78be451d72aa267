//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_LOGOUT_HPP
#define CYCLOS_DETAIL_CLIENT_LOGOUT_HPP

#include <cyclos/credentials.hpp>
#include <cyclos/detail/client/login.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <vector>

// Logouts that nobody waits for, or that must not fail: the sessions expire by themselves in the
// end.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// A logout in the background may take this long.
inline constexpr std::chrono::seconds background_logout_limit{10};

/** Ends a session in the background, over the connections of the client.

    It stops silently at @ref background_logout_limit and on any error. If the client is closed
    meanwhile, log_out_all() ends the session. May be called on any thread.
*/
CYCLOS_DECL void log_out_in_background(std::shared_ptr<session_service> service,
                                       std::shared_ptr<const credentials> session) noexcept;

/** Ends sessions when the pools of the client are closed, over a few connections of its own: those
    given, and those that were being ended in the background.

    Errors are ignored, and what is left at the given time is not logged out. Must be awaited on the
    strand of the first shard.
*/
CYCLOS_DECL boost::asio::awaitable<void>
log_out_all(std::shared_ptr<session_service> service,
            std::vector<std::shared_ptr<const credentials>> sessions,
            session_service::time_point end);

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/logout.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_LOGOUT_HPP
