//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_UPLOAD_IPP
#define CYCLOS_HTTP_IMPL_UPLOAD_IPP

#include <cyclos/http/upload.hpp>

#include <cyclos/http/multipart.hpp>
#include <cyclos/http/target.hpp>

#include <boost/asio/error.hpp>

#include <array>
#include <charconv>
#include <cstring>

namespace cyclos::http {

namespace detail {

inline constexpr std::size_t upload_block = 128 * 1024;

// The media type is told from the beginning of the first block, which has so many bytes at least.
inline constexpr std::size_t sniffed_bytes = 16;

inline std::string hexadecimal(std::size_t number)
{
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

} // namespace detail

CYCLOS_DECL outgoing::outgoing(request what)
    : what_(std::move(what))
{}

CYCLOS_DECL boost::asio::awaitable<void> outgoing::prepare(progress& state)
{
    head_.reserve(512);
    head_ += what_.method;
    head_ += ' ';
    head_ += what_.target;
    head_ += " HTTP/1.1\r\n";
    head_ += what_.fields;
    if (!what_.form) {
        head_ += "\r\n";
        co_return;
    }

    source& body = what_.form->body;
    current_.bytes = std::make_unique_for_overwrite<char[]>(detail::upload_block);
    next_.bytes = std::make_unique_for_overwrite<char[]>(detail::upload_block);
    try {
        co_await body->open();
        length_ = body->length();
        require_header_value("media type", body->media_type());
    }
    catch (const boost::system::system_error&) {
        rethrow(state);
    }
    source_ended_ = false;
    co_await fill(current_, state);

    std::string media_type = body->media_type();
    if (media_type.empty()) {
        media_type = sniff_media_type({current_.bytes.get(), current_.size});
    }
    const multipart form{what_.form->field, body->file_name(), media_type};
    closing_ = form.closing();
    head_ += "Content-Type: ";
    head_ += form.content_type();
    if (length_) {
        head_ += "\r\nContent-Length: ";
        head_ += std::to_string(form.opening().size() + *length_ + closing_.size());
        head_ += "\r\n\r\n";
        head_ += form.opening();
    }
    else {
        head_ += "\r\nTransfer-Encoding: chunked\r\n\r\n";
        head_ += detail::hexadecimal(form.opening().size());
        head_ += "\r\n";
        head_ += form.opening();
        head_ += "\r\n";
    }
}

CYCLOS_DECL void outgoing::rethrow(const progress& state)
{
    try {
        throw;
    }
    catch (const error& failure) {
        state.fail(failure.code(), failure.context().detail);
    }
    catch (const boost::system::system_error& failure) {
        // A read of Asio's that ends because the operation was cancelled.
        const bool cancelled = failure.code() == boost::asio::error::operation_aborted;
        state.fail(cancelled ? make_error_code(errc::cancelled) : failure.code(), "the source of the upload");
    }
}

CYCLOS_DECL boost::asio::awaitable<void> outgoing::fill(block& b, progress& state)
{
    b.size = 0;
    bool more = true;
    while (more && !source_ended_ && b.size < detail::upload_block) {
        const std::size_t room = detail::upload_block - b.size;
        std::size_t bytes = 0;
        try {
            bytes = co_await what_.form->body->read_some(boost::asio::buffer(b.bytes.get() + b.size, room));
        }
        catch (const boost::system::system_error&) {
            rethrow(state);
        }
        source_ended_ = bytes == 0;
        b.size += bytes;
        read_ += bytes;
        // The closing of the form is held back until the source has said that it is at its end, so the server never
        // has a body that looks whole and is not.
        if (length_ && (read_ > *length_ || (source_ended_ && read_ < *length_))) {
            state.fail(errc::source_changed, "it said " + std::to_string(*length_) + " bytes, and gave " +
                                                 (source_ended_ ? "" : "more than ") +
                                                 std::to_string(source_ended_ ? read_ : *length_));
        }
        // What a slow source has given goes out before more is waited for. Where all has been given, it is asked once
        // more, so that the closing goes out together with the last block.
        more = bytes == room || read_ == length_ || b.size < detail::sniffed_bytes;
    }
}

CYCLOS_DECL void outgoing::frame(std::size_t size)
{
    // A chunk of no bytes would end the body.
    chunk_head_ = size > 0 && !length_ ? detail::hexadecimal(size) + "\r\n" : std::string{};
    chunk_tail_ = size > 0 && !length_ ? "\r\n" : std::string{};
    if (source_ended_) {
        chunk_tail_ += length_ ? closing_ : detail::hexadecimal(closing_.size()) + "\r\n" + closing_ + "\r\n0\r\n\r\n";
        ended_ = true;
    }
}

CYCLOS_DECL void outgoing::start(net::connection& c)
{
    if (!what_.form) {
        ended_ = true;
        c.start_write({boost::asio::buffer(head_)}, shared_from_this());
        return;
    }
    frame(current_.size);
    // One contiguous beginning: the first TLS record carries head and body.
    const std::size_t together = std::min<std::size_t>(current_.size, 12 * 1024);
    head_ += chunk_head_;
    head_.append(current_.bytes.get(), together);
    c.start_write({boost::asio::buffer(head_),
                   boost::asio::buffer(current_.bytes.get() + together, current_.size - together),
                   boost::asio::buffer(chunk_tail_)},
                  shared_from_this());
}

CYCLOS_DECL boost::asio::awaitable<void> outgoing::read_block(progress& state)
{
    co_await fill(next_, state);
}

CYCLOS_DECL void outgoing::write_block(net::connection& c)
{
    std::swap(current_, next_);
    frame(current_.size);
    c.start_write({boost::asio::buffer(chunk_head_), boost::asio::buffer(current_.bytes.get(), current_.size),
                   boost::asio::buffer(chunk_tail_)},
                  shared_from_this());
}

} // namespace cyclos::http

#endif // CYCLOS_HTTP_IMPL_UPLOAD_IPP
