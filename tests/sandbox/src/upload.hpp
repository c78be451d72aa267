//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_UPLOAD_HPP
#define CYCLOS_SANDBOX_SRC_UPLOAD_HPP

#include <cyclos/sandbox/multipart_parser.hpp>
#include <cyclos/sandbox/store.hpp>

#include "digest.hpp"
#include "reply.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::sandbox {

/// An upload in progress: parses the body and stores the image.
class upload
{
public:
    struct limits
    {
        std::uint64_t file_size = 0;
        std::uint64_t request = 0;
        std::uint64_t kept = 0;      ///< Bytes of the file that may be kept.
        std::uint64_t available = 0; ///< Bytes that are available for the content of all images.
        bool replace_with_pattern = false; ///< If the file exceeds these, keep its first KiB only.
        bool strict = true;
        bool digest = true;
        bool check_picture = false;
    };

    /// Stores the complete image and returns the response.
    using commit = std::function<reply(image)>;

    upload(std::string_view content_type, const limits& allowed, commit on_image);
    upload(const upload&) = delete;
    upload& operator=(const upload&) = delete;

    /// Processes the next bytes of the body. @return False if the upload has failed: the rest of
    /// the body is not needed.
    bool write(std::string_view bytes);

    /// Returns the response. Must be called when the body is complete or @ref write has returned
    /// false.
    reply finish();

private:
    void append(std::string_view bytes);

    limits limits_;
    commit commit_;
    multipart_parser parser_;
    std::optional<sha256> digest_;
    std::string kept_;
    std::uint64_t size_ = 0;
    std::uint64_t received_ = 0;
    std::optional<reply> error_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_UPLOAD_HPP
