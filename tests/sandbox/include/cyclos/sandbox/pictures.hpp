//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_PICTURES_HPP
#define CYCLOS_SANDBOX_PICTURES_HPP

#include <optional>
#include <string>
#include <string_view>

namespace cyclos::sandbox {

/// What the head of a picture tells.
struct picture_info
{
    std::string content_type = {}; ///< `image/png`, `image/jpeg` or `image/gif`.
    unsigned width = 0;
    unsigned height = 0;
};

struct picture_size
{
    unsigned width = 0;
    unsigned height = 0;

    friend bool operator==(const picture_size&, const picture_size&) = default;
};

/// A picture that was encoded.
struct picture
{
    std::string content_type = {};
    std::string bytes = {};
    unsigned width = 0;
    unsigned height = 0;
};

/// Reads type and size, for which the beginning of a file is enough; nothing where it is no PNG, JPEG or GIF.
std::optional<picture_info> inspect_picture(std::string_view bytes);

/// The largest size of the same ratio that fits, never more than the original; a limit of 0 is none.
picture_size fit(picture_size original, unsigned max_width, unsigned max_height) noexcept;

/// Scales a picture so. PNG and JPEG stay what they are, a GIF becomes a PNG; nothing where it cannot be decoded.
std::optional<picture> scale_picture(std::string_view bytes, unsigned max_width, unsigned max_height);

/// Paints a test picture, the same for the same arguments. Types: `image/png`, `image/jpeg` and `image/gif`.
picture make_picture(unsigned width, unsigned height, std::string_view content_type = "image/png");

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_PICTURES_HPP
