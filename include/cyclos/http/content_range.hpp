//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_CONTENT_RANGE_HPP
#define CYCLOS_HTTP_CONTENT_RANGE_HPP

#include <cyclos/detail/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

/// The part of a content that a 206 holds.
struct content_range
{
    std::uint64_t first = 0; ///< The place of its first byte,
    std::uint64_t last = 0;  ///< and of its last one.
    std::uint64_t total = 0; ///< The length of the whole.

    friend bool operator==(const content_range&, const content_range&) = default;
};

/// Reads a `Content-Range` field such as `bytes 5-9/10`. One that does not tell the whole is none here.
CYCLOS_DECL std::optional<content_range> parse_content_range(std::string_view value);

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/content_range.ipp>
#endif

#endif // CYCLOS_HTTP_CONTENT_RANGE_HPP
