//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_CONTENT_HPP
#define CYCLOS_IMAGES_CONTENT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/header_fields.hpp>
#include <cyclos/http/response.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace cyclos {

/// How image_content::save_to() saves.
struct save_options
{
    /// An existing file is replaced. Otherwise it stays, and errc::target_exists is thrown.
    bool overwrite = true;
};

static_assert(std::is_trivially_destructible_v<save_options>);

/** The content of an image, which is read as it comes.

    It holds its connection until it has been read to the end; where it is dropped before, the connection is closed.
    What is not read is not taken off the network either.

    One function may run at a time. It may be awaited on any executor. All three types of cancellation end the
    transfer and the connection.
*/
class image_content
{
public:
    /// Content with nothing in it.
    image_content() = default;

    image_content(image_content&&) noexcept = default;
    image_content& operator=(image_content&&) noexcept = default;

    /// The media type, as the server says.
    std::string_view content_type() const noexcept { return response_.fields()["Content-Type"]; }

    /// The bytes in all, where the server says.
    std::optional<std::uint64_t> content_length() const noexcept { return response_.content_length(); }

    /// The header fields of the response.
    const header_fields& headers() const noexcept { return response_.fields(); }

    /// Whether it has been read to the end.
    bool done() const noexcept { return response_.done(); }

    /** Reads some bytes.

        @return The bytes read; 0 at the end.
        @throws cyclos::error, such as errc::connection_lost where the content breaks off.
    */
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target);

    /** Saves the rest to a file.

        It is written to a file beside the target, which is renamed once it is whole: the target never holds a part,
        and after an error or a cancellation nothing is left.

        @return The bytes written.
        @throws cyclos::error, with errc::target_failed or errc::target_exists where it is the file's fault.

        @code
        auto content = co_await images.get_image_content(id, {.width = 200});
        co_await content.save_to("portrait-200.png");
        @endcode
    */
    CYCLOS_DECL boost::asio::awaitable<std::uint64_t> save_to(std::filesystem::path target, save_options options = {});

    /** Writes the rest to a stream of Asio's, whatever it is: a socket, a pipe, a TLS stream.

        A write to a pipe that nobody reads any more raises SIGPIPE, as Asio does nothing about that.

        @return The bytes written.
        @throws cyclos::error for what is wrong with the content, `boost::system::system_error` as the stream throws.
    */
    template <class AsyncWriteStream>
    boost::asio::awaitable<std::uint64_t> write_to(AsyncWriteStream& stream)
    {
        const auto block = std::make_unique_for_overwrite<char[]>(block_size);
        std::uint64_t total = 0;
        while (const std::size_t bytes = co_await read_some(boost::asio::buffer(block.get(), block_size))) {
            co_await boost::asio::async_write(stream, boost::asio::buffer(block.get(), bytes),
                                              boost::asio::use_awaitable);
            total += bytes;
        }
        co_return total;
    }

    /** Reads the rest into memory.

        @throws cyclos::error with errc::body_limit where it is more than the limit.
    */
    CYCLOS_DECL boost::asio::awaitable<std::string> read_all(std::uint64_t limit);

    /// @cond internal
    image_content(http::response answer, boost::asio::any_io_executor executor)
        : response_(std::move(answer))
        , executor_(std::move(executor))
    {}
    /// @endcond

private:
    static constexpr std::size_t block_size = 128 * 1024;

    [[noreturn]] CYCLOS_DECL void fail_target(const std::filesystem::path& target, const error_code& why) const;
    CYCLOS_DECL boost::asio::awaitable<std::uint64_t> save(std::filesystem::path target, save_options options);

    http::response response_;
    boost::asio::any_io_executor executor_;
};

} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/images/impl/content.ipp>
#endif

#endif // CYCLOS_IMAGES_CONTENT_HPP
