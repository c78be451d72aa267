//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_EVENTS_HPP
#define CYCLOS_NET_EVENTS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/error.hpp>
#include <cyclos/net/pool_core.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <variant>

namespace cyclos::inline CYCLOS_ABI {

/** What a client does, told as it happens: for logs, metrics and traces.

    The views in an event last for the call of the hook only. No event holds a credential.
*/
namespace events {

using duration = std::chrono::steady_clock::duration;

/// A connection is being opened.
struct connect_started
{
    std::uint64_t connection = 0; ///< Names the connection in all that follows.
    std::string_view endpoint = {};
};

/// A connection is open.
struct connected
{
    std::uint64_t connection = 0;
    duration resolve = {};   ///< For the name.
    duration connect = {};   ///< For the TCP connection, and the tunnel through a proxy.
    duration handshake = {}; ///< For TLS.
    bool resumed = false;    ///< Whether an earlier TLS session was resumed.
};

/// A connection could not be opened.
struct connect_failed
{
    std::uint64_t connection = 0;
    cyclos::phase phase = cyclos::phase::connecting;
    error_code code = {};
    std::string_view detail = {};
    duration after = {};
};

/// A request has a connection.
struct acquired
{
    std::string_view operation = {};
    std::uint64_t connection = 0;
    bool reused = false; ///< Whether the connection has carried a request before, or lain idle.
    duration waited = {};
};

/// A request is sent again: the connection that it went over had ended before it was used, or the configuration asks
/// for it.
struct retried
{
    std::string_view operation = {};
    std::uint64_t connection = 0; ///< The one that it went over; 0 where there was none.
    error_code code = {};         ///< Why the attempt failed, or the status of its answer.
};

/// A connection has left the pool.
struct closed
{
    std::uint64_t connection = 0;
    net::close_reason reason = net::close_reason::idle;
};

/// A request has come to its end: the body of the response was read whole, or it failed.
struct request_done
{
    std::string_view operation = {};
    unsigned status = 0;        ///< 0 where there was no response.
    error_code code = {};       ///< Why it failed, where it did.
    std::uint64_t sent = 0;     ///< Bytes of the request, head and body.
    std::uint64_t received = 0; ///< Bytes of the response, head and body.
    duration first_byte = {};   ///< From the call to the head of the response.
    duration total = {};        ///< From the call to the end.
    unsigned attempts = 0;
};

} // namespace events

/// Any event.
using client_event = std::variant<events::connect_started, events::connected, events::connect_failed, events::acquired,
                                  events::retried, events::closed, events::request_done>;

/** Takes events. It is called on the executor of the client, by each shard on its own strand and so perhaps by
    several at the same time, and had better be quick. What it throws is dropped: it watches, and changes nothing.

    Where none is set, nothing is measured and nothing is made.
*/
using event_hook = std::function<void(const client_event&)>;

namespace net {

/// The name of a reason, as in logs.
constexpr std::string_view to_string(close_reason reason) noexcept
{
    switch (reason) {
    case close_reason::idle: return "idle";
    case close_reason::age: return "age";
    case close_reason::requests: return "requests";
    case close_reason::peer: return "peer";
    case close_reason::broken: return "broken";
    case close_reason::replaced: return "replaced";
    case close_reason::shutdown: return "shutdown";
    }
    return "unknown";
}

} // namespace net
} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_NET_EVENTS_HPP
