//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_STATE_HPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_STATE_HPP

#include <cyclos/detail/arena.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/response/chunked_decoder.hpp>
#include <cyclos/detail/http/response/response_parser.hpp>
#include <cyclos/detail/net/pool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {
namespace detail {

/** The state of a response while it is received, from before its first byte to its last.

    The attempt creates it on the heap and passes its ownership to the response. The object itself
    never moves: the fields of the parser are in `buffer`.
*/
class response_state
{
public:
    /// How the end of the body is found (RFC 9112, section 6.3).
    enum class framing {
        none,       ///< There is no body, or its end was reached, or reading has failed.
        length,     ///< After `remaining` bytes.
        chunked,    ///< By the chunked transfer coding.
        until_close ///< When the server closes the connection.
    };

    response_state(net::lease held, std::uint32_t limit)
        : connection(std::move(held))
        , header_limit(limit)
        , decoder(limit)
    {
        reset_parser();
    }

    /// Prepares for a header section: the first one, or the one that follows an interim response.
    void reset_parser()
    {
        parser.reset();
        memory.release();
        parser.emplace(header_limit, &memory);
    }

    // Holds the fields of most responses, which saves allocations. Left uninitialized.
    alignas(std::max_align_t) unsigned char buffer[header_fields::usual_size()];
    cyclos::detail::arena memory{buffer, sizeof buffer};

    net::lease connection;
    std::uint32_t header_limit;
    std::optional<response_parser> parser;
    chunked_decoder decoder;
    exchange_state state;
    std::optional<std::uint64_t> content_length;
    framing body_framing = framing::none;
    std::uint64_t remaining = 0; ///< Bytes of a body with a length that were not read yet.
    bool reusable = false;       ///< The connection can be released once the body was read.
    bool secret = false;         ///< Buffers that the body passes through are wiped.
    bool draining = false;       ///< Set when a dropped response is drained, to do that only once.
    std::optional<std::chrono::steady_clock::duration> keep_alive; ///< As the server announced.
    std::string whole_body;                                        ///< Read by complete().
};

} // namespace detail
} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_STATE_HPP
