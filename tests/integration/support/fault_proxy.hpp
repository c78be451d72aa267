//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_FAULT_PROXY_HPP
#define CYCLOS_TESTS_FAULT_PROXY_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cyclos::test {

/// Faults of a network.
enum class fault {
    delay,      ///< Nothing passes for some time.
    throttle,   ///< A limited number of bytes passes per second.
    split,      ///< Each byte is sent singly.
    corrupt,    ///< One bit is changed; not in the header of a TLS record, so that its length
                ///< is unchanged.
    cut,        ///< Both directions are closed orderly for TCP, without a close_notify.
    half_close, ///< One direction is closed; the other one continues.
    reset,      ///< RST to both sides.
    blackhole,  ///< The connections stay open, and nothing passes.
    refuse,     ///< Connections are refused.
};

/// The direction of bytes.
enum class flow { to_server, to_client };

/// The stage of a connection at which a fault takes effect.
enum class stage {
    accept,    ///< It has just been accepted.
    handshake, ///< After some bytes of the TLS handshake.
    ticket,    ///< After some bytes of session tickets.
    message,   ///< After some bytes of requests or responses, as on the wire.
    now,       ///< At once, on each open connection.
};

/// A fault and its position.
struct incident
{
    fault type = fault::delay;
    stage at = stage::message;
    flow direction = flow::to_server;
    std::uint64_t after =
        0; ///< Bytes in that direction, counted from the call of @ref fault_proxy::plan.
    std::chrono::milliseconds pause{50};    ///< Of @ref fault::delay.
    std::uint64_t bytes_per_second = 16384; ///< Of @ref fault::throttle.
    std::uint64_t pieces = 4000;            ///< Of @ref fault::split; later bytes pass unchanged.
};

/** A TCP proxy in front of a server on 127.0.0.1, on its own thread, that injects faults. It
    distinguishes the handshake of TLS 1.3 from the messages after it by the lengths and types of
    records, which are not secret. It takes the first two records after the handshake for session
    tickets, as OpenSSL servers send them after a full handshake.
*/
class fault_proxy
{
public:
    /// @param tls Whether the traffic is TLS 1.3; otherwise all bytes are messages.
    explicit fault_proxy(unsigned short server_port, bool tls = true);
    fault_proxy(const fault_proxy&) = delete;
    fault_proxy& operator=(const fault_proxy&) = delete;
    ~fault_proxy();

    unsigned short port() const;
    std::string url() const; ///< With `/api` at its end.

    /// Plans an incident for the first connection, new or open, that reaches its position.
    void plan(const incident& planned);

    /// Ends all incidents. Connections that a blackhole holds are ended, and their data is dropped.
    void heal();

    struct counts
    {
        std::size_t accepted = 0;
        std::size_t open = 0; ///< Connections that are not closed by both sides.

        // Since the last plan
        std::size_t struck = 0;
        std::uint64_t to_server = 0; ///< Forwarded bytes of messages, with TLS framing.
        std::uint64_t to_client = 0;
    };

    counts count() const;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_FAULT_PROXY_HPP
