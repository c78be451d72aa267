//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_EVENTS_HPP
#define CYCLOS_EVENTS_HPP

#include <cyclos/close_reason.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <variant>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** Metrics and tracing: the events that a client reports to the hook config::on_event.

    The views in an event are valid only during the call of the hook. No event contains a
    credential.

    In all events, `connection` is the number of a connection, which is unique within its client,
    and `operation` is the name of an operation, such as `view_image`. Requests of the client itself
    are called `login` and `logout`. A login has the tag of the call that began it.
*/
namespace events {

/// The type of all durations in events.
using duration = std::chrono::steady_clock::duration;

/// The client begins to open a connection. A @ref connected or @ref connect_failed follows.
struct connect_started
{
    std::uint64_t connection = 0;   ///< Number of the connection.
    std::string_view endpoint = {}; ///< Scheme, host and port of the server.
};

/// A connection is open.
struct connected
{
    std::uint64_t connection = 0; ///< Number of the connection.
    duration resolve = {};        ///< Time to resolve the host name.
    duration connect = {};   ///< Time to open the TCP connection, and the tunnel through a proxy.
    duration handshake = {}; ///< Time of the TLS handshake; zero without TLS.
    bool resumed = false;    ///< Whether an earlier TLS session was resumed.
};

/// A connection could not be opened.
struct connect_failed
{
    std::uint64_t connection = 0;                    ///< Number of the connection.
    cyclos::phase phase = cyclos::phase::connecting; ///< Phase that failed.
    error_code code = {};                            ///< Why it failed.
    std::string_view detail = {};                    ///< Details of the failure; may be empty.
    duration elapsed = {};                           ///< Time since @ref connect_started.
};

/// A request got a connection.
struct connection_acquired
{
    std::string_view operation = {}; ///< Name of the operation.
    std::string_view tag = {};       ///< Text of call_options::tag.
    std::uint64_t connection = 0;    ///< Number of the connection.

    /// Whether the connection has carried a request before, or has been idle in the pool.
    bool reused = false;

    /// Time since the request began. For a retry, that includes the earlier attempts.
    duration elapsed = {};
};

/// A request is sent again: its connection turned out to be dead before any response byte arrived,
/// the server rejected `Expect: 100-continue` (417), or the configuration asks for a retry.
struct retried
{
    std::string_view operation = {}; ///< Name of the operation.
    std::string_view tag = {};       ///< Text of call_options::tag.
    std::uint64_t connection = 0;    ///< Connection of the failed attempt; 0 if it had none.

    /// Why the attempt failed; in @ref http_status_category, the status of its response.
    error_code code = {};
};

/// An open connection left the pool.
struct closed
{
    std::uint64_t connection = 0;             ///< Number of the connection.
    close_reason reason = close_reason::idle; ///< Why it left the pool.
};

/** A request ended: its response was read to the end, it failed, or the caller dropped its content.

    An operation reports each of its requests if it follows a redirect, repeats a request after a
    login, or resumes a download. Retries belong to the same request.
*/
struct request_finished
{
    std::string_view operation = {}; ///< Name of the operation.
    std::string_view tag = {};       ///< Text of call_options::tag.
    unsigned status = 0;             ///< Status of the response; 0 if there was none.

    /// Why the request failed. No error if the response was received, whatever its status.
    error_code code = {};

    std::uint64_t sent = 0;       ///< Bytes sent, header section and content, before encryption.
    std::uint64_t received = 0;   ///< Bytes received, header section and content, after decryption.
    duration time_to_header = {}; ///< From the start to the end of the response's header section.
    duration total = {};          ///< From the start to the end of the request.
    unsigned attempts = 0;        ///< Number of attempts that got a connection.
};

} // namespace events

/// Any of the @ref events.
using client_event = std::variant<events::connect_started, events::connected,
                                  events::connect_failed, events::connection_acquired,
                                  events::retried, events::closed, events::request_finished>;

/** Receives the events of a client. Without a hook, nothing is measured.

    A hook only observes: it should return quickly, and exceptions that it throws are ignored.

    @par Thread safety
    Each shard calls the hook on its own strand of the client's executor. With several shards, calls
    may run concurrently.
*/
using event_hook = std::function<void(const client_event&)>;

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_EVENTS_HPP
