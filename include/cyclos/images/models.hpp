//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_MODELS_HPP
#define CYCLOS_IMAGES_MODELS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/images/enums.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cyclos::inline CYCLOS_ABI {

/** What is known of an image.

    Every member is optional, here and in the other models: a server leaves out what is not set, what
    it does not know, and what the `fields` of the request did not ask for. An enumeration that is
    absent is open_enum::empty().
*/
struct image
{
    std::optional<std::string> id = {};           ///< The identifier, most often a 64-bit number.
    std::optional<std::string> name = {};         ///< The name that was given at the upload.
    std::optional<std::string> content_type = {}; ///< The media type, such as `image/png`.
    std::optional<std::uint64_t> length = {};     ///< The size of the content in bytes.
    std::optional<std::string> url = {};          ///< Where the content is. It can be on another host than the API.
    std::optional<std::uint32_t> width = {};      ///< In pixels.
    std::optional<std::uint32_t> height = {};     ///< In pixels.

    friend bool operator==(const image&, const image&) = default;
};

/// The details of one image.
struct image_view : image
{
    open_enum<image_kind> kind = {};            ///< What the image depicts.
    std::optional<bool> converted_to_jpeg = {}; ///< Whether the server has converted what was uploaded.

    friend bool operator==(const image_view&, const image_view&) = default;
};

/// The images of a user or an advertisement, and what may be done with them.
struct images_list_data
{
    std::optional<bool> can_manage = {};               ///< As Cyclos before 4.16 says it: prefer @ref may_edit.
    std::optional<bool> can_edit = {};                 ///< As Cyclos 4.16 says it: prefer @ref may_edit.
    std::optional<bool> can_create = {};               ///< Whether the caller may add an image now.
    std::optional<std::uint32_t> max_images = {};      ///< How many images there may be.
    open_enum<cyclos::availability> availability = {}; ///< Whether there may be, or have to be, images.
    std::optional<std::vector<image>> images = {};     ///< The images, in their order.

    /// Whether the caller may change, reorder and remove the images, in the terms of either version.
    std::optional<bool> may_edit() const noexcept { return can_edit ? can_edit : can_manage; }

    friend bool operator==(const images_list_data&, const images_list_data&) = default;
};

/// What an upload has made.
struct uploaded_image
{
    std::string id = {};                      ///< The identifier of the new image.
    std::optional<std::string> location = {}; ///< The URL of its content, as the server wrote it: maybe relative.

    friend bool operator==(const uploaded_image&, const uploaded_image&) = default;
};

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_IMAGES_MODELS_HPP
