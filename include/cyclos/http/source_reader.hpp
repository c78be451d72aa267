//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_SOURCE_READER_HPP
#define CYCLOS_HTTP_SOURCE_READER_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/http/body_source.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/transfer_options.hpp>

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

namespace cyclos::inline CYCLOS_ABI::http {

/** Reads a source ahead of its upload, in a coroutine of its own: whatever else happens to the request is noticed while
    a source takes its time. There are two blocks: one is being filled while the other is being sent. What a source
    gives in small pieces is gathered for as long as nobody is there to send it.

    It checks what the source gives: that its length is what it said, and that the configuration allows it.

    All of it runs on the strand of the pool.
*/
class source_reader : public std::enable_shared_from_this<source_reader>
{
public:
    /// @param checks They have to outlive the reader.
    CYCLOS_DECL source_reader(source body, const upload_config& checks);

    /// Begins to find out what can be told of the source without opening it.
    CYCLOS_DECL void start_check(const boost::asio::any_io_executor& executor, cyclos::detail::event& owner);

    /// Whether nothing is wrong with the source so far. Throws what is, as ready() does.
    CYCLOS_DECL bool checked(const progress& state) const;

    /// Begins to read, from the beginning: opens the source, or rewinds it where it has been read before.
    CYCLOS_DECL void start(const boost::asio::any_io_executor& executor, cyclos::detail::event& owner);

    /// Cancels what the source is doing.
    CYCLOS_DECL void stop();

    /// Whether the source is still being used.
    bool reading() const noexcept { return reading_; }

    /// Whether the next block was read. Throws, with how far the exchange has come, where the source has failed.
    CYCLOS_DECL bool ready(const progress& state) const;

    /// Goes on to the next block, which has to be ready. Nothing may refer to the present one any more.
    CYCLOS_DECL void advance();

    /// The present block.
    std::string_view block() const noexcept { return {current_.bytes.get(), current_.size}; }

    /// Whether the present block is the last one.
    bool at_end() const noexcept { return current_.last; }

    /// Gives back the memory of the blocks, which nobody may be sending or reading. The source may be read anew.
    void drop_blocks() noexcept
    {
        current_ = {};
        next_ = {};
        piece_.reset();
    }

    /// The length of the source, where it is known, once it is open.
    const std::optional<std::uint64_t>& length() const noexcept { return length_; }

    std::string file_name() const { return body_->file_name(); }

    /// The media type, as the source says or as it is told from the first block, once that was read.
    const std::string& media_type() const noexcept { return media_type_; }

    bool rewindable() const { return body_->rewindable(); }
    bool opens_with_connection() const { return body_->opens_with_connection(); }

    /// Whether the check has to come before a connection is taken.
    bool checked_first() const { return body_->checked_first(); }
    const progress_hook& on_progress() const noexcept { return body_.on_progress(); }

    /// Gives up the owner, while nobody reads.
    void leave() noexcept { owner_ = nullptr; }

    /// Gives up the source, which nobody may be reading, and the owner. The present block stays.
    void release() noexcept
    {
        owner_ = nullptr;
        const source gone{std::move(body_)};
    }

private:
    struct piece
    {
        cyclos::detail::shared_block bytes = {}; // shared with the call of the system that fills it
        std::size_t size = 0;
        bool last = false;
    };

    class waiting;

    /// Spawns what uses the source.
    CYCLOS_DECL void spawn(const boost::asio::any_io_executor& executor, cyclos::detail::event& owner,
                           boost::asio::awaitable<void> use);
    CYCLOS_DECL static boost::asio::awaitable<void> check(std::shared_ptr<source_reader> self);
    CYCLOS_DECL void rethrow_failure(const progress& state) const;

    CYCLOS_DECL static boost::asio::awaitable<void> read(std::shared_ptr<source_reader> self);
    CYCLOS_DECL bool wants_more() const noexcept;
    CYCLOS_DECL boost::asio::awaitable<void> read_piece();
    CYCLOS_DECL void check_length(bool at_end) const;
    CYCLOS_DECL void check_first(const piece& b);
    CYCLOS_DECL void notify();

    source body_;
    const upload_config& checks_;
    std::size_t block_size_;
    piece current_;                      // being sent
    piece next_;                         // being filled, or filled
    cyclos::detail::shared_block piece_; // what is added to a block that may be taken meanwhile
    bool filled_ = false;                // the next block may be taken, though it may still grow
    bool taken_ = false;                 // the first block was
    bool opened_ = false;
    bool reading_ = false;
    bool stopped_ = false;
    bool in_source_ = false; // what is thrown comes from the source
    std::uint64_t read_ = 0;
    std::optional<std::uint64_t> length_;
    std::string media_type_;
    std::exception_ptr failure_;
    cyclos::detail::event* owner_ = nullptr;
    cyclos::detail::event* room_ = nullptr; // where the reader waits until it may fill the next block
    boost::asio::cancellation_signal cancel_;
};

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/source_reader.ipp>
#endif

#endif // CYCLOS_HTTP_SOURCE_READER_HPP
