//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_SOURCE_IMPL_IMAGE_HEAD_IPP
#define CYCLOS_DETAIL_HTTP_SOURCE_IMPL_IMAGE_HEAD_IPP

#include <cyclos/detail/http/source/image_head.hpp>

#include <boost/endian/conversion.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

/// Loads a big-endian number. All of its bytes must be inside the view.
template <class Number>
Number big_endian(std::string_view bytes, std::size_t offset) noexcept
{
    return boost::endian::endian_load<Number, sizeof(Number), boost::endian::order::big>(
        reinterpret_cast<const unsigned char*>(bytes.data() + offset));
}

inline std::uint16_t little_endian(std::string_view bytes, std::size_t offset) noexcept
{
    return boost::endian::load_little_u16(
        reinterpret_cast<const unsigned char*>(bytes.data() + offset));
}

/// The frame header of a JPEG follows any number of other segments, which are skipped by their
/// length.
inline std::optional<image_dimensions> jpeg_dimensions(std::string_view bytes) noexcept
{
    std::size_t offset = 2;
    while (offset + 9 <= bytes.size()) {
        if (bytes[offset] != '\xff') {
            return std::nullopt;
        }
        const auto marker = static_cast<unsigned char>(bytes[offset + 1]);
        if (marker == 0xff) {
            ++offset; // fill byte
            continue;
        }
        // DHT, JPG and DAC are within the range of the SOF markers.
        const bool is_other_segment = marker == 0xc4 || marker == 0xc8 || marker == 0xcc;
        if (marker >= 0xc0 && marker <= 0xcf && !is_other_segment) {
            return image_dimensions{big_endian<std::uint16_t>(bytes, offset + 7),
                                    big_endian<std::uint16_t>(bytes, offset + 5)};
        }
        // TEM, RST0 to RST7, SOI and EOI
        const bool has_no_length = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd9);
        offset +=
            2 + (has_no_length ? std::size_t{0} : big_endian<std::uint16_t>(bytes, offset + 2));
    }
    return std::nullopt;
}

} // namespace detail

CYCLOS_DECL std::string_view sniff_media_type(std::string_view first_bytes) noexcept
{
    using namespace std::string_view_literals;
    if (first_bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) {
        return "image/png";
    }
    if (first_bytes.starts_with("\xff\xd8\xff"sv)) {
        return "image/jpeg";
    }
    if (first_bytes.starts_with("GIF87a"sv) || first_bytes.starts_with("GIF89a"sv)) {
        return "image/gif";
    }
    return "application/octet-stream";
}

CYCLOS_DECL std::optional<image_dimensions> sniff_dimensions(std::string_view first_bytes) noexcept
{
    const std::string_view type = sniff_media_type(first_bytes);
    if (type == "image/png" && first_bytes.size() >= 24) {
        return image_dimensions{detail::big_endian<std::uint32_t>(first_bytes, 16),
                                detail::big_endian<std::uint32_t>(first_bytes, 20)};
    }
    if (type == "image/gif" && first_bytes.size() >= 10) {
        return image_dimensions{detail::little_endian(first_bytes, 6),
                                detail::little_endian(first_bytes, 8)};
    }
    if (type == "image/jpeg") {
        return detail::jpeg_dimensions(first_bytes);
    }
    return std::nullopt;
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_SOURCE_IMPL_IMAGE_HEAD_IPP
