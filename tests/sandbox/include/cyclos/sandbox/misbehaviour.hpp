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

/// How the server leaves a connection.
enum class ending {
    keep,   ///< It goes on with the next request.
    notify, ///< TLS close_notify and FIN, then reads on for a while until the client closes: as it should be done.
    fin,    ///< FIN without close_notify, then as above.
    reset,  ///< RST.
    hang,   ///< Stays open and takes what comes, but says nothing more.
    freeze, ///< Stays open and reads nothing more, so that the client cannot send either.
};

/// How the end of a response body is marked.
enum class framing {
    content_length,
    chunked,
    until_close, ///< Neither: the body ends where the connection does.
};

/// What there are so many of that it does not matter.
inline constexpr unsigned unlimited = std::numeric_limits<unsigned>::max();

/** What the server does wrong with some requests.

    The oldest script that matches and is not used up is the one applied. Stages
    stand in the order in which they happen; each has a default that leaves
    things as they are.

    A request whose answer is replaced (@ref status, @ref raw) or left out
    (@ref instead) is not done, unless @ref perform says so; any other is.
*/
struct misbehaviour
{
    // Which requests
    std::string method = {};    ///< Empty: any.
    std::string target = {};    ///< A part of the request target as sent; empty: any.
    unsigned skip = 0;          ///< So many that match are treated well first,
    unsigned times = unlimited; ///< then so many not, and the rest well again.

    // The request. Less than the whole body is an early answer.
    bool perform = false;                        ///< Do it even though the answer is replaced or left out.
    std::optional<std::uint64_t> read_body = {}; ///< Read so much of the body before the answer; 0: the head alone.
    bool ignore_expect = false;                  ///< No `100 Continue`.
    std::chrono::milliseconds answer_delay{0};   ///< Before the answer, or before what comes instead.
    std::optional<ending> instead = {};          ///< No answer: leave the connection so.
    std::vector<std::string> interim = {};       ///< Whole 1xx heads, with their empty lines, sent first.

    // The answer
    std::optional<std::string> raw = {};                           ///< These bytes and nothing else.
    std::optional<unsigned> status = {};                           ///< This status and @ref body.
    std::string reason = {};                                       ///< Empty: the usual phrase.
    std::string body = {};                                         ///< Goes with @ref status.
    std::string content_type = {};                                 ///< Of @ref body; empty: JSON; "-": none.
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< Added to any answer.
    std::vector<std::string> without = {};                         ///< Headers left out of any answer.
    std::string raw_headers = {};                                  ///< Put before the empty line as it is, with CRLFs.
    sandbox::framing framing = sandbox::framing::content_length;

    // Sending it
    std::uint64_t pause_after = 0;                ///< Bytes of the answer, its head included,
    std::chrono::milliseconds pause{0};           ///< after which there is a pause.
    std::uint64_t piece = 0;                      ///< Send in pieces of so many bytes; 0: as usual;
    std::chrono::milliseconds piece_delay{0};     ///< with so much time before each.
    std::optional<std::uint64_t> stop_after = {}; ///< Bytes of the answer, its head included, after which
    ending stopped = ending::hang;                ///< the connection is left so.

    // Afterwards
    bool say_close = false; ///< `Connection: close`, whatever happens.
    bool read_on = true;    ///< Read the rest of the body after an early answer.
    ending then = ending::keep;
    std::chrono::milliseconds unsolicited_delay{0};
    std::string unsolicited = {}; ///< Bytes sent after the response that nobody asked for.
};

/// What the server does wrong with some connections, before there is any request.
struct connection_misbehaviour
{
    unsigned skip = 0;
    unsigned times = unlimited;

    std::chrono::milliseconds delay{0};          ///< Before the first byte is read.
    std::string instead_of_handshake = {};       ///< These bytes in place of the handshake that the client has begun,
    std::optional<ending> before_handshake = {}; ///< and, with or without them, this end.
    std::optional<ending> after_handshake = {};  ///< This end as soon as the handshake is done.
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_MISBEHAVIOUR_HPP
