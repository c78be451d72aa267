//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_UPLOAD_IPP
#define CYCLOS_HTTP_IMPL_UPLOAD_IPP

#include <cyclos/http/upload.hpp>

#include <cyclos/detail/alarm.hpp>
#include <cyclos/http/multipart.hpp>
#include <cyclos/http/target.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <array>
#include <charconv>

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

CYCLOS_DECL boost::asio::awaitable<void> outgoing::prepare(net::pool& connections, cyclos::detail::event& mailbox,
                                                           progress& state)
{
    head_.reserve(512);
    head_ += what_.method;
    head_ += ' ';
    head_ += what_.target;
    head_ += " HTTP/1.1\r\n";
    head_ += what_.fields;
    head_ += what_.credentials;
    if (!what_.form) {
        // A method that has a body by its meaning, and none here: some proxies want to be told (RFC 9110, section 8.6).
        head_ += what_.method == "PUT" ? "Content-Length: 0\r\n\r\n" : "\r\n";
        co_return;
    }

    current_.bytes = std::make_unique_for_overwrite<char[]>(detail::upload_block);
    next_.bytes = std::make_unique_for_overwrite<char[]>(detail::upload_block);
    owner_ = &mailbox;
    const auto executor = co_await boost::asio::this_coro::executor;
    start_reader(executor);
    std::optional<cyclos::detail::alarm> end;
    if (state.end != progress::time_point::max()) {
        end.emplace(executor, state.end, mailbox);
    }
    const net::pool::observer here{connections, mailbox};
    while (!ready(state)) {
        if (mailbox.cancelled()) {
            state.fail(errc::cancelled);
        }
        if (connections.stopped()) {
            state.fail(errc::client_closed);
        }
        if (end && end->due()) {
            state.fail(errc::total_timeout, "the source of the upload");
        }
        co_await mailbox.wait();
    }
    release_block();
    make_head();
}

CYCLOS_DECL void outgoing::make_head()
{
    source& body = what_.form->body;
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
    head_size_ = head_.size();
}

CYCLOS_DECL void outgoing::start_reader(const boost::asio::any_io_executor& executor)
{
    reading_ = true;
    auto at_end = [self = shared_from_this()](std::exception_ptr failure) {
        self->failure_ = std::move(failure);
        self->reading_ = false;
        self->notify();
    };
    boost::asio::co_spawn(executor, read(shared_from_this()),
                          boost::asio::bind_cancellation_slot(cancel_.slot(), std::move(at_end)));
}

/// The reader, as the other side sees it: it goes with the reader, whichever way that ends.
class outgoing::waiting_reader
{
public:
    waiting_reader(outgoing& whose, const boost::asio::any_io_executor& executor)
        : room_(executor)
        , whose_(whose)
    {
        whose_.room_ = &room_;
    }

    waiting_reader(const waiting_reader&) = delete;
    waiting_reader& operator=(const waiting_reader&) = delete;

    ~waiting_reader() { whose_.room_ = nullptr; }

    boost::asio::awaitable<void> wait() { return room_.wait(); }

private:
    cyclos::detail::event room_;
    outgoing& whose_;
};

CYCLOS_DECL boost::asio::awaitable<void> outgoing::read(std::shared_ptr<outgoing> self)
{
    // A source ends as the operations that it waits for do when they are cancelled, not wherever it happens to be.
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    waiting_reader here{*self, co_await boost::asio::this_coro::executor};

    source& body = self->what_.form->body;
    co_await body->open();
    self->length_ = body->length();
    require_header_value("media type", body->media_type());
    for (;;) {
        co_await self->fill(self->next_);
        self->filled_ = true;
        self->notify();
        if (self->next_.last) {
            co_return;
        }
        while (self->filled_ && !self->stopped_) {
            co_await here.wait();
        }
        if (self->stopped_) {
            co_return;
        }
    }
}

CYCLOS_DECL boost::asio::awaitable<void> outgoing::fill(block& b)
{
    b.size = 0;
    bool more = true;
    while (more && !b.last && !stopped_ && b.size < detail::upload_block) {
        const std::size_t room = detail::upload_block - b.size;
        const std::size_t bytes =
            co_await what_.form->body->read_some(boost::asio::buffer(b.bytes.get() + b.size, room));
        b.last = bytes == 0;
        b.size += bytes;
        read_ += bytes;
        check_length(b);
        // What a slow source has given goes out before more is waited for. Where all has been given, it is asked once
        // more, so that the closing goes out together with the last block.
        more = bytes == room || read_ == length_ || b.size < detail::sniffed_bytes;
    }
}

CYCLOS_DECL void outgoing::check_length(const block& b) const
{
    // The closing of the form is held back until the source has said that it is at its end, so the server never has a
    // body that looks whole and is not.
    if (!length_ || (read_ <= *length_ && !(b.last && read_ < *length_))) {
        return;
    }
    error_context where;
    where.detail = "it said " + std::to_string(*length_) + " bytes, and gave " + (b.last ? "" : "more than ") +
                   std::to_string(b.last ? read_ : *length_);
    throw error(errc::source_changed, std::move(where));
}

CYCLOS_DECL void outgoing::release_block()
{
    std::swap(current_, next_);
    filled_ = false;
    if (room_ != nullptr) {
        room_->notify_later();
    }
}

CYCLOS_DECL bool outgoing::ready(const progress& state) const
{
    if (filled_) {
        return true;
    }
    if (failure_) {
        try {
            std::rethrow_exception(failure_);
        }
        catch (const error& failure) {
            state.fail(failure.code(), failure.context().detail);
        }
        catch (const boost::system::system_error& failure) {
            state.fail(failure.code(), "the source of the upload");
        }
    }
    return false;
}

CYCLOS_DECL void outgoing::stop()
{
    stopped_ = true;
    if (reading_) {
        cancel_.emit(boost::asio::cancellation_type::terminal);
    }
    if (room_ != nullptr) {
        room_->notify_later();
    }
}

CYCLOS_DECL void outgoing::notify()
{
    if (owner_ != nullptr) {
        owner_->notify_later();
    }
}

CYCLOS_DECL void outgoing::frame()
{
    const std::size_t size = current_.size;
    // A chunk of no bytes would end the body.
    chunk_head_ = size > 0 && !length_ ? detail::hexadecimal(size) + "\r\n" : std::string{};
    chunk_tail_ = size > 0 && !length_ ? "\r\n" : std::string{};
    if (current_.last) {
        chunk_tail_ += length_ ? closing_ : detail::hexadecimal(closing_.size()) + "\r\n" + closing_ + "\r\n0\r\n\r\n";
    }
    ended_ = current_.last;
}

CYCLOS_DECL void outgoing::start(net::connection& c)
{
    if (!what_.form) {
        ended_ = true;
        c.start_write({boost::asio::buffer(head_)}, shared_from_this());
        return;
    }
    frame();
    // One contiguous beginning: the first TLS record carries head and body.
    const std::size_t together = std::min<std::size_t>(current_.size, 12 * 1024);
    head_.resize(head_size_);
    head_ += chunk_head_;
    head_.append(current_.bytes.get(), together);
    c.start_write({boost::asio::buffer(head_),
                   boost::asio::buffer(current_.bytes.get() + together, current_.size - together),
                   boost::asio::buffer(chunk_tail_)},
                  shared_from_this());
}

CYCLOS_DECL void outgoing::write_block(net::connection& c)
{
    release_block();
    frame();
    c.start_write({boost::asio::buffer(chunk_head_), boost::asio::buffer(current_.bytes.get(), current_.size),
                   boost::asio::buffer(chunk_tail_)},
                  shared_from_this());
}

} // namespace cyclos::http

#endif // CYCLOS_HTTP_IMPL_UPLOAD_IPP
