//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/sandbox/pattern.hpp>
#include <cyclos/sandbox/pictures.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace cyclos::sandbox;

TEST_SUITE("sandbox pictures")
{
    TEST_CASE("sandbox pictures: type and size are read from the first bytes")
    {
        for (const std::string type : {"image/png", "image/jpeg", "image/gif"}) {
            CAPTURE(type);
            const auto painted = make_picture(300, 17, type);
            const auto whole = inspect_picture(painted.bytes);
            REQUIRE(whole);
            CHECK(whole->content_type == type);
            CHECK(whole->width == 300);
            CHECK(whole->height == 17);

            const auto head = inspect_picture(std::string_view(painted.bytes).substr(0, 1024));
            REQUIRE(head);
            CHECK(head->width == 300);
        }
    }

    TEST_CASE("sandbox pictures: data that is not a supported picture is rejected")
    {
        CHECK_FALSE(inspect_picture(""));
        CHECK_FALSE(inspect_picture("GIF89a"));
        CHECK_FALSE(inspect_picture("\x89PNG\r\n\x1a\n"));
        CHECK_FALSE(inspect_picture("BM a bitmap, which stb could read"));
        CHECK_FALSE(inspect_picture("<html><body>not found</body></html>"));
        CHECK_FALSE(scale_picture("\xff\xd8\xff", 10, 10));
        const auto painted = make_picture(64, 64);
        CHECK_FALSE(scale_picture(std::string_view(painted.bytes).substr(0, 60), 10, 10));
    }

    TEST_CASE("sandbox pictures: fit() keeps the aspect ratio within the requested size")
    {
        const picture_size original{400, 300};
        CHECK(fit(original, 0, 0) == original);
        CHECK(fit(original, 200, 0) == picture_size{200, 150});
        CHECK(fit(original, 0, 150) == picture_size{200, 150});
        CHECK(fit(original, 200, 200) == picture_size{200, 150});
        CHECK(fit(original, 400, 30) == picture_size{40, 30});
        CHECK(fit(original, 4000, 3000) == original);
        CHECK(fit(original, 1, 0) == picture_size{1, 1});
        CHECK(fit({10'000, 1}, 100, 0) == picture_size{100, 1});
    }

    TEST_CASE("sandbox pictures: scale_picture() returns a picture of the requested size")
    {
        const auto scale = [](std::string_view type, unsigned width, unsigned height) {
            const auto scaled = scale_picture(make_picture(120, 80, type).bytes, width, height);
            REQUIRE(scaled);
            const auto info = inspect_picture(scaled->bytes);
            REQUIRE(info);
            CHECK(info->content_type == scaled->content_type);
            CHECK(info->width == scaled->width);
            CHECK(info->height == scaled->height);
            return *info;
        };
        CHECK(scale("image/png", 60, 0).height == 40);
        CHECK(scale("image/png", 60, 0).content_type == "image/png");
        CHECK(scale("image/jpeg", 0, 20).width == 30);
        CHECK(scale("image/jpeg", 0, 20).content_type == "image/jpeg");
        CHECK(scale("image/gif", 12, 12).height == 8);
        CHECK(scale("image/gif", 12, 12).content_type == "image/png");
    }

    TEST_CASE("sandbox pictures: make_picture() is deterministic")
    {
        CHECK(make_picture(10, 10).bytes == make_picture(10, 10).bytes);
        CHECK(make_picture(10, 10).bytes != make_picture(10, 11).bytes);
    }
}

TEST_SUITE("sandbox pattern")
{
    TEST_CASE("sandbox pattern: it begins like splitmix64 with seed 0, in little-endian order")
    {
        std::array<unsigned char, 16> begin{};
        fill_pattern(0, begin);
        const std::array<unsigned char, 16> expected{0xaf, 0xcd, 0x1d, 0x7b, 0x39, 0xa8,
                                                     0x20, 0xe2, 0xf4, 0x65, 0xb9, 0xa1,
                                                     0x6a, 0x9e, 0x78, 0x6e};
        CHECK(begin == expected);
    }

    TEST_CASE("sandbox pattern: it is the same for every offset and size")
    {
        constexpr std::uint64_t distant = (std::uint64_t{5} << 32) - 3;
        for (const std::uint64_t start : {std::uint64_t{0}, distant}) {
            for (std::size_t offset = 0; offset < 20; ++offset) {
                for (std::size_t size = 0; size < 30; ++size) {
                    std::string piece(size, '\0');
                    fill_pattern(start + offset, piece);
                    std::string bytes;
                    for (std::size_t i = 0; i < size; ++i)
                        bytes += static_cast<char>(pattern_byte(start + offset + i));
                    CHECK(piece == bytes);
                }
            }
        }
    }
}
