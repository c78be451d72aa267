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
#include <cyclos/net/connection.hpp>
#include <cyclos/net/pool.hpp>
#include <cyclos/net/secret.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace cyclos::http {

/** The bytes of a request, made while they are sent.

    The source of an upload is read by a coroutine of its own, the reader: whatever else happens to the request is
    noticed while a source takes its time. There are two blocks: one is being filled while the other is being sent.
    The connection keeps them alive for as long as it writes.

    All of it runs on the strand of the pool.
*/
class outgoing : public std::enable_shared_from_this<outgoing>
{
public:
    CYCLOS_DECL explicit outgoing(request what);

    /** Opens the source, reads its first block, and makes the head. Nothing has been sent then.

        @param connections Where they are stopped, there is nothing to prepare for.
        @param mailbox The event of the calling coroutine; see @ref end.
    */
    CYCLOS_DECL boost::asio::awaitable<void> prepare(net::pool& connections, cyclos::detail::event& mailbox,
                                                     progress& state);

    /// Begins to send the head, and with it the first of the body. It may be sent again if none of it was sent.
    CYCLOS_DECL void start(net::connection& c);

    /// Whether all has been handed to the connection.
    bool all_written() const noexcept { return ended_; }

    /// Whether the next block was read. Throws, with how far the exchange has come, where the source has failed.
    CYCLOS_DECL bool ready(const progress& state) const;

    /// Begins to send the next block, which has to be ready. Nothing may be being sent.
    CYCLOS_DECL void write_block(net::connection& c);

    /// Whether the request may be sent again although some of it was sent.
    bool repeatable() const noexcept { return !what_.form && !what_.once; }

    /// Cancels what the source is doing.
    CYCLOS_DECL void stop();

    /// Whether the source is still being used.
    bool reading() const noexcept { return reading_; }

    /// Gives up the source, which nobody may be reading, and the caller. What is being sent stays until that has ended.
    void end() noexcept
    {
        owner_ = nullptr;
        what_.form.reset();
    }

private:
    struct block
    {
        std::unique_ptr<char[]> bytes = {};
        std::size_t size = 0;
        bool last = false;
    };

    class waiting_reader;

    CYCLOS_DECL void start_reader(const boost::asio::any_io_executor& executor);
    CYCLOS_DECL static boost::asio::awaitable<void> read(std::shared_ptr<outgoing> self);
    CYCLOS_DECL boost::asio::awaitable<void> fill(block& b);
    CYCLOS_DECL void check_length(const block& b) const;
    CYCLOS_DECL void release_block();
    CYCLOS_DECL void make_head();
    CYCLOS_DECL void frame();
    CYCLOS_DECL void notify();

    request what_;
    cyclos::detail::wiped_string head_; // with the opening of the form
    std::size_t head_size_ = 0;
    std::string closing_; // of the form
    std::string chunk_head_;
    std::string chunk_tail_;
    block current_; // being sent
    block next_;    // being filled, or filled
    bool filled_ = false;
    bool ended_ = false;

    cyclos::detail::event* owner_ = nullptr;
    cyclos::detail::event* room_ = nullptr; // where the reader waits until it may fill the next block
    boost::asio::cancellation_signal cancel_;
    std::exception_ptr failure_;
    std::optional<std::uint64_t> length_; // of the source
    std::uint64_t read_ = 0;
    bool reading_ = false;
    bool stopped_ = false;
};

} // namespace cyclos::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/upload.ipp>
#endif

#endif // CYCLOS_HTTP_UPLOAD_HPP
