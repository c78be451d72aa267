//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_SOURCE_HPP
#define CYCLOS_HTTP_SOURCE_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos {

/** What an upload reads its bytes from.

    A source is read once, from its beginning to its end. All of its functions are called on the executor of the
    client, one at a time. Where the upload ends before the source, what the source is doing is cancelled (terminal
    cancellation), and the upload waits for that to end: a source is never used after the operation.
*/
class body_source
{
public:
    virtual ~body_source() = default;

    /// Makes ready for reading; called once, before anything is sent. What it throws ends the upload.
    virtual boost::asio::awaitable<void> open() = 0;

    /// The bytes that there are in all, where that is known; asked after open().
    virtual std::optional<std::uint64_t> length() const = 0;

    /// The file name that is sent.
    virtual std::string file_name() const = 0;

    /// The media type that is sent. Where it is empty, it is told from the first bytes.
    virtual std::string media_type() const = 0;

    /// Reads at least one byte; 0 says that there are no more.
    virtual boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) = 0;

protected:
    body_source() = default;
    body_source(const body_source&) = default;
    body_source(body_source&&) = default;
    body_source& operator=(const body_source&) = default;
    body_source& operator=(body_source&&) = default;
};

/// Any body source, owned. An upload takes it by value: nothing has to outlive the call.
class source
{
public:
    template <std::derived_from<body_source> T>
    source(T what) // NOLINT(google-explicit-constructor): a file_source is to be given as it is
        : what_(std::make_unique<T>(std::move(what)))
    {}

    template <std::derived_from<body_source> T>
    source(std::unique_ptr<T> what) // NOLINT(google-explicit-constructor)
        : what_(std::move(what))
    {}

    body_source* operator->() const noexcept { return what_.get(); }
    explicit operator bool() const noexcept { return what_ != nullptr; }

private:
    std::unique_ptr<body_source> what_;
};

/** A file, read in blocks on a thread of its own so that the event loop never waits for a disk.

    The name that is sent is the last part of the path, unless another is given.

    @code
    auto stored = co_await images.upload_ad_image("42", cyclos::file_source("chair.jpg"));
    @endcode
*/
class file_source final : public body_source
{
public:
    CYCLOS_DECL explicit file_source(std::filesystem::path path, std::string file_name = {},
                                     std::string media_type = {});
    CYCLOS_DECL file_source(file_source&&) noexcept;
    CYCLOS_DECL ~file_source() override;

    CYCLOS_DECL boost::asio::awaitable<void> open() override;
    CYCLOS_DECL std::optional<std::uint64_t> length() const override;
    CYCLOS_DECL std::string file_name() const override;
    CYCLOS_DECL std::string media_type() const override;
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override;

private:
    struct state;

    std::filesystem::path path_;
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

private:
    std::string_view all() const noexcept;

    std::string owned_;
    std::span<const std::byte> borrowed_;
    bool owns_;
    std::size_t position_ = 0;
    std::string file_name_;
    std::string media_type_;
};

namespace http {

/// The media type of an image, told from its first bytes; `application/octet-stream` where it is none that is known.
CYCLOS_DECL std::string_view sniff_media_type(std::string_view first_bytes) noexcept;

} // namespace http
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/source.ipp>
#endif

#endif // CYCLOS_HTTP_SOURCE_HPP
