//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_FILE_SOURCE_HPP
#define CYCLOS_FILE_SOURCE_HPP

#include <cyclos/body_source.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The part of a file to upload.
struct file_range
{
    std::uint64_t offset = 0;                 ///< Offset from the beginning of the file, in bytes.
    std::optional<std::uint64_t> length = {}; ///< Length in bytes; not set: up to the end.
};

/** Uploads a file. It is read in blocks on a file thread (see config::file_threads), so the event
    loop never waits for a disk.

    The length is that of the file when it is opened. If the file shrinks or grows during the
    upload, the upload ends with errc::source_changed, and the server stores nothing. A file can be
    rewound, so its upload can be repeated.

    Only regular files can be read. Use a @ref stream_source for a pipe, a socket or a device.

    On Unix, a 32-bit program must be compiled with `_FILE_OFFSET_BITS=64` for files of 2 GiB and
    more. Otherwise they cannot be opened, and the upload ends with errc::source_failed.

    @code
    auto stored = co_await images.upload_ad_image("42", cyclos::file_source("chair.jpg"));
    auto part = co_await images.upload_ad_image(
        "42", cyclos::file_source("camera.bin", "chair.jpg", "image/jpeg",
                                  {.offset = 512, .length = 4096}));
    @endcode

    @par Cancellation
    A file system that does not respond, such as a network file system whose server is gone, cannot
    keep an upload from ending: on cancellation, at the deadline and when the client is closed, the
    pending read is abandoned.

    @par Exceptions
    The upload fails with errc::source_failed if the file cannot be opened or read, is not a regular
    file, or does not contain the range. error::cause() is the error of the system.
*/
class file_source final : public body_source
{
public:
    /** Constructs a source. The file is not opened yet.

        @param path The path of the file.
        @param file_name The file name to send; empty: the last part of the path.
        @param media_type The media type to send; empty: it is detected from the first bytes.
        @param range The part of the file to upload, which must be inside the file.
    */
    CYCLOS_DECL explicit file_source(std::filesystem::path path, std::string file_name = {},
                                     std::string media_type = {}, file_range range = {});
    CYCLOS_DECL file_source(file_source&&) noexcept;
    CYCLOS_DECL ~file_source() override;

    CYCLOS_DECL boost::asio::awaitable<void> open() override;
    CYCLOS_DECL std::optional<std::uint64_t> length() const override;
    CYCLOS_DECL std::string file_name() const override;
    CYCLOS_DECL std::string media_type() const override;
    CYCLOS_DECL boost::asio::awaitable<std::size_t>
    read_some(boost::asio::mutable_buffer target) override;
    bool rewindable() const override { return true; }
    CYCLOS_DECL boost::asio::awaitable<void> rewind() override;

    /// @cond internal
    CYCLOS_DECL boost::asio::awaitable<std::optional<std::uint64_t>> check() override;
    bool opens_with_connection() const override { return true; }
    bool checks_before_connection() const override { return true; }
    CYCLOS_DECL boost::asio::awaitable<std::size_t>
    read_into(detail::shared_block block, boost::asio::mutable_buffer target) override;
    /// @endcond

private:
    struct state;

    CYCLOS_DECL std::uint64_t length_within(std::uint64_t size) const;

    std::filesystem::path path_;
    file_range range_;
    std::string file_name_;
    std::string media_type_;
    std::unique_ptr<state> state_;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/file_source.ipp>
#endif

#endif // CYCLOS_FILE_SOURCE_HPP
