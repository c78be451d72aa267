//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_UPLOAD_HPP
#define CYCLOS_HTTP_UPLOAD_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/request.hpp>
#include <cyclos/http/source_reader.hpp>
#include <cyclos/http/transfer_options.hpp>
#include <cyclos/net/connection.hpp>
#include <cyclos/net/pool.hpp>
#include <cyclos/net/secret.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cyclos::inline CYCLOS_ABI::http {

/** The bytes of a request, made while they are sent.

    The connection keeps them alive for as long as it writes. All of it runs on the strand of the pool.
*/
class outgoing : public std::enable_shared_from_this<outgoing>
{
public:
    /// @param settings They have to outlive the message.
    CYCLOS_DECL outgoing(request&& what, const upload_config& settings);

    /// Whether there is something to be uploaded. Only then there is something to prepare.
    bool has_body() const noexcept { return body_ != nullptr; }

    /// Whether prepare() has to come before the next attempt.
    bool needs_source() const noexcept { return has_body() && !prepared_; }

    /// Whether there should be a connection before prepare().
    bool opens_with_connection() const { return body_->opens_with_connection(); }

    /// Whether check() has to come before a connection is taken.
    bool checked_first() const { return body_->checked_first(); }

    /// Throws what can be told of the source without opening it, before the request waits for a connection.
    CYCLOS_DECL boost::asio::awaitable<void> check(net::pool& connections, cyclos::detail::event& mailbox,
                                                   progress& state);

    /// Lets the source go until the next attempt, which prepares it again. It has to be renewable.
    CYCLOS_DECL boost::asio::awaitable<void> put_aside(cyclos::detail::event& mailbox);

    /** Opens the source, reads its first block, and makes the head. Nothing has been sent then. Once more, it begins
        anew, with a source that can be rewound.

        @param connections Where they are stopped, there is nothing to prepare for.
        @param mailbox The event of the calling coroutine; see @ref end.
    */
    CYCLOS_DECL boost::asio::awaitable<void> prepare(net::pool& connections, cyclos::detail::event& mailbox,
                                                     progress& state);

    /// Begins to send the head, and with it the first of the body, unless the server is to be asked first. It may be
    /// sent again as long as nothing of it was sent.
    CYCLOS_DECL void start(net::connection& c);

    /// Whether the server was asked whether it wants the body, and nothing of that was sent.
    bool asking() const noexcept { return stage_ == stage::asking; }

    /// The server is not to be asked, in what is sent from now on.
    CYCLOS_DECL void do_not_ask();

    /// Whether all has been handed to the connection.
    bool all_written() const noexcept { return stage_ == stage::ended; }

    /// Whether there is a block to be sent. Throws, with how far the exchange has come, where the source has failed.
    bool ready(const progress& state) const { return asking() || body_->ready(state); }

    /// Begins to send the next block, which has to be ready. Nothing may be being sent.
    CYCLOS_DECL void write_block(net::connection& c);

    /// What was handed to the connection has been taken by the system.
    CYCLOS_DECL void written();

    /// Whether the request may be sent again although some of it was sent.
    bool repeatable() const noexcept { return !has_body() && !once_; }

    /// Whether it can be made anew, by prepare().
    bool renewable() const { return has_body() ? body_->rewindable() : !once_; }

    /// Cancels what the source is doing.
    void stop()
    {
        if (body_) {
            body_->stop();
        }
    }

    /// Whether the source is still being used.
    bool reading() const noexcept { return body_ && body_->reading(); }

    /// Releases the source, unless that is kept for another request, and the caller. Nobody may be reading the source.
    /// What is being sent stays until that has ended.
    void end() noexcept
    {
        if (body_) {
            keeps_source_ ? body_->leave() : body_->release();
        }
    }

private:
    enum class stage {
        asking, // the head was sent, and nothing of the body
        body,
        ended,
    };

    /// What stands around the bytes of the image.
    struct framing
    {
        std::string opening = {}; // of the form, framed
        std::string closing = {};
        cyclos::detail::wiped_string first = {}; // what goes out together with the first of the body
        std::string chunk_head = {};
        std::string chunk_tail = {};
        std::size_t writing = 0; // bytes of the image that the connection has in hand
        std::uint64_t written = 0;
    };

    class source_limits;

    CYCLOS_DECL boost::asio::awaitable<void> stop_source(cyclos::detail::event& mailbox);
    CYCLOS_DECL void make_head();
    CYCLOS_DECL void frame();
    CYCLOS_DECL void write_first(net::connection& c);

    std::string_view field_; // of the form, a literal
    bool once_;
    bool keeps_source_; // somebody else gives it up
    const upload_config& settings_;
    std::shared_ptr<source_reader> body_; // null where there is none
    cyclos::detail::wiped_string head_;
    std::size_t fields_size_ = 0;      // what of it does not depend on the body
    std::unique_ptr<framing> framing_; // of the body; thousands of requests that have none may wait
    stage stage_ = stage::body;
    bool ask_ = false;
    bool prepared_ = false; // the first block is there, or was sent
};

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/upload.ipp>
#endif

#endif // CYCLOS_HTTP_UPLOAD_HPP
