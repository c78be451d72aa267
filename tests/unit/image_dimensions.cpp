//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The dimensions of images, read from their first bytes.

#include <cyclos/detail/http/source/image_head.hpp>

#include <cyclos/sandbox/pictures.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace std::string_literals;
using cyclos::http::image_dimensions;
using cyclos::http::sniff_dimensions;

const std::string jpeg_begin = "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"s;
const std::string jpeg_comment = "\xff\xfe\0\x07hello"s;
const std::string jpeg_frame = "\xff\xc2\0\x11\x08\1\x02\3\x04"s; // 258 high, 772 wide

} // namespace

TEST_SUITE("sniff_dimensions")
{
    TEST_CASE("sniff_dimensions: a PNG is recognised")
    {
        const auto picture = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\2\0\0\0\3"s;
        CHECK(sniff_dimensions(picture) == image_dimensions{65538, 3});
        CHECK_FALSE(sniff_dimensions(std::string_view{picture}.substr(0, 23)));
    }

    TEST_CASE("sniff_dimensions: a GIF is recognised")
    {
        const auto picture = "GIF89a\2\1\3\0"s;
        CHECK(sniff_dimensions(picture) == image_dimensions{258, 3});
        CHECK_FALSE(sniff_dimensions(std::string_view{picture}.substr(0, 9)));
    }

    TEST_CASE("sniff_dimensions: a JPEG is recognised, after any segments")
    {
        CHECK(sniff_dimensions(jpeg_begin + jpeg_frame) == image_dimensions{772, 258});
        CHECK(sniff_dimensions(jpeg_begin + jpeg_comment + jpeg_comment + jpeg_frame) ==
              image_dimensions{772, 258});
        CHECK(sniff_dimensions(jpeg_begin + "\xff\xff"s + jpeg_comment + jpeg_frame) ==
              image_dimensions{772, 258});
        // The marker of a Huffman table is in the range of frame markers.
        CHECK(sniff_dimensions(jpeg_begin + "\xff\xc4\0\x09\x08\1\1\1\1\1\1"s + jpeg_frame) ==
              image_dimensions{772, 258});
    }

    TEST_CASE("sniff_dimensions: truncated data and other formats have no dimensions")
    {
        const std::string whole = jpeg_begin + jpeg_comment + jpeg_frame;
        for (std::size_t size = 0; size < whole.size(); ++size) {
            CHECK_FALSE(sniff_dimensions(std::string_view{whole}.substr(0, size)));
        }
        CHECK_FALSE(sniff_dimensions(jpeg_begin + "not a segment........"s));
        CHECK_FALSE(sniff_dimensions("\xff\xd8\xff\xe0\0\0\xff\xe0\0\0........"s));
        CHECK_FALSE(sniff_dimensions("<html>"));
        CHECK_FALSE(sniff_dimensions(""));
    }
}
