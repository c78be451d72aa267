//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_CONNECT_HPP
#define CYCLOS_DETAIL_NET_CONNECT_HPP

#include <cyclos/connect_hook.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/connection.hpp>
#include <cyclos/detail/net/name_lookup.hpp>
#include <cyclos/detail/net/session_cache.hpp>
#include <cyclos/detail/net/tls_context.hpp>
#include <cyclos/error.hpp>
#include <cyclos/events.hpp>
#include <cyclos/origin.hpp>
#include <cyclos/pool_config.hpp>
#include <cyclos/proxy_config.hpp>
#include <cyclos/resolve_override.hpp>
#include <cyclos/timeout_config.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/// The parameters for opening a connection.
class connect_settings
{
public:
    cyclos::origin origin;
    proxy_config proxy;
    timeout_config timeouts;
    std::shared_ptr<current_tls_context> tls;       ///< Null for plain HTTP.
    std::shared_ptr<current_tls_context> proxy_tls; ///< Null without TLS to the proxy.
    std::shared_ptr<const connect_hook> connect;    ///< Null: the library connects.
    std::vector<resolve_override> resolve;
    std::chrono::milliseconds tcp_keep_alive{};
    bool spread_addresses = false;
    event_hook on_event;
};

/// The reason why a connection could not be opened.
class connect_failure
{
public:
    error_code code;
    cyclos::phase phase = cyclos::phase::connecting;
    std::string detail;

    /// When the pool will open another connection. Until then it rejects requests at once. Set if a
    /// request was rejected because of an earlier failure to connect.
    std::optional<std::chrono::steady_clock::time_point> pause_end = {};
};

/** Opens a connection: resolves the name and races the addresses, or runs the connect hook; opens a
    tunnel through the proxy, and performs the TLS handshake.

    On failure, the connection is aborted and the reason returned; on success, the returned code is
    falsy. It runs on the connection's strand, and ends soon after another function aborts the
    connection.

    @param tls The TLS context; null for plain HTTP.
    @param sessions The TLS sessions to resume, all of them of this context. Used on the same
    strand.
    @param lookup The name look-up in progress, if any, which connections share. Used on the same
    strand; must outlive the operation.
*/
CYCLOS_DECL boost::asio::awaitable<connect_failure>
connect(std::shared_ptr<connection> c, std::shared_ptr<const connect_settings> settings,
        std::shared_ptr<tls_context> tls, std::shared_ptr<session_cache> sessions,
        std::weak_ptr<name_lookup>& lookup);

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/connect.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_CONNECT_HPP
