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

/// An image that is on its way in.
class upload
{
public:
    struct limits
    {
        std::uint64_t file_size = 0;
        std::uint64_t request = 0;
        std::uint64_t kept = 0;            ///< Of the file.
        std::uint64_t room = 0;            ///< What there is left for all files.
        bool replace_with_pattern = false; ///< A file beyond these is kept no further than its first KiB.
        bool strict = true;
        bool digest = true;
        bool check_picture = false;
    };

    /// Called with the whole image, for the answer.
    using commit = std::function<reply(image)>;

    upload(std::string_view content_type, const limits& allowed, commit on_image);
    upload(const upload&) = delete;
    upload& operator=(const upload&) = delete;

    /// Takes more of the body. False where the answer is known already, so that the rest does not matter.
    bool write(std::string_view bytes);

    /// The answer, once the body is whole or does not matter.
    reply finish();

private:
    void take(std::string_view bytes);

    limits limits_;
    commit commit_;
    multipart_parser parser_;
    std::optional<sha256> digest_;
    std::string kept_;
    std::uint64_t size_ = 0;
    std::uint64_t received_ = 0;
    std::optional<reply> refusal_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_UPLOAD_HPP
