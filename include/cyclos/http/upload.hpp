//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_UPLOAD_HPP
#define CYCLOS_HTTP_UPLOAD_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/request.hpp>
#include <cyclos/net/connection.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cyclos::http {

/** The bytes of a request, made while they are sent.

    There are two blocks: one is being filled while the other is being sent. The connection keeps them alive for as
    long as it writes.
*/
class outgoing : public std::enable_shared_from_this<outgoing>
{
public:
    CYCLOS_DECL explicit outgoing(request what);

    /// Opens the source, reads its first block, and makes the head. Nothing has been sent then.
    CYCLOS_DECL boost::asio::awaitable<void> prepare(progress& state);

    /// Begins to send the head, and with it the first of the body.
    CYCLOS_DECL void start(net::connection& c);

    /// Whether all has been handed to the connection.
    bool all_written() const noexcept { return ended_; }

    /// Fills the block that is not being sent. What the source throws comes with the phase.
    CYCLOS_DECL boost::asio::awaitable<void> read_block(progress& state);

    /// Begins to send the block that was filled. Nothing may be being sent.
    CYCLOS_DECL void write_block(net::connection& c);

    /// Whether the request may be sent again although some of it was sent.
    bool repeatable() const noexcept { return !what_.form; }

private:
    struct block
    {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
    };

    /// Throws the exception that is being handled, one of the source, anew with how far the exchange has come.
    [[noreturn]] CYCLOS_DECL static void rethrow(const progress& state);
    CYCLOS_DECL boost::asio::awaitable<void> fill(block& b, progress& state);
    CYCLOS_DECL void frame(std::size_t size);

    request what_;
    std::string head_;                    // with the opening of the form
    std::string closing_;                 // of the form
    std::optional<std::uint64_t> length_; // of the source
    std::uint64_t read_ = 0;
    block current_;
    block next_;
    bool source_ended_ = true;
    bool ended_ = false;
    std::string chunk_head_;
    std::string chunk_tail_;
};

} // namespace cyclos::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/upload.ipp>
#endif

#endif // CYCLOS_HTTP_UPLOAD_HPP
