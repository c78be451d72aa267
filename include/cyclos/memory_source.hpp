//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_MEMORY_SOURCE_HPP
#define CYCLOS_MEMORY_SOURCE_HPP

#include <cyclos/body_source.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// Uploads bytes in memory. A string is owned; a span is borrowed. Memory can be rewound, so its
/// upload can be repeated.
class memory_source final : public body_source
{
public:
    /** Takes ownership of the bytes.

        @param bytes The image.
        @param file_name The file name to send.
        @param media_type The media type to send; empty: it is detected from the first bytes.
    */
    CYCLOS_DECL explicit memory_source(std::string bytes, std::string file_name = "image",
                                       std::string media_type = {});

    /** Borrows the bytes.

        @param bytes The image. The memory must remain valid until the upload has completed.
        @param file_name The file name to send.
        @param media_type The media type to send; empty: it is detected from the first bytes.
    */
    CYCLOS_DECL explicit memory_source(std::span<const std::byte> bytes,
                                       std::string file_name = "image",
                                       std::string media_type = {});

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

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/memory_source.ipp>
#endif

#endif // CYCLOS_MEMORY_SOURCE_HPP
