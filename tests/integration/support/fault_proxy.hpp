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

/// What goes wrong on the way.
enum class fault {
    delay,      ///< Nothing passes for a while.
    throttle,   ///< So many bytes a second pass.
    split,      ///< Each byte is sent by itself.
    corrupt,    ///< One bit is another one; not in the header of a TLS record, so that its length
                ///< stays.
    cut,        ///< The end of both directions, in order for TCP, without that of TLS.
    half_close, ///< The end of one direction; the other one goes on.
    reset,      ///< RST to both sides.
    blackhole,  ///< All stays open, and nothing passes any more.
    refuse,     ///< No connections are accepted.
};

/// Which way bytes go.
enum class flow { to_server, to_client };

/// What a connection is doing when it is struck.
enum class stage {
    accept,    ///< It has just been accepted.
    handshake, ///< So many bytes of the handshake of TLS have passed.
    ticket,    ///< So many bytes of session tickets have passed.
    message,   ///< So many bytes of requests or responses have passed, as they are on the wire.
    now,       ///< Whatever it does: each connection that is open.
};

/// A fault and its place.
struct incident
{
    fault what = fault::delay;
    stage where = stage::message;
    flow direction = flow::to_server;
    std::uint64_t after = 0; ///< Bytes in that direction, counted from @ref fault_proxy::plan on.
    std::chrono::milliseconds pause{50};  ///< Of @ref fault::delay.
    std::uint64_t bytes_a_second = 16384; ///< Of @ref fault::throttle.
    std::uint64_t pieces = 4000; ///< Of @ref fault::split; what comes after them passes as usual.
};

/** A TCP proxy in front of a server on 127.0.0.1, on a thread of its own, that does wrong what it
    is told.

    It tells the handshake of TLS 1.3 and the messages after it apart by the lengths and types of
    records, which are not secret; it takes the first two records after the handshake for session
    tickets, as OpenSSL's servers send them after a whole handshake.
*/
class fault_proxy
{
public:
    /// @param tls Whether what passes is TLS 1.3; otherwise all of it is messages.
    explicit fault_proxy(unsigned short server_port, bool tls = true);
    fault_proxy(const fault_proxy&) = delete;
    fault_proxy& operator=(const fault_proxy&) = delete;
    ~fault_proxy();

    unsigned short port() const;
    std::string url() const; ///< With `/api` at its end.

    /// From now on the incident waits for a connection, new or open, that gets to its place. It
    /// happens to one.
    void plan(const incident& what);

    /// There are no more incidents. Those connections end that a blackhole holds: what comes on
    /// them is dropped.
    void heal();

    struct counts
    {
        std::size_t accepted = 0;
        std::size_t open = 0; ///< Connections that the two sides have not both ended.

        // Since the last plan, if there was any
        std::size_t struck = 0;
        std::uint64_t to_server =
            0; ///< Bytes of messages that were passed on, with the framing of TLS.
        std::uint64_t to_client = 0;
    };

    counts count() const;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_FAULT_PROXY_HPP
