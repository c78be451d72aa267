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

/// The properties of a picture that its first bytes contain.
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

/// An encoded picture.
struct picture
{
    std::string content_type = {};
    std::string bytes = {};
    unsigned width = 0;
    unsigned height = 0;
};

/// Reads the type and the size of a picture, from the beginning of its file.
/// @return `std::nullopt` unless it is a PNG, JPEG or GIF.
std::optional<picture_info> inspect_picture(std::string_view bytes);

/// The largest size with the same aspect ratio that is within the limits and not above the
/// original. A limit of 0 means no limit.
picture_size fit(picture_size original, unsigned max_width, unsigned max_height) noexcept;

/// Scales a picture down to the size that @ref fit returns. PNG and JPEG keep their type, a GIF
/// becomes a PNG. @return `std::nullopt` if the picture cannot be decoded.
std::optional<picture> scale_picture(std::string_view bytes, unsigned max_width,
                                     unsigned max_height);

/// Creates a test picture. The same arguments always give the same picture.
/// @param content_type `image/png`, `image/jpeg` or `image/gif`.
picture make_picture(unsigned width, unsigned height, std::string_view content_type = "image/png");

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_PICTURES_HPP
