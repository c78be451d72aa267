//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_CONTENT_HPP
#define CYCLOS_IMAGES_CONTENT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/body_source.hpp>
#include <cyclos/http/header_fields.hpp>
#include <cyclos/net/error.hpp>
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
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {
class bounded_file_work;
class download;
class new_file;
} // namespace detail

/// How image_content::save_to() saves.
struct save_options
{
    /// An existing file is replaced. Otherwise it stays, and errc::target_exists is thrown.
    bool overwrite = true;

    /// The bytes are on the disk before the file has its name, and then the name is (`fsync`): the file is whole and
    /// there, also after a loss of power. If only the last of that fails, errc::target_failed says so in its details:
    /// the file is in place then, and what it has replaced is gone.
    bool sync = false;
};

static_assert(std::is_trivially_destructible_v<save_options>);

/** Checks a target of image_content::save_to() before anything is downloaded.

    It does what save_to() does first, on a file thread, and leaves nothing.

    @throws cyclos::error with errc::target_exists or errc::target_failed; cause() says why.
*/
CYCLOS_DECL operation<void> check_save_target(std::filesystem::path target, save_options options = {});

/** The content of an image, which is read as it comes.

    It holds its connection until it has been read to the end. What is not read is not taken off the network either.
    Where it is dropped before its end, a small rest is read and thrown away, and the connection serves again; with a
    large rest it is closed.

    A content that breaks off is continued where the server makes that possible: see @ref download_config.

    It models Asio's AsyncReadStream, and it is a source of uploads: an image goes from one server to another in one
    expression, and in constant memory.

    @code
    co_await there.upload_ad_image("42", co_await here.get_image_content("17"));
    @endcode

    Where save_to(), write_to() or read_all() fails or is cancelled, bytes that were read are lost: the content ends
    with that failure, as it does where a read fails, and its connection is closed. Only what is refused before
    anything was read, such as a target of save_to(), leaves it as it was.

    One function may run at a time. It may be awaited on any executor. All three types of cancellation end the
    transfer and the connection; save_to(), write_to() and read_all() take all of them when they are passed to
    `asio::co_spawn`, as @ref operation says, and read_some() does what awaits it lets through. As with any operation
    of Asio's, the context of whoever reads has to last until that has ended, where the client of the content runs on
    another one.
*/
class image_content final : public body_source
{
public:
    using executor_type = boost::asio::any_io_executor;

    /// Content with nothing in it.
    CYCLOS_DECL image_content();

    CYCLOS_DECL image_content(image_content&&) noexcept;
    CYCLOS_DECL image_content& operator=(image_content&&) noexcept;
    CYCLOS_DECL ~image_content() override;

    /// The media type, as the server says.
    CYCLOS_DECL std::string_view content_type() const noexcept;

    /// The bytes in all, where the server says.
    CYCLOS_DECL std::optional<std::uint64_t> content_length() const noexcept;

    /// The header fields of the response.
    CYCLOS_DECL const header_fields& headers() const noexcept;

    /// The entity tag: what `if_none_match` takes the next time. Empty where the server gave none.
    std::string_view etag() const noexcept { return headers()["ETag"]; }

    /// When it was last modified: what `if_modified_since` takes the next time.
    CYCLOS_DECL std::optional<std::chrono::sys_seconds> last_modified() const;

    /// Whether the caller has this content already, as a condition of the request said (304). There is nothing to read
    /// then: what reads throws errc::not_modified.
    CYCLOS_DECL bool not_modified() const noexcept;

    /// Whether it has been read to the end. After a failure it never will be: what reads throws that again.
    CYCLOS_DECL bool done() const noexcept;

    /// Whom to tell how far reading has come.
    CYCLOS_DECL void on_progress(progress_hook hook);

    /** Reads some bytes.

        @return The bytes read; 0 at the end.
        @throws cyclos::error, such as errc::connection_lost where the content breaks off and cannot be continued, or
        errc::content_changed where it is another one now.
    */
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override;

    /** Saves the rest to a file.

        It is written to a file beside the target, which is renamed once it is whole: the target never holds a part,
        and after an error or a cancellation nothing is left. A target that cannot be written to is found before
        anything is read. A symbolic link is followed. A file that is replaced keeps its mode, and its owner if that is
        allowed; a new one has what the umask leaves. A pipe and a character device, such as `/dev/stdout` in a shell's
        pipe, are written to as they are.

        A disk that does not answer keeps the operation from ending for half a second at most: what is written there is
        left behind, and removed once the disk answers.

        On Unix, a program of 32 bits has to be compiled with `_FILE_OFFSET_BITS=64` for files of 2 GiB and more.
        Without it they end with errc::target_failed.

        @return The bytes written.
        @throws cyclos::error, with errc::target_failed or errc::target_exists where it is the file's fault, and
        errc::invalid_argument if the content was read to its end already.

        @code
        auto content = co_await images.get_image_content(id, {.width = 200});
        co_await content.save_to("portrait-200.png");
        @endcode
    */
    CYCLOS_DECL operation<std::uint64_t> save_to(std::filesystem::path target, save_options options = {});

    /** Writes the rest to a stream of Asio's, whatever it is: a socket, a pipe, a TLS stream.

        A write to a pipe that nobody reads any more raises SIGPIPE, as Asio does nothing about that.

        @return The bytes written.
        @throws cyclos::error for what is wrong with the content, `boost::system::system_error` as the stream throws.
    */
    template <class AsyncWriteStream>
    operation<std::uint64_t> write_to(AsyncWriteStream& stream)
    {
        return write_whole(stream);
    }

    /** Reads the rest into memory.

        @throws cyclos::error with errc::body_limit where it is more than the limit.
    */
    CYCLOS_DECL operation<std::string> read_all(std::uint64_t limit);

    /// @name What makes it a stream of Asio's
    /// @{

    /// The executor of the client; of the system, for content with nothing in it.
    CYCLOS_DECL executor_type get_executor() const noexcept;

    /** Reads some bytes, for Asio's algorithms and whoever else takes an AsyncReadStream.

        Its completion signature is `void(boost::system::error_code, std::size_t)`; the end is `asio::error::eof`. What
        an error has to tell besides its code is lost this way. Terminal, partial and total cancellation are taken.
    */
    template <class MutableBuffers, class Token>
    auto async_read_some(const MutableBuffers& buffers, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, const MutableBuffers& targets) {
                const auto where = boost::asio::get_associated_executor(handler, get_executor());
                const auto slot = boost::asio::get_associated_cancellation_slot(handler);
                auto at_end = [own = std::move(handler)](const std::exception_ptr&, stream_step step) mutable {
                    std::move(own)(step.failure, step.bytes);
                };
                boost::asio::co_spawn(
                    boost::asio::any_io_executor{where}, read_step(first_of(targets)),
                    boost::asio::bind_cancellation_slot(slot, boost::asio::bind_executor(where, std::move(at_end))));
            },
            token, buffers);
    }

    /// @}
    /// @name What makes it a source of uploads
    /// @{

    CYCLOS_DECL boost::asio::awaitable<void> open() override;

    /// The bytes that are left, where the server says.
    CYCLOS_DECL std::optional<std::uint64_t> length() const override;

    /// The key or id that it was asked for by.
    std::string file_name() const override { return name_; }
    CYCLOS_DECL std::string media_type() const override;

    /// @}
    /// @cond internal
    CYCLOS_DECL boost::asio::awaitable<std::optional<std::uint64_t>> check() override;
    bool opens_with_connection() const override { return true; }
    CYCLOS_DECL image_content(std::unique_ptr<detail::download> transfer, std::string name);
    /// @endcond

private:
    static constexpr std::size_t block_size = 128 * 1024;

    /// What a read has come to, for those who do not want exceptions.
    struct stream_step
    {
        std::size_t bytes = 0;
        error_code failure = {};
    };

    template <class MutableBuffers>
    static boost::asio::mutable_buffer first_of(const MutableBuffers& buffers)
    {
        const auto end = boost::asio::buffer_sequence_end(buffers);
        for (auto each = boost::asio::buffer_sequence_begin(buffers); each != end; ++each) {
            if (const boost::asio::mutable_buffer target{*each}; target.size() > 0) {
                return target;
            }
        }
        return {};
    }

    [[noreturn]] CYCLOS_DECL void fail_limit(std::string detail) const;
    CYCLOS_DECL void require_content() const;
    CYCLOS_DECL boost::asio::awaitable<stream_step> read_step(boost::asio::mutable_buffer target);
    CYCLOS_DECL boost::asio::awaitable<std::uint64_t> save(std::filesystem::path target, save_options options);
    CYCLOS_DECL boost::asio::awaitable<std::uint64_t> save_on_strand(std::filesystem::path target,
                                                                     save_options options);
    CYCLOS_DECL boost::asio::awaitable<std::uint64_t> write_file(std::shared_ptr<detail::new_file> file,
                                                                 detail::bounded_file_work& work, save_options options);
    CYCLOS_DECL void require_written(const detail::new_file& file, const error_code& ec,
                                     detail::bounded_file_work& work) const;
    CYCLOS_DECL boost::asio::awaitable<void> remove(std::shared_ptr<detail::new_file> file,
                                                    detail::bounded_file_work& work);
    CYCLOS_DECL boost::asio::awaitable<void> give_up(std::exception_ptr why);
    CYCLOS_DECL boost::asio::awaitable<void> give_up_here(std::exception_ptr why);
    CYCLOS_DECL boost::asio::awaitable<std::string> read_whole(std::uint64_t limit);
    CYCLOS_DECL boost::asio::awaitable<std::string> read_on_strand(std::uint64_t limit);

    template <class AsyncWriteStream>
    boost::asio::awaitable<std::uint64_t> write_whole(AsyncWriteStream& stream)
    {
        const auto block = std::make_unique_for_overwrite<char[]>(block_size);
        std::uint64_t total = 0;
        std::exception_ptr failure;
        try {
            while (const std::size_t bytes = co_await read_some(boost::asio::buffer(block.get(), block_size))) {
                co_await boost::asio::async_write(stream, boost::asio::buffer(block.get(), bytes),
                                                  boost::asio::use_awaitable);
                total += bytes;
            }
        }
        catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            // Also after a cancellation, which would be thrown instead. The setting belongs to the caller too.
            const bool before = co_await boost::asio::this_coro::throw_if_cancelled();
            co_await boost::asio::this_coro::throw_if_cancelled(false);
            co_await give_up(failure);
            co_await boost::asio::this_coro::throw_if_cancelled(before);
            std::rethrow_exception(failure);
        }
        co_return total;
    }

    std::unique_ptr<detail::download> transfer_; // null where there is nothing in it
    std::string name_ = "image";
};

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/images/impl/content.ipp>
#endif

#endif // CYCLOS_IMAGES_CONTENT_HPP
