//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMAGE_HEAD_HPP
#define CYCLOS_HTTP_IMAGE_HEAD_HPP

#include <cyclos/detail/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

/// The media type of an image, told from its first bytes; `application/octet-stream` where it is none that is known.
CYCLOS_DECL std::string_view sniff_media_type(std::string_view first_bytes) noexcept;

/// Width and height, in pixels.
struct image_dimensions
{
    std::uint32_t width = 0;
    std::uint32_t height = 0;

    friend bool operator==(const image_dimensions&, const image_dimensions&) = default;
};

/// The dimensions of a PNG, JPEG or GIF, told from its first bytes, where those are enough.
CYCLOS_DECL std::optional<image_dimensions> sniff_dimensions(std::string_view first_bytes) noexcept;

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/image_head.ipp>
#endif

#endif // CYCLOS_HTTP_IMAGE_HEAD_HPP
