//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/sandbox/pictures.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

// The implementation of stb is part of this file. Its functions are static, so that they do not
// conflict with those of a program that contains stb itself.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#endif
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_WRITE_NO_STDIO
#define STBI_MAX_DIMENSIONS 16384
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#define STB_IMAGE_RESIZE_STATIC
#define STB_IMAGE_RESIZE_IMPLEMENTATION
// stb has replaced version 1 of this header by version 2. Distributions install one of them or
// both.
#if __has_include(<stb_image_resize.h>)
#include <stb_image_resize.h>
#else
#include <stb_image_resize2.h>
#endif
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace cyclos::sandbox {

namespace {

constexpr int jpeg_quality = 90;

const stbi_uc* octets(std::string_view bytes) noexcept
{
    return reinterpret_cast<const stbi_uc*>(bytes.data());
}

int to_int(std::size_t value) noexcept
{
    return static_cast<int>(std::min<std::size_t>(value, INT_MAX));
}

std::string_view sniff(std::string_view bytes) noexcept
{
    using namespace std::string_view_literals;
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv))
        return "image/png";
    if (bytes.starts_with("\xff\xd8\xff"sv))
        return "image/jpeg";
    if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv))
        return "image/gif";
    return {};
}

void append(void* target, void* data, int size)
{
    static_cast<std::string*>(target)->append(static_cast<const char*>(data),
                                              static_cast<std::size_t>(size));
}

// Encodes a GIF without compression. A clear code before the code width would grow keeps all codes
// 8 bits wide, so each code is one byte.
std::string encode_gif(unsigned width, unsigned height, const std::vector<stbi_uc>& rgb)
{
    constexpr unsigned code_bits = 7, clear = 1u << code_bits, stop = clear + 1, run = 126;

    std::string out = "GIF89a";
    const auto put = [&out](unsigned value) { out += static_cast<char>(value); };
    const auto put16 = [&put](unsigned value) { put(value & 0xff), put(value >> 8); };
    put16(width), put16(height);
    put(0x80 | (code_bits - 1)), put(0), put(0);
    for (unsigned gray = 0; gray < clear; ++gray)
        put(gray * 2), put(gray * 2), put(gray * 2);
    put(','), put16(0), put16(0), put16(width), put16(height), put(0);

    std::string codes;
    for (std::size_t pixel = 0; pixel < rgb.size() / 3; ++pixel) {
        if (pixel % run == 0)
            codes += static_cast<char>(clear);
        codes += static_cast<char>(rgb[pixel * 3] / 2);
    }
    codes += static_cast<char>(stop);

    put(code_bits);
    for (std::size_t position = 0; position < codes.size(); position += 255) {
        const auto block = std::string_view(codes).substr(position, 255);
        put(static_cast<unsigned>(block.size()));
        out += block;
    }
    put(0), put(';');
    return out;
}

} // namespace

std::optional<picture_info> inspect_picture(std::string_view bytes)
{
    const auto type = sniff(bytes);
    int width = 0, height = 0, channels = 0;
    if (type.empty() ||
        stbi_info_from_memory(octets(bytes), to_int(bytes.size()), &width, &height, &channels) == 0)
        return std::nullopt;
    if (width == 0 || height == 0) // The result of stb for a truncated GIF.
        return std::nullopt;
    return picture_info{std::string(type), static_cast<unsigned>(width),
                        static_cast<unsigned>(height)};
}

picture_size fit(picture_size original, unsigned max_width, unsigned max_height) noexcept
{
    double factor = 1;
    if (max_width != 0)
        factor = std::min(factor, double(max_width) / original.width);
    if (max_height != 0)
        factor = std::min(factor, double(max_height) / original.height);
    const auto scaled = [factor](unsigned length) {
        return std::max(1u, static_cast<unsigned>(std::lround(length * factor)));
    };
    return {scaled(original.width), scaled(original.height)};
}

std::optional<picture> scale_picture(std::string_view bytes, unsigned max_width,
                                     unsigned max_height)
{
    const auto type = sniff(bytes);
    int width = 0, height = 0, channels = 0;
    if (type.empty())
        return std::nullopt;
    const std::unique_ptr<stbi_uc, decltype(&std::free)> pixels{
        stbi_load_from_memory(octets(bytes), to_int(bytes.size()), &width, &height, &channels, 0),
        &std::free};
    if (!pixels)
        return std::nullopt;

    const auto size =
        fit({static_cast<unsigned>(width), static_cast<unsigned>(height)}, max_width, max_height);
    const auto new_width = static_cast<int>(size.width), new_height = static_cast<int>(size.height);
    std::vector<stbi_uc> scaled(std::size_t(size.width) * size.height *
                                static_cast<std::size_t>(channels));
#if defined(STBIR_INCLUDE_STB_IMAGE_RESIZE2_H)
    const bool resized = stbir_resize_uint8_linear(
                             pixels.get(), width, height, 0, scaled.data(), new_width, new_height,
                             0, static_cast<stbir_pixel_layout>(channels)) != nullptr;
#else
    const bool resized = stbir_resize_uint8(pixels.get(), width, height, 0, scaled.data(),
                                            new_width, new_height, 0, channels) != 0;
#endif
    if (!resized)
        return std::nullopt;

    picture result{type == "image/jpeg" ? "image/jpeg" : "image/png", {}, size.width, size.height};
    const bool encoded = type == "image/jpeg"
                             ? stbi_write_jpg_to_func(append, &result.bytes, new_width, new_height,
                                                      channels, scaled.data(), jpeg_quality)
                             : stbi_write_png_to_func(append, &result.bytes, new_width, new_height,
                                                      channels, scaled.data(), 0);
    if (!encoded)
        return std::nullopt;
    return result;
}

picture make_picture(unsigned width, unsigned height, std::string_view content_type)
{
    std::vector<stbi_uc> rgb;
    rgb.reserve(std::size_t(width) * height * 3);
    for (unsigned y = 0; y < height; ++y)
        for (unsigned x = 0; x < width; ++x)
            for (const auto level : {x * 255 / width, y * 255 / height, (x ^ y) & 255u})
                rgb.push_back(static_cast<stbi_uc>(level));

    picture result{std::string(content_type), {}, width, height};
    const auto w = static_cast<int>(width), h = static_cast<int>(height);
    if (content_type == "image/gif")
        result.bytes = encode_gif(width, height, rgb);
    else if (content_type == "image/jpeg")
        stbi_write_jpg_to_func(append, &result.bytes, w, h, 3, rgb.data(), jpeg_quality);
    else
        stbi_write_png_to_func(append, &result.bytes, w, h, 3, rgb.data(), 0);
    return result;
}

} // namespace cyclos::sandbox
