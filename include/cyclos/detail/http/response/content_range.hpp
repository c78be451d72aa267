//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_CONTENT_RANGE_HPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_CONTENT_RANGE_HPP

#include <cyclos/detail/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/// The range of a representation that a response of status 206 contains.
struct content_range
{
    std::uint64_t first = 0; ///< The offset of the first byte.
    std::uint64_t last = 0;  ///< The offset of the last byte.
    std::uint64_t total = 0; ///< The length of the complete representation.

    friend bool operator==(const content_range&, const content_range&) = default;
};

/// Parses a `Content-Range` field such as `bytes 5-9/10`.
/// @return Nothing if the field is malformed, or if the complete length is unknown (`bytes 5-9/*`).
CYCLOS_DECL std::optional<content_range> parse_content_range(std::string_view value);

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/response/impl/content_range.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_CONTENT_RANGE_HPP
