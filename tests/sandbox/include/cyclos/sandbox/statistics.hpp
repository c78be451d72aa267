//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_STATISTICS_HPP
#define CYCLOS_SANDBOX_STATISTICS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::sandbox {

/// Counters since the server started, or since @ref server::reset_statistics.
struct statistics
{
    std::uint64_t accepted = 0; ///< Accepted connections.
    std::uint64_t open = 0;     ///< Connections that are open now; not affected by a reset.
    std::uint64_t handshakes_full = 0;
    std::uint64_t handshakes_resumed = 0;
    std::uint64_t handshakes_failed = 0;
    std::uint64_t requests = 0;       ///< Requests with a complete header section.
    std::uint64_t bytes_received = 0; ///< Bytes on the wire, with the overhead of TLS.
    std::uint64_t bytes_sent = 0;     ///< Likewise.
};

/// The record of a request.
struct request_record
{
    std::uint64_t connection = 0; ///< The number of its connection, from 1.
    std::uint64_t number = 0;     ///< The number of the request on its connection, from 1.
    /// Request line and header section as received, with the empty line.
    std::string head = {};
    /// Bytes of the body without framing; set when the server stops reading the body.
    std::uint64_t body_received = 0;
    bool body_complete = false;      ///< Whether the whole body was received; true without a body.
    unsigned status = 0;             ///< Status of the response; 0: no response was begun.
    bool resumed = false;            ///< Whether the TLS session was resumed.
    std::string tls_version = {};    ///< Such as `TLSv1.3`; empty without TLS.
    std::string server_name = {};    ///< SNI; empty if the client sent none.
    std::string client_subject = {}; ///< The common name of the client's certificate.

    std::string_view method() const noexcept;
    std::string_view target() const noexcept;

    /// The value of the first header field of that name. Names are case-insensitive.
    std::optional<std::string_view> header(std::string_view name) const noexcept;

    /// The number of header fields of that name.
    std::size_t header_count(std::string_view name) const noexcept;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_STATISTICS_HPP
