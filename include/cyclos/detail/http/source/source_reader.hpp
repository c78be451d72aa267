//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_SOURCE_SOURCE_READER_HPP
#define CYCLOS_DETAIL_HTTP_SOURCE_SOURCE_READER_HPP

#include <cyclos/body_source.hpp>
#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/transfer_config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Reads the source of an upload ahead of the connection, in a coroutine of its own, so that the
    exchange can react to responses, lost connections, deadlines and cancellation meanwhile.

    Parts: two blocks. `current_` is being sent while `next_` is being filled; advance() swaps them.
    The next block becomes ready with the first bytes that the source gives; the first one once it
    has enough bytes for the checks. While the connection is busy and does not take it, a ready
    block grows up to 64 KiB, so that small pieces are gathered.

    start_check() spawns check(), and start() spawns read(). reading() is true while such a
    coroutine runs. It notifies `owner_`, the coroutine of exchange(), whenever a block becomes
    ready, and when it ends. If both blocks are filled, it waits on `space_notifier_` for advance().

    request_writer calls these functions, and client_state releases a source that it has kept for
    another request. All of it runs on the strand of the pool.

    Invariants:
    - One operation of the source is outstanding at a time, and never after the exchange has ended.
    - The source never writes to memory that is being sent. A block does not change once it is the
      current one.
    - A block is marked as the last one only after the source has reported its end at the length
      that it announced. A source that ends early therefore never completes the form.
    - A failure does not discard a block that was ready before: poll_block() throws after that one.
*/
class source_reader : public std::enable_shared_from_this<source_reader>
{
public:
    /// @param config Must outlive the reader. Its limits are checked.
    CYCLOS_DECL source_reader(source body, const upload_config& config);

    /// Begins to check the source without opening it. The notifier must stay valid until
    /// detach_owner() or release().
    CYCLOS_DECL void start_check(const boost::asio::any_io_executor& executor,
                                 cyclos::detail::notifier& owner);

    /// Whether the check has completed. Throws as poll_block() does if the source has failed it.
    CYCLOS_DECL bool poll_check(const exchange_state& state) const;

    /// Begins to read from the beginning: opens the source, or rewinds it if it was opened before.
    /// The notifier must stay valid until detach_owner() or release(). reading() must be false.
    CYCLOS_DECL void start(const boost::asio::any_io_executor& executor,
                           cyclos::detail::notifier& owner);

    /// Cancels the outstanding operation of the source, if any (terminal cancellation). reading()
    /// is true until it has ended.
    CYCLOS_DECL void stop();

    /// Whether the source is in use.
    bool reading() const noexcept { return reading_; }

    /** Whether the next block can be taken with advance().

        @throws cyclos::error with the context of `state` if there is no such block because the
        source has failed.
    */
    CYCLOS_DECL bool poll_block(const exchange_state& state) const;

    /// Makes the next block, which must be ready, the current one. The old one must not be in use:
    /// its memory is filled again.
    CYCLOS_DECL void advance();

    /// The current block.
    std::string_view block() const noexcept { return {current_.bytes.get(), current_.size}; }

    /// Whether the current block is the last one.
    bool at_end() const noexcept { return current_.last; }

    /// Frees the memory of the blocks. They must not be in use, and no operation of the source may
    /// be outstanding. Reading can be started again.
    void drop_blocks() noexcept
    {
        current_ = {};
        next_ = {};
        append_buffer_.reset();
    }

    /// The length of the source if it is known. Valid once the source is open.
    const std::optional<std::uint64_t>& length() const noexcept { return length_; }

    std::string file_name() const { return body_->file_name(); }

    /// The media type that the source names, or else the one detected from the first block. Valid
    /// once that block is ready.
    const std::string& media_type() const noexcept { return media_type_; }

    bool rewindable() const { return body_->rewindable(); }
    bool opens_with_connection() const { return body_->opens_with_connection(); }
    bool checks_before_connection() const { return body_->checks_before_connection(); }

    /// Forgets the owner's notifier. reading() must be false.
    void detach_owner() noexcept { owner_ = nullptr; }

    /// Destroys the source and forgets the owner's notifier. reading() must be false. The current
    /// block stays in memory, because it may still be written.
    void release() noexcept
    {
        owner_ = nullptr;
        const source destroyed{std::move(body_)};
    }

private:
    struct block_buffer
    {
        // A blocking file read that was left behind may outlive the operation. It shares the memory
        // that it writes to.
        cyclos::detail::shared_block bytes = {};
        std::size_t size = 0;
        bool last = false;
    };

    class space_wait;

    /// Spawns a coroutine that uses the source.
    CYCLOS_DECL void spawn(const boost::asio::any_io_executor& executor,
                           cyclos::detail::notifier& owner, boost::asio::awaitable<void> coroutine);
    CYCLOS_DECL static boost::asio::awaitable<void> check(std::shared_ptr<source_reader> self);
    CYCLOS_DECL void rethrow_failure(const exchange_state& state) const;

    CYCLOS_DECL static boost::asio::awaitable<void> read(std::shared_ptr<source_reader> self);
    CYCLOS_DECL bool should_read() const noexcept;
    CYCLOS_DECL boost::asio::awaitable<void> read_once();
    CYCLOS_DECL void check_length(bool at_end) const;
    CYCLOS_DECL void check_first_block(const block_buffer& first);
    CYCLOS_DECL void notify();

    source body_;
    const upload_config& config_;
    std::size_t block_size_;
    block_buffer current_;                       // passed to the connection
    block_buffer next_;                          // being filled, or ready
    cyclos::detail::shared_block append_buffer_; // for reads that are added to a ready block
    bool next_ready_ = false;                    // advance() may take next_, which may still grow
    bool first_taken_ = false;                   // advance() has taken the first block
    bool opened_ = false;
    bool reading_ = false;
    bool stopped_ = false;
    bool in_source_call_ = false; // an exception that is thrown now is the source's
    std::uint64_t bytes_read_ = 0;
    std::optional<std::uint64_t> length_;
    std::string media_type_;
    std::exception_ptr failure_;
    cyclos::detail::notifier* owner_ = nullptr;
    cyclos::detail::notifier* space_notifier_ = nullptr; // of read() while it runs, else null
    boost::asio::cancellation_signal cancel_;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/source/impl/source_reader.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_SOURCE_SOURCE_READER_HPP
