//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_STREAM_SOURCE_HPP
#define CYCLOS_STREAM_SOURCE_HPP

#include <cyclos/body_source.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// Properties of a source whose bytes do not tell them. The views must be valid during the call
/// only.
struct source_options
{
    /// The total number of bytes, if it is known. An upload of unknown length is sent with chunked
    /// transfer coding.
    std::optional<std::uint64_t> length = {};

    /// The file name to send.
    std::string_view file_name = "image";

    /// The media type to send; empty: it is detected from the first bytes.
    std::string_view media_type = {};
};

static_assert(std::is_aggregate_v<source_options> &&
              std::is_trivially_destructible_v<source_options>);

namespace detail {

/// A source whose properties are given by @ref source_options.
class described_source : public body_source
{
public:
    explicit described_source(const source_options& options)
        : length_(options.length)
        , file_name_(options.file_name)
        , media_type_(options.media_type)
    {}

    boost::asio::awaitable<void> open() override { co_return; }
    std::optional<std::uint64_t> length() const override { return length_; }
    std::string file_name() const override { return file_name_; }
    std::string media_type() const override { return media_type_; }
    boost::asio::awaitable<std::optional<std::uint64_t>> check() override { co_return length_; }

private:
    std::optional<std::uint64_t> length_;
    std::string file_name_;
    std::string media_type_;
};

} // namespace detail

/** Uploads from an Asio AsyncReadStream: a socket, a pipe, a TLS stream.

    If the length is known, exactly that many bytes are read, so the stream may continue after them.
    Otherwise it is read to its end. A stream cannot be rewound.

    @tparam AsyncReadStream The type of the stream, or a `std::reference_wrapper` of it.

    @code
    asio::readable_pipe camera{context};
    // ...
    auto stored = co_await images.upload_temp_image(cyclos::stream_source(
        std::move(camera), {.file_name = "live.jpg", .media_type = "image/jpeg"}));
    @endcode

    @par Lifetime
    A stream that is passed by value is owned. A stream that is passed by `std::ref` must outlive
    the upload, and nobody else may use it meanwhile.

    @par Thread safety
    The operations of the stream are started on the executor of the client, and complete there.

    @par Exceptions
    An error of the stream other than the end ends the upload with errc::source_failed. A stream
    that ends before the given length ends it with errc::source_changed.
*/
template <class AsyncReadStream>
class stream_source final : public detail::described_source
{
public:
    /** Constructs a source.

        @param stream The stream, or a reference by `std::ref`.
        @param options The length, the file name and the media type.
    */
    explicit stream_source(AsyncReadStream stream, source_options options = {})
        : described_source(options)
        , stream_(std::move(stream))
        , remaining_(options.length)
    {}

    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override
    {
        if (remaining_) {
            target = boost::asio::buffer(target, static_cast<std::size_t>(std::min<std::uint64_t>(
                                                     target.size(), *remaining_)));
        }
        if (target.size() == 0) {
            co_return std::size_t{0};
        }
        error_code ec;
        std::unwrap_reference_t<AsyncReadStream>& stream = stream_;
        const std::size_t bytes = co_await stream.async_read_some(
            boost::asio::buffer(target),
            boost::asio::redirect_error(boost::asio::use_awaitable, ec));
        if (ec && ec != boost::asio::error::eof) {
            error_context context;
            context.detail = ec.message();
            throw error(errc::source_failed, std::move(context));
        }
        if (remaining_) {
            *remaining_ -= bytes;
        }
        co_return bytes;
    }

    /// @cond internal
    bool opens_with_connection() const override { return true; }
    /// @endcond

private:
    AsyncReadStream stream_;
    std::optional<std::uint64_t> remaining_;
};

/** Uploads the bytes that a coroutine produces.

    The coroutine is a function object that receives a buffer, writes at least one byte into it, and
    returns the number of bytes; 0 at the end.

    @code
    auto read = [&](asio::mutable_buffer target) -> asio::awaitable<std::size_t> {
        co_return co_await archive.read(entry, target);
    };
    auto stored = co_await images.upload_ad_image(
        "42", cyclos::coroutine_source(read, {.file_name = "chair.png"}));
    @endcode

    @par Lifetime
    The function objects are kept until the upload has completed, so their captures outlive their
    coroutines.

    @par Cancellation
    The coroutine must react to terminal cancellation: see @ref body_source.
*/
class coroutine_source final : public detail::described_source
{
public:
    /// Reads bytes into a buffer.
    using read_function =
        std::function<boost::asio::awaitable<std::size_t>(boost::asio::mutable_buffer)>;
    /// Goes back to the beginning.
    using rewind_function = std::function<boost::asio::awaitable<void>()>;

    /** Constructs a source.

        @param read Reads bytes.
        @param options The length, the file name and the media type.
        @param rewind Goes back to the beginning; empty: the source cannot be rewound.
    */
    explicit coroutine_source(read_function read, source_options options = {},
                              rewind_function rewind = {})
        : described_source(options)
        , read_(std::move(read))
        , rewind_(std::move(rewind))
    {}

    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override
    {
        return read_(target);
    }

    bool rewindable() const override { return rewind_ != nullptr; }
    boost::asio::awaitable<void> rewind() override
    {
        return rewind_ ? rewind_() : body_source::rewind();
    }

private:
    read_function read_;
    rewind_function rewind_;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_STREAM_SOURCE_HPP
