//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGE_CONTENT_HPP
#define CYCLOS_IMAGE_CONTENT_HPP

#include <cyclos/body_source.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>
#include <cyclos/header_fields.hpp>
#include <cyclos/operation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {
class bounded_file_work;
class download;
class new_file;
} // namespace detail

/// Options of image_content::save_to().
struct save_options
{
    /// Replaces an existing file. Otherwise errc::target_exists is thrown, and the file is kept.
    bool overwrite = true;

    /// Makes the file survive a power failure: `fsync` flushes its bytes before it is renamed, and
    /// the folder afterwards. If only flushing the folder fails, errc::target_failed says so in its
    /// details; the file is then in place, and an existing file has been replaced.
    bool durable = false;
};

static_assert(std::is_trivially_destructible_v<save_options>);

/** Checks a target of image_content::save_to() before anything is downloaded.

    It performs the first steps of save_to() on a file thread, and leaves no file behind. A pipe or
    a device is not opened.

    @param target The path of the file.
    @param options The options that save_to() will be called with.

    @throws cyclos::error with errc::target_exists if the file exists and may not be overwritten,
    and with errc::target_failed if it cannot be written. error::cause() is the error of the system.

    @par Thread safety
    May be called from any thread and awaited on any executor.

    @par Cancellation
    All types of cancellation end it with errc::cancelled, within half a second even if the file
    system does not respond.
*/
CYCLOS_DECL operation<void> check_save_target(std::filesystem::path target,
                                              save_options options = {});

/** The content of an image, as a stream that is read from the network on demand.

    An interrupted download is resumed if the server supports it: see @ref download_config.

    An image_content models Asio's AsyncReadStream. It is also a source of uploads, so an image can
    be copied from one server to another in constant memory:

    @code
    co_await there.upload_ad_image("42", co_await here.get_image_content("17"));
    @endcode

    @par Back-pressure
    Bytes that the caller does not read stay in the network: the library does not buffer the image.
    The content holds its connection until it has been read to the end. If it is destroyed earlier,
    a rest of up to 64 KiB is drained and the connection is reused; with a larger rest, the
    connection is closed.

    @par Thread safety
    Only one function may run at a time. Functions may be awaited on any executor.

    @par Cancellation
    All types of cancellation end the transfer and close its connection. If save_to(), write_to() or
    read_all() is passed to `asio::co_spawn`, it supports all types: see @ref operation. For
    read_some(), the cancellation filter of the awaiting coroutine applies.

    @par Exceptions
    Failures are sticky, since reading on would skip bytes or report a false end: after a failed
    read, every later read throws the same error, and the connection is closed. The same applies
    after save_to(), write_to() or read_all() has failed or was cancelled: the bytes that it had
    read are lost. The content stays usable only if the call was rejected before anything was read,
    for instance because of the target of save_to() or the limit of read_all().

    @par Lifetime
    A content may outlive its client. Once the client is closed or destroyed, reading ends with
    errc::client_closed. If the reader and the client run on different execution contexts, that of
    the reader must exist until the read has completed, as for any Asio operation.
*/
class image_content final : public body_source
{
public:
    using executor_type = boost::asio::any_io_executor;

    /// An empty content.
    CYCLOS_DECL image_content();

    CYCLOS_DECL image_content(image_content&&) noexcept;
    CYCLOS_DECL image_content& operator=(image_content&&) noexcept;
    CYCLOS_DECL ~image_content() override;

    /// The media type that the server sent (`Content-Type`); empty if it sent none.
    CYCLOS_DECL std::string_view content_type() const noexcept;

    /// The total number of bytes, if the server sent it (`Content-Length`).
    CYCLOS_DECL std::optional<std::uint64_t> content_length() const noexcept;

    /// The header fields of the response.
    CYCLOS_DECL const header_fields& headers() const noexcept;

    /// The entity tag, for image_content_options::if_none_match; empty if the server sent none.
    std::string_view etag() const noexcept { return headers()["ETag"]; }

    /// The time of the last modification, for image_content_options::if_modified_since, if the
    /// server sent it.
    CYCLOS_DECL std::optional<std::chrono::sys_seconds> last_modified() const;

    /// Whether the caller already has this content, according to a condition of the request (304).
    /// There is nothing to read then: all functions that read throw errc::not_modified.
    CYCLOS_DECL bool not_modified() const noexcept;

    /// Whether the content has been read to the end. It is never true after a failure.
    CYCLOS_DECL bool done() const noexcept;

    /** Reads some bytes.

        @param target The buffer to fill.
        @return The number of bytes read; 0 at the end.

        @throws cyclos::error with errc::connection_lost or errc::inactivity_timeout if the download
        breaks off and cannot be resumed; with errc::content_changed if the image has changed in the
        meantime; with errc::total_timeout or errc::call_timeout if the deadline of the operation
        has passed.
    */
    CYCLOS_DECL boost::asio::awaitable<std::size_t>
    read_some(boost::asio::mutable_buffer target) override;

    /** Saves the rest of the content to a file.

        The bytes are written to a temporary file in the folder of the target, which is renamed when
        it is complete. The target thus never contains a part of the image, and no file remains
        after an error or a cancellation. A target that cannot be written is detected before
        anything is read.

        A symbolic link is followed. If a file is replaced, its mode is kept, and its owner if that
        is permitted; a new file gets the mode that the umask allows. Pipes and character devices,
        such as `/dev/stdout` in a shell pipeline, are written directly.

        On Unix, a 32-bit program must be compiled with `_FILE_OFFSET_BITS=64` for files of 2 GiB
        and more. Otherwise they end with errc::target_failed.

        @param target The path of the file.
        @param options Whether to overwrite, and whether to flush to the disk.
        @return The number of bytes written.

        @throws cyclos::error with errc::target_exists if the file exists and may not be
        overwritten; with errc::target_failed if it cannot be written; with errc::invalid_argument
        if the content has already been read to the end; otherwise as read_some().

        @code
        auto content = co_await images.get_image_content(id, {.width = 200});
        co_await content.save_to("portrait-200.png");
        @endcode

        @par Cancellation
        A disk that does not respond delays the end of the operation by half a second at most. The
        pending write is then abandoned, and its file is removed when the disk responds.
    */
    CYCLOS_DECL operation<std::uint64_t> save_to(std::filesystem::path target,
                                                 save_options options = {});

    /** Writes the rest of the content to an Asio AsyncWriteStream: a socket, a pipe, a TLS stream.

        Writing to a pipe whose reader is gone raises SIGPIPE: Asio does not suppress it.

        @param stream The stream. It must outlive the operation.
        @return The number of bytes written.

        @throws cyclos::error as read_some().
        @throws boost::system::system_error with the error of the stream.
    */
    template <class AsyncWriteStream>
    operation<std::uint64_t> write_to(AsyncWriteStream& stream)
    {
        return write_whole(stream);
    }

    /** Reads the rest of the content into memory.

        @param limit The maximum number of bytes.
        @return The bytes.

        @throws cyclos::error with errc::body_limit if there are more bytes than the limit;
        otherwise as read_some(). If the server sent the length, the limit is checked before
        anything is read.
    */
    CYCLOS_DECL operation<std::string> read_all(std::uint64_t limit);

    /// @name AsyncReadStream
    /// @{

    /// The executor of the client; for an empty content, the system executor.
    CYCLOS_DECL executor_type get_executor() const noexcept;

    /** Reads some bytes, for algorithms that take an AsyncReadStream.

        At the end, the error code is `asio::error::eof`. The circumstances of an error, which a
        cyclos::error has besides its code, are lost.

        @param buffers The buffers. Only the first one that is not empty is filled.
        @param token A completion token for `void(boost::system::error_code, std::size_t)`.

        @par Cancellation
        Supports terminal, partial and total cancellation.

        @par Lifetime
        The content must neither be moved nor destroyed until the handler is called.
    */
    template <class MutableBuffers, class Token>
    auto async_read_some(const MutableBuffers& buffers, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, const MutableBuffers& targets) {
                const auto executor = boost::asio::get_associated_executor(handler, get_executor());
                const auto slot = boost::asio::get_associated_cancellation_slot(handler);
                auto on_end = [completion = std::move(handler)](const std::exception_ptr&,
                                                                stream_step step) mutable {
                    std::move(completion)(step.failure, step.bytes);
                };
                boost::asio::co_spawn(
                    boost::asio::any_io_executor{executor}, read_step(first_nonempty(targets)),
                    boost::asio::bind_cancellation_slot(
                        slot, boost::asio::bind_executor(executor, std::move(on_end))));
            },
            token, buffers);
    }

    /// @}
    /// @name Source of uploads
    /// @{

    /// @throws cyclos::error with errc::not_modified if there is nothing to read.
    CYCLOS_DECL boost::asio::awaitable<void> open() override;

    /// The number of bytes that are left, if the server sent the length.
    CYCLOS_DECL std::optional<std::uint64_t> length() const override;

    /// The id or key that the image was requested with.
    std::string file_name() const override { return name_; }

    /// The media type that the server sent.
    CYCLOS_DECL std::string media_type() const override;

    /// @}
    /// @cond internal
    CYCLOS_DECL boost::asio::awaitable<std::optional<std::uint64_t>> check() override;
    bool opens_with_connection() const override { return true; }
    CYCLOS_DECL image_content(std::unique_ptr<detail::download> transfer, std::string name);
    /// @endcond

private:
    static constexpr std::size_t block_size = 128 * 1024;

    /// The outcome of a read with an error code in place of an exception.
    struct stream_step
    {
        std::size_t bytes = 0;
        error_code failure = {};
    };

    template <class MutableBuffers>
    static boost::asio::mutable_buffer first_nonempty(const MutableBuffers& buffers)
    {
        const auto end = boost::asio::buffer_sequence_end(buffers);
        for (auto it = boost::asio::buffer_sequence_begin(buffers); it != end; ++it) {
            if (const boost::asio::mutable_buffer target{*it}; target.size() > 0) {
                return target;
            }
        }
        return {};
    }

    [[noreturn]] CYCLOS_DECL void fail_limit(std::string detail) const;
    CYCLOS_DECL void require_content() const;
    CYCLOS_DECL boost::asio::awaitable<stream_step> read_step(boost::asio::mutable_buffer target);
    CYCLOS_DECL boost::asio::awaitable<std::uint64_t> save(std::filesystem::path target,
                                                           save_options options);
    CYCLOS_DECL boost::asio::awaitable<std::uint64_t> save_on_strand(std::filesystem::path target,
                                                                     save_options options);
    CYCLOS_DECL boost::asio::awaitable<std::uint64_t>
    write_file(std::shared_ptr<detail::new_file> file, detail::bounded_file_work& work,
               save_options options);
    CYCLOS_DECL void require_written(const detail::new_file& file, const error_code& ec,
                                     detail::bounded_file_work& work) const;
    CYCLOS_DECL boost::asio::awaitable<void> remove(std::shared_ptr<detail::new_file> file,
                                                    detail::bounded_file_work& work);
    /// Ends the transfer after a failure of the target. If nothing was read yet, it does nothing:
    /// the content can still be read.
    CYCLOS_DECL boost::asio::awaitable<void> abort_transfer(std::exception_ptr failure);
    CYCLOS_DECL boost::asio::awaitable<void> abort_on_strand(std::exception_ptr failure);
    CYCLOS_DECL boost::asio::awaitable<std::string> read_on_strand(std::uint64_t limit);
    CYCLOS_DECL boost::asio::awaitable<std::string> read(std::uint64_t limit);

    template <class AsyncWriteStream>
    boost::asio::awaitable<std::uint64_t> write_whole(AsyncWriteStream& stream)
    {
        const auto block = std::make_unique_for_overwrite<char[]>(block_size);
        std::uint64_t total = 0;
        std::exception_ptr failure;
        try {
            while (const std::size_t bytes =
                       co_await read_some(boost::asio::buffer(block.get(), block_size))) {
                co_await boost::asio::async_write(stream, boost::asio::buffer(block.get(), bytes),
                                                  boost::asio::use_awaitable);
                total += bytes;
            }
        }
        catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            // After a cancellation, the next co_await would throw instead of cleaning up. The
            // setting is shared with the coroutines of the caller, so it is restored.
            const bool saved = co_await boost::asio::this_coro::throw_if_cancelled();
            co_await boost::asio::this_coro::throw_if_cancelled(false);
            co_await abort_transfer(failure);
            co_await boost::asio::this_coro::throw_if_cancelled(saved);
            std::rethrow_exception(failure);
        }
        co_return total;
    }

    std::unique_ptr<detail::download> transfer_; // null if it is empty or moved from
    std::string name_ = "image";
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/image_content.ipp>
#endif

#endif // CYCLOS_IMAGE_CONTENT_HPP
