//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_MISBEHAVIOUR_HPP
#define CYCLOS_SANDBOX_MISBEHAVIOUR_HPP

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cyclos::sandbox {

/// How the server ends a connection.
enum class ending {
    keep,   ///< Keeps the connection open for the next request.
    notify, ///< Sends a TLS close_notify and a FIN, then reads until the client closes, 5 seconds
            ///< at most. This is the correct way.
    fin,    ///< Sends a FIN without close_notify, then reads like `notify`.
    reset,  ///< Sends an RST.
    hang,   ///< Keeps the connection open and reads, but sends nothing more.
    freeze, ///< Keeps the connection open, but neither reads nor sends: the client's writes block.
};

/// How the end of a response body is marked.
enum class framing {
    content_length,
    chunked,
    until_close, ///< Neither length nor chunks: the body ends with the connection.
};

/// No limit, as a number of requests or connections.
inline constexpr unsigned unlimited = std::numeric_limits<unsigned>::max();

/** A script: the requests that it applies to, and what the server does wrong with them.

    The oldest script that matches a request and is not used up applies to it. The members are in
    the order in which they take effect. The defaults change nothing.

    If a script replaces the response (@ref status, @ref raw) or suppresses it (@ref instead), the
    server does not execute the operation, unless @ref perform is set.
*/
struct misbehaviour
{
    // Matching
    std::string method = {};    ///< The method; empty: any.
    std::string target = {};    ///< A substring of the request target as sent; empty: any.
    unsigned skip = 0;          ///< Number of matching requests to serve correctly first.
    unsigned times = unlimited; ///< Number of matching requests after these to apply to.

    // The request
    bool perform = false; ///< Execute the operation even if its response is not sent.
    /// Respond early, when this many bytes of the body have been read; 0: as soon as the header
    /// section has been read. Not set: respond when the operation does.
    std::optional<std::uint64_t> read_body = {};

    bool ignore_expect = false; ///< Send no `100 Continue`.
    /// Pause before the response, or before @ref instead.
    std::chrono::milliseconds answer_delay{0};
    std::optional<ending> instead = {}; ///< Send no response: end the connection like this.
    /// Interim responses (1xx) to send first, each complete with its empty line.
    std::vector<std::string> interim = {};

    // The response
    std::optional<std::string> raw = {}; ///< Send these bytes as the response.
    std::optional<unsigned> status = {}; ///< Send this status, with @ref body.
    std::string reason = {};             ///< Reason phrase; empty: the usual one.
    std::string body = {};               ///< Content, if @ref status is set.
    std::string content_type = {};       ///< Media type of @ref body; empty: JSON; "-": no type.
    /// Header fields to add, unless @ref raw is set.
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::vector<std::string> omit_headers = {}; ///< Names of header fields to leave out.
    std::string raw_headers = {}; ///< Lines for the end of the header section, each with its CRLF.
    sandbox::framing framing = sandbox::framing::content_length;

    // Sending the response. Numbers of bytes count from the status line on.
    std::uint64_t pause_after = 0;                ///< Pause when this many bytes have been sent.
    std::chrono::milliseconds pause{0};           ///< Duration of that pause; 0: no pause.
    std::uint64_t piece = 0;                      ///< Bytes of each write; 0: the usual block.
    std::chrono::milliseconds piece_delay{0};     ///< Pause before each write.
    std::optional<std::uint64_t> stop_after = {}; ///< Stop when this many bytes have been sent.
    ending stopped = ending::hang; ///< How the connection ends after @ref stop_after.

    // After the response
    bool announce_close = false; ///< Send `Connection: close`, and close.
    bool drain_body = true;      ///< After an early response, read the rest of the body.
    ending end = ending::keep;   ///< How the connection ends.
    std::chrono::milliseconds unsolicited_delay{0}; ///< Pause before @ref unsolicited.
    std::string unsolicited = {};                   ///< Bytes to send after the response.
};

/// A script for connections: what the server does wrong before the first request.
struct connection_misbehaviour
{
    unsigned skip = 0;          ///< Number of connections to serve correctly first.
    unsigned times = unlimited; ///< Number of connections after these to apply to.

    std::chrono::milliseconds delay{0}; ///< Pause before the first byte is read.
    /// Bytes to send instead of a TLS handshake, once the client has begun it. Then the connection
    /// ends like @ref before_handshake says, or with a FIN.
    std::string instead_of_handshake = {};
    /// End the connection like this before the handshake.
    std::optional<ending> before_handshake = {};
    /// End the connection like this as soon as the handshake is complete.
    std::optional<ending> after_handshake = {};
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_MISBEHAVIOUR_HPP
