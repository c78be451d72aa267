//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_SOURCE_IMAGE_HEAD_HPP
#define CYCLOS_DETAIL_HTTP_SOURCE_IMAGE_HEAD_HPP

#include <cyclos/detail/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/// Detects the media type of a PNG, JPEG or GIF from its first bytes. All else is
/// `application/octet-stream`.
CYCLOS_DECL std::string_view sniff_media_type(std::string_view first_bytes) noexcept;

/// Width and height in pixels.
struct image_dimensions
{
    std::uint32_t width = 0;
    std::uint32_t height = 0;

    friend bool operator==(const image_dimensions&, const image_dimensions&) = default;
};

/// Reads the dimensions of a PNG, JPEG or GIF from its first bytes.
/// @return Nothing if it is another format, is malformed, or more bytes are needed.
CYCLOS_DECL std::optional<image_dimensions> sniff_dimensions(std::string_view first_bytes) noexcept;

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/source/impl/image_head.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_SOURCE_IMAGE_HEAD_HPP
