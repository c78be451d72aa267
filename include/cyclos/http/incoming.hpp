//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_INCOMING_HPP
#define CYCLOS_HTTP_INCOMING_HPP

#include <cyclos/detail/arena.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/http/chunked_decoder.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/response_parser.hpp>
#include <cyclos/net/pool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::http::detail {

/// A response on its way, from before its first byte until its last. It stays where it is, while the right to it is
/// handed from the attempt to the response, and from there to whoever reads it.
class incoming
{
public:
    enum class framing { none, length, chunked, until_close };

    incoming(net::lease over, std::uint32_t limit)
        : connection(std::move(over))
        , head_limit(limit)
        , chunks(limit)
    {
        expect_head();
    }

    /// A new head begins: the first one, or one behind that of an interim response.
    void expect_head()
    {
        parser.reset();
        memory.release();
        parser.emplace(head_limit, &memory);
    }

    // The fields of most heads are in here, and take no allocation of their own. Not cleared.
    alignas(std::max_align_t) unsigned char buffer[header_fields::usual_size()];
    cyclos::detail::arena memory{buffer, sizeof buffer};

    net::lease connection;
    std::uint32_t head_limit;
    std::optional<response_parser> parser;
    chunked_decoder chunks;
    progress state;
    std::optional<std::uint64_t> content_length;
    framing body = framing::none; ///< What is left of it.
    std::uint64_t left = 0;
    bool reusable = false;
    bool secret = false; ///< What the body passes through is wiped.
    bool abandoned = false;
    std::optional<std::chrono::steady_clock::duration> keep_alive;
    std::string whole_body;
};

} // namespace cyclos::inline CYCLOS_ABI::http::detail

#endif // CYCLOS_HTTP_INCOMING_HPP
