//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_SOURCE_HPP
#define CYCLOS_HTTP_SOURCE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/body_source.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI {

/// The part of a file that is uploaded.
struct file_range
{
    std::uint64_t offset = 0;                 ///< From the beginning of the file.
    std::optional<std::uint64_t> length = {}; ///< The rest of the file where it is not given.
};

/** A file, read in blocks on a thread of its own so that the event loop never waits for a disk.

    The name that is sent is the last part of the path, unless another is given. The length is that of the file when it
    is opened: one that shrinks or grows meanwhile ends the upload with errc::source_changed, and nothing is stored.

    Only a regular file can be read; a @ref stream_source uploads from a pipe, a socket or a device. A file whose system
    does not answer, such as a network file system without its server, does not keep an upload from ending: it is left
    behind on cancellation, at the deadline and when the client is closed.

    On Unix, a program of 32 bits has to be compiled with `_FILE_OFFSET_BITS=64` for files of 2 GiB and more. Without it
    they cannot be opened: the upload ends with errc::source_failed.

    @code
    auto stored = co_await images.upload_ad_image("42", cyclos::file_source("chair.jpg"));
    auto part = co_await images.upload_ad_image(
        "42", cyclos::file_source("camera.bin", "chair.jpg", "image/jpeg", {.offset = 512, .length = 4096}));
    @endcode
*/
class file_source final : public body_source
{
public:
    /// @param range The part of the file that is read, which has to be inside.
    CYCLOS_DECL explicit file_source(std::filesystem::path path, std::string file_name = {},
                                     std::string media_type = {}, file_range range = {});
    CYCLOS_DECL file_source(file_source&&) noexcept;
    CYCLOS_DECL ~file_source() override;

    CYCLOS_DECL boost::asio::awaitable<void> open() override;
    CYCLOS_DECL std::optional<std::uint64_t> length() const override;
    CYCLOS_DECL std::string file_name() const override;
    CYCLOS_DECL std::string media_type() const override;
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override;
    bool rewindable() const override { return true; }
    CYCLOS_DECL boost::asio::awaitable<void> rewind() override;

    /// @cond internal
    CYCLOS_DECL boost::asio::awaitable<std::optional<std::uint64_t>> check() override;
    bool opens_with_connection() const override { return true; }
    bool checked_first() const override { return true; }
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_into(detail::shared_block block,
                                                              boost::asio::mutable_buffer target) override;
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

/// Bytes in memory: owned where they are given as a string, borrowed where they are given as a span.
class memory_source final : public body_source
{
public:
    /// Owns the bytes.
    CYCLOS_DECL explicit memory_source(std::string bytes, std::string file_name = "image", std::string media_type = {});

    /// Borrows the bytes, which have to stay until the upload has ended.
    CYCLOS_DECL explicit memory_source(std::span<const std::byte> bytes, std::string file_name = "image",
                                       std::string media_type = {});

    CYCLOS_DECL boost::asio::awaitable<void> open() override;
    CYCLOS_DECL std::optional<std::uint64_t> length() const override;
    CYCLOS_DECL std::string file_name() const override;
    CYCLOS_DECL std::string media_type() const override;
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override;
    bool rewindable() const override { return true; }
    CYCLOS_DECL boost::asio::awaitable<void> rewind() override;

    /// @cond internal
    CYCLOS_DECL boost::asio::awaitable<std::optional<std::uint64_t>> check() override;
    bool opens_with_connection() const override { return true; }
    /// @endcond

private:
    std::string_view all() const noexcept;

    std::string owned_;
    std::span<const std::byte> borrowed_;
    bool owns_;
    std::size_t position_ = 0;
    std::string file_name_;
    std::string media_type_;
};

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/source.ipp>
#endif

#endif // CYCLOS_HTTP_SOURCE_HPP
