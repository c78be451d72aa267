//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_TRANSFER_OPTIONS_HPP
#define CYCLOS_HTTP_TRANSFER_OPTIONS_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cyclos::inline CYCLOS_ABI {

/** How uploads go.

    The checks save a trip to a server that would refuse the image anyway. They are made before anything is sent, as far
    as the source tells its length and its first bytes are enough; otherwise a source that turns out to be too long ends
    the upload before its end, so that nothing is stored. What fails is errc::source_refused.
*/
class upload_config
{
public:
    /** Uploads of so many bytes or more, and those of unknown length, ask the server before they send the image
        (`Expect: 100-continue`): one that refuses them does so before it was sent. None does where it is not set. */
    std::optional<std::uint64_t> expect_continue_from = {};

    /// How long they wait for its word, since not every server gives one (RFC 9110, section 10.1.1).
    std::chrono::milliseconds continue_timeout{1000};

    /// The bytes that an image may have.
    std::optional<std::uint64_t> max_size = {};

    /// The media types that an image may have; any where there are none.
    std::vector<std::string> media_types = {};

    /// The pixels that a PNG, JPEG or GIF may have in each direction. What cannot be told passes.
    std::optional<std::uint32_t> max_width = {};
    std::optional<std::uint32_t> max_height = {};
};

/// How downloads go.
class download_config
{
public:
    /** How often a content that breaks off is continued where it did, by a request for the rest (`Range`, `If-Range`).
        That is possible where the server gave the length and a strong `ETag`, and takes ranges. 0: a content that
        breaks off has failed. */
    unsigned max_resumes = 3;
};

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_HTTP_TRANSFER_OPTIONS_HPP
