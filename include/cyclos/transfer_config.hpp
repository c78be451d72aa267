//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TRANSFER_CONFIG_HPP
#define CYCLOS_TRANSFER_CONFIG_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** Checks before an upload, and `Expect: 100-continue`.

    The checks save sending an image that the server would reject anyway. An image that fails one is
    errc::source_rejected.

    They are made before anything is sent, if the source knows its length and the first bytes
    suffice. A source of unknown length that turns out to be too long ends the upload before the end
    of the request, so that the server stores nothing.
*/
class upload_config
{
public:
    /** Uploads of at least this many bytes, and those of unknown length, send
        `Expect: 100-continue` and wait before they send the image, so that the server can reject
        them early. If it is not set, no upload does. */
    std::optional<std::uint64_t> expect_continue_threshold = {};

    /// How long to wait for 100 Continue before sending the image anyway, since not every server
    /// sends it (RFC 9110, section 10.1.1).
    std::chrono::milliseconds continue_timeout{1000};

    /// Maximum size of an image, in bytes.
    std::optional<std::uint64_t> max_size = {};

    /// Allowed media types, such as `image/png`; empty: all.
    std::vector<std::string> media_types = {};

    /// Maximum width of a PNG, JPEG or GIF, in pixels. If the first bytes do not tell the
    /// dimensions, the image passes.
    std::optional<std::uint32_t> max_width = {};

    /// Maximum height of a PNG, JPEG or GIF, in pixels.
    std::optional<std::uint32_t> max_height = {};
};

/// Resuming of interrupted downloads.
class download_config
{
public:
    /** How often a download that breaks off is resumed where it stopped, by a range request
        (`Range`, `If-Range`); 0: never.

        That requires a server that sent the length and a strong `ETag`, and accepts ranges.
        Otherwise, and after the last resumption, a download that breaks off fails. */
    unsigned max_resumes = 3;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_TRANSFER_CONFIG_HPP
