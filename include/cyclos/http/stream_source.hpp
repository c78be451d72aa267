//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_STREAM_SOURCE_HPP
#define CYCLOS_HTTP_STREAM_SOURCE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/body_source.hpp>
#include <cyclos/net/error.hpp>

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

namespace cyclos::inline CYCLOS_ABI {

/** What a source that knows nothing of itself has to be told.

    @warning An aggregate of views, as all options: they have to last for the call only.
*/
struct source_options
{
    /// The bytes that there will be, where that is known. An upload of unknown length goes out in chunks.
    std::optional<std::uint64_t> length = {};

    /// The file name that is sent.
    std::string_view file_name = "image";

    /// The media type that is sent; told from the first bytes where it is empty.
    std::string_view media_type = {};
};

static_assert(std::is_aggregate_v<source_options> && std::is_trivially_destructible_v<source_options>);

namespace detail {

/// What there is to say of a source that its bytes do not tell.
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

/** Any stream of Asio's that can be read: a socket, a pipe, a TLS stream.

    The stream is owned where it is given as a value. Where it is given by `std::ref`, it has to outlive the upload, and
    nobody else may use it meanwhile. Its operations are begun on the executor of the client, and complete there. With a
    known length, just that many bytes are read, so that a stream which goes on behind them can be.

    @code
    asio::readable_pipe camera{context};
    // ...
    auto stored = co_await images.upload_temp_image(
        cyclos::stream_source(std::move(camera), {.file_name = "live.jpg", .media_type = "image/jpeg"}));
    @endcode
*/
template <class AsyncReadStream>
class stream_source final : public detail::described_source
{
public:
    explicit stream_source(AsyncReadStream stream, source_options options = {})
        : described_source(options)
        , stream_(std::move(stream))
        , left_(options.length)
    {}

    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override
    {
        if (left_) {
            target =
                boost::asio::buffer(target, static_cast<std::size_t>(std::min<std::uint64_t>(target.size(), *left_)));
        }
        if (target.size() == 0) {
            co_return std::size_t{0};
        }
        error_code ec;
        std::unwrap_reference_t<AsyncReadStream>& stream = stream_;
        const std::size_t bytes = co_await stream.async_read_some(
            boost::asio::buffer(target), boost::asio::redirect_error(boost::asio::use_awaitable, ec));
        if (ec && ec != boost::asio::error::eof) {
            error_context where;
            where.detail = ec.message();
            throw error(errc::source_failed, std::move(where));
        }
        if (left_) {
            *left_ -= bytes;
        }
        co_return bytes;
    }

    /// @cond internal
    bool opens_with_connection() const override { return true; }
    /// @endcond

private:
    AsyncReadStream stream_;
    std::optional<std::uint64_t> left_;
};

/** A coroutine of the user's: a function object that is given a buffer, and returns an awaitable of the bytes that it
    has put there, at least one; 0 says that there are no more.

    It is kept until the upload has ended, so what it captures lasts as long as its coroutines do.

    @code
    auto read = [&](asio::mutable_buffer target) -> asio::awaitable<std::size_t> {
        co_return co_await archive.read(entry, target);
    };
    auto stored = co_await images.upload_ad_image("42", cyclos::coroutine_source(read, {.file_name = "chair.png"}));
    @endcode
*/
class coroutine_source final : public detail::described_source
{
public:
    using read_function = std::function<boost::asio::awaitable<std::size_t>(boost::asio::mutable_buffer)>;
    using rewind_function = std::function<boost::asio::awaitable<void>()>;

    /// @param rewind Goes back to the beginning; empty where that is not possible.
    explicit coroutine_source(read_function read, source_options options = {}, rewind_function rewind = {})
        : described_source(options)
        , read_(std::move(read))
        , rewind_(std::move(rewind))
    {}

    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override { return read_(target); }

    bool rewindable() const override { return rewind_ != nullptr; }
    boost::asio::awaitable<void> rewind() override { return rewind_ ? rewind_() : body_source::rewind(); }

private:
    read_function read_;
    rewind_function rewind_;
};

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_HTTP_STREAM_SOURCE_HPP
