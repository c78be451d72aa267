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

/// What happened since the server started, or since @ref server::reset_statistics.
struct statistics
{
    std::uint64_t accepted = 0; ///< Connections.
    std::uint64_t open = 0;     ///< Connections that are open now; never reset.
    std::uint64_t handshakes_full = 0;
    std::uint64_t handshakes_resumed = 0;
    std::uint64_t handshakes_failed = 0;
    std::uint64_t requests = 0;       ///< Heads that were whole.
    std::uint64_t bytes_received = 0; ///< On the wire, TLS included.
    std::uint64_t bytes_sent = 0;
};

/// A request as it came.
struct request_record
{
    std::uint64_t connection = 0;    ///< Counts from 1.
    std::uint64_t number = 0;        ///< Of the request on its connection; counts from 1.
    std::string head = {};           ///< Request line and headers, the empty line included, byte for byte.
    std::uint64_t body_received = 0; ///< Bytes of the body, framing left out, once reading it has ended.
    bool body_complete = false;      ///< Whether the body came whole; true at once where there is none.
    unsigned status = 0;             ///< Of the answer that was begun; 0: none.
    bool resumed = false;            ///< Whether the TLS session was resumed.
    std::string tls_version = {};    ///< Such as `TLSv1.3`; empty without TLS.
    std::string server_name = {};    ///< SNI; empty: none was sent.
    std::string client_subject = {}; ///< The common name of the client's certificate.

    std::string_view method() const noexcept;
    std::string_view target() const noexcept;

    /// The value of the first header of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const noexcept;

    /// How many headers of that name there are.
    std::size_t header_count(std::string_view name) const noexcept;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_STATISTICS_HPP
