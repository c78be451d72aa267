//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_REQUEST_WRITER_HPP
#define CYCLOS_DETAIL_HTTP_REQUEST_REQUEST_WRITER_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/request/request.hpp>
#include <cyclos/detail/http/source/source_reader.hpp>
#include <cyclos/detail/net/connection.hpp>
#include <cyclos/detail/net/pool.hpp>
#include <cyclos/secret.hpp>
#include <cyclos/transfer_config.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Serializes a request piece by piece while it is sent over a connection.

    Parts: `head_` is the request line and the header section; build_head() appends the fields that
    describe the body once the source is open. `body_` reads the source ahead of the connection.
    `framing_` is the bytes around the content: the multipart opening and closing, and the chunk
    framing if the length is unknown. Both are null for a request without a body.

    Sequence for a body: check() if the request waits for a connection, prepare(), start(), and for
    each block poll_block(), write_block() and on_written(). release_source() is last. Before a
    retry, release_blocks() leads back to prepare(). A request without a body needs start() only.

    The coroutine of exchange() calls the functions that wait, and release_source(); the attempt,
    which owns the lease of the connection, calls the others. All of them run on the strand of the
    pool.

    Invariants:
    - The connection shares ownership of this object while it writes, so buffers stay valid after
      the operation has ended. At most one write is outstanding.
    - The closing of the form is sent only after the source has reported its end without an error.
      A body that is cut short can therefore never look complete to the server.
    - After release_source(), the source is not used any more: it may refer to what the caller owns.
*/
class request_writer : public std::enable_shared_from_this<request_writer>
{
public:
    /// @param settings Must outlive this object.
    CYCLOS_DECL request_writer(request&& message, const upload_config& settings);

    /// Whether the request has a body. Functions about the source require it.
    bool has_body() const noexcept { return body_ != nullptr; }

    /// Whether prepare() must be called before the next start().
    bool needs_source() const noexcept { return has_body() && !prepared_; }

    /// Whether a connection should be acquired before prepare(). See body_source.
    bool opens_with_connection() const { return body_->opens_with_connection(); }

    /// Whether check() must be called even if an idle connection is available. See body_source.
    bool checks_before_connection() const { return body_->checks_before_connection(); }

    /** Checks the source without opening it, so that an upload that cannot succeed fails before it
        waits for a connection.

        @throws cyclos::error if the source is rejected or fails, and as prepare() does.
    */
    CYCLOS_DECL boost::asio::awaitable<void>
    check(net::pool& pool, cyclos::detail::notifier& wakeup, exchange_state& state);

    /// Stops the source and frees its blocks, so that a request holds no memory while it waits for
    /// a retry. The request must be rewindable(); needs_source() is true afterwards.
    CYCLOS_DECL boost::asio::awaitable<void> release_blocks(cyclos::detail::notifier& wakeup);

    /** Opens the source, reads its first block and builds the header section. Sends nothing.

        If the source was opened before, it is rewound, so the request must be rewindable().

        @param pool Supplies the executor and the timeouts. The wait ends when the pool is stopped.
        @param wakeup The notifier of the calling coroutine. It must stay valid until
        release_source().
        @throws cyclos::error if the source is rejected or fails, on cancellation, when the pool is
        stopped, after timeouts.source, and at the total deadline.
    */
    CYCLOS_DECL boost::asio::awaitable<void>
    prepare(net::pool& pool, cyclos::detail::notifier& wakeup, exchange_state& state);

    /** Begins to send the header section, together with the first block of the body unless
        `Expect: 100-continue` is used.

        May be called again for another connection as long as no byte of the body was sent.
    */
    CYCLOS_DECL void start(net::connection& c);

    /// Whether the header section was sent with `Expect: 100-continue`, and no part of the body.
    bool awaiting_continue() const noexcept { return stage_ == stage::awaiting_continue; }

    /// Removes `Expect: 100-continue` from the header section, for the next start().
    CYCLOS_DECL void disable_expect();

    /// Whether the last byte was passed to the connection, which may still be writing it.
    bool all_written() const noexcept { return stage_ == stage::complete; }

    /** Whether write_block() can be called.

        @throws cyclos::error with the context of `state` if the source has failed.
    */
    bool poll_block(const exchange_state& state) const
    {
        return awaiting_continue() || body_->poll_block(state);
    }

    /// Begins to send the next block. poll_block() must be true, and no write may be outstanding.
    CYCLOS_DECL void write_block(net::connection& c);

    /** To be called after a write has completed without an error: the system has taken the bytes.
        Calls the progress hook of the call, whose exceptions propagate, and frees memory after the
        last block.
    */
    CYCLOS_DECL void on_written(const exchange_state& state);

    /// Whether the request may be sent again after a part of it was sent.
    bool repeatable() const noexcept { return !has_body() && !not_repeatable_; }

    /// Whether the request can be sent from its beginning again; if it has a body, after another
    /// prepare().
    bool rewindable() const { return has_body() ? body_->rewindable() : !not_repeatable_; }

    /// Cancels the outstanding operation of the source, if any. reading() is true until it has
    /// ended.
    void stop()
    {
        if (body_) {
            body_->stop();
        }
    }

    /// Whether the source is in use.
    bool reading() const noexcept { return body_ && body_->reading(); }

    /// Forgets the caller's notifier, and destroys the source unless the caller keeps it for
    /// another request. reading() must be false. A block that is being written stays in memory.
    void release_source() noexcept
    {
        if (body_) {
            shared_source_ ? body_->detach_owner() : body_->release();
        }
    }

private:
    enum class stage {
        awaiting_continue, // the header section was sent, the body waits for 100 Continue
        body,              // more blocks follow
        complete,          // everything was passed to the connection
    };

    /// The bytes around the content of the file.
    struct framing
    {
        std::string opening = {}; // of the form, with chunk framing if the body is chunked
        std::string closing = {}; // of the form, without chunk framing
        // The header section, unless it was sent before, and the beginning of the body, in one
        // piece.
        cyclos::detail::wiped_string first_buffer = {};
        std::string chunk_prefix = {};
        std::string chunk_suffix = {};   // includes the end of the body after the last block
        std::size_t bytes_in_flight = 0; // of the content, passed to the connection
        std::uint64_t bytes_written = 0; // of the content, taken by the system
    };

    class source_wait;

    CYCLOS_DECL boost::asio::awaitable<void> stop_source(cyclos::detail::notifier& wakeup);
    CYCLOS_DECL void build_head();

    /// Sets the chunk framing of the current block, the end of the body included, and the stage.
    CYCLOS_DECL void frame_block();

    CYCLOS_DECL void write_first_block(net::connection& c);

    std::string_view field_; // the name of the form field, a string literal
    bool not_repeatable_;
    bool shared_source_; // the caller keeps the source for another request
    const upload_config& settings_;
    std::shared_ptr<source_reader> body_; // null if there is no body
    cyclos::detail::wiped_string head_;
    std::size_t fixed_head_size_ = 0; // of the part of head_ that does not describe the body
    // Null if there is no body: thousands of such requests may wait, and each should be small.
    std::unique_ptr<framing> framing_;
    stage stage_ = stage::body;
    bool expect_continue_ = false;
    bool prepared_ = false; // prepare() has completed since the construction or release_blocks()
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/request/impl/request_writer.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_REQUEST_REQUEST_WRITER_HPP
