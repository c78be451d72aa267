//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_CONNECT_HPP
#define CYCLOS_NET_CONNECT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/connection.hpp>
#include <cyclos/net/error.hpp>
#include <cyclos/net/events.hpp>
#include <cyclos/net/name_lookup.hpp>
#include <cyclos/net/options.hpp>
#include <cyclos/net/origin.hpp>
#include <cyclos/net/session_cache.hpp>
#include <cyclos/net/tls_context.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace cyclos::inline CYCLOS_ABI::net {

/// What is needed to open a connection.
class connect_settings
{
public:
    net::origin origin;
    proxy_config proxy;
    timeout_config timeouts;
    std::shared_ptr<tls_context> tls; ///< Null where the origin is plain.
    bool verify_host = true;
    event_hook on_event;
};

/// Why a connection could not be opened.
class connect_failure
{
public:
    error_code code;
    cyclos::phase phase = cyclos::phase::connecting;
    std::string detail;

    /// When another connection is tried, for a request that was refused because one has failed. Before that, the
    /// request would be refused again.
    std::optional<std::chrono::steady_clock::time_point> pause_end = {};
};

/** Opens the connection: resolves the name, races the addresses, asks the proxy, and shakes hands.

    Where it fails, the connection is aborted, and the reason is returned; its code is falsy on success.
    It runs on the connection's strand, and ends soon after the connection is aborted by somebody else.

    @param sessions Those that may be resumed, on that strand.
    @param lookup The look-up of the host name that is under way, on that strand. It has to last until the end.
*/
CYCLOS_DECL boost::asio::awaitable<connect_failure> connect(std::shared_ptr<connection> c,
                                                            std::shared_ptr<const connect_settings> settings,
                                                            std::shared_ptr<session_cache> sessions,
                                                            std::weak_ptr<name_lookup>& lookup);

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/connect.ipp>
#endif

#endif // CYCLOS_NET_CONNECT_HPP
