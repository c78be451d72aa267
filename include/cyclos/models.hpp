//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_MODELS_HPP
#define CYCLOS_MODELS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/enums.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** An image.

    All members are optional, here and in the other models that are read from JSON: a server leaves
    out what is not set, what its version does not support, and what the `fields` parameter of the
    request excludes. An absent enumeration is open_enum::empty().
*/
struct image
{
    std::optional<std::string> id = {};           ///< Identifier, usually a 64-bit number.
    std::optional<std::string> name = {};         ///< Name that was given at the upload.
    std::optional<std::string> content_type = {}; ///< Media type, such as `image/png`.
    std::optional<std::uint64_t> length = {};     ///< Size of the content in bytes.
    std::optional<std::string> url = {};          ///< URL of the content, maybe on another host.
    std::optional<std::uint32_t> width = {};      ///< Width in pixels.
    std::optional<std::uint32_t> height = {};     ///< Height in pixels.

    friend bool operator==(const image&, const image&) = default;
};

/// The details of an image.
struct image_view : image
{
    open_enum<image_kind> kind = {}; ///< What the image belongs to.

    /// Whether the server has converted the uploaded image to JPEG.
    std::optional<bool> converted_to_jpeg = {};

    friend bool operator==(const image_view&, const image_view&) = default;
};

/// The images of a user or an advertisement, and what the caller may do with them.
struct images_list_data
{
    std::optional<bool> can_manage = {}; ///< Sent by Cyclos before 4.16: prefer may_edit().
    std::optional<bool> can_edit = {};   ///< Sent by Cyclos 4.16: prefer may_edit().
    std::optional<bool> can_create = {}; ///< Whether the caller may add an image now.
    std::optional<std::uint32_t> max_images = {};      ///< Maximum number of images.
    open_enum<cyclos::availability> availability = {}; ///< Whether images are allowed or required.
    std::optional<std::vector<image>> images = {};     ///< The images, in order.

    /// Whether the caller may change, reorder and remove the images, with either version of the
    /// server.
    std::optional<bool> may_edit() const noexcept { return can_edit ? can_edit : can_manage; }

    friend bool operator==(const images_list_data&, const images_list_data&) = default;
};

/// The result of an upload.
struct uploaded_image
{
    std::string id = {}; ///< Identifier of the new image.

    /// URL of its content as the server sent it (`Location`): absolute or relative.
    std::optional<std::string> location = {};

    friend bool operator==(const uploaded_image&, const uploaded_image&) = default;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_MODELS_HPP
