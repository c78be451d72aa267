//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_SOURCE_READER_IPP
#define CYCLOS_HTTP_IMPL_SOURCE_READER_IPP

#include <cyclos/http/source_reader.hpp>

#include <cyclos/http/image_head.hpp>
#include <cyclos/http/target.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

// A block is as large as that, or as a source that is smaller.
inline constexpr std::size_t upload_block = 256 * 1024;

// The media type is told from the beginning of the first block, which has so many bytes at least.
inline constexpr std::size_t sniffed_bytes = 16;

[[noreturn]] inline void refuse_source(errc why, std::string detail)
{
    error_context where;
    where.detail = std::move(detail);
    throw error(why, std::move(where));
}

inline void check_at_most(std::string_view what, std::uint64_t is, std::optional<std::uint64_t> allowed)
{
    if (allowed && is > *allowed) {
        refuse_source(errc::source_refused, std::string{what} + " of " + std::to_string(is) + " where " +
                                                std::to_string(*allowed) + " is allowed");
    }
}

} // namespace detail

CYCLOS_DECL source_reader::source_reader(source body, const upload_config& checks)
    : body_(std::move(body))
    , checks_(checks)
    , block_size_(detail::upload_block)
{}

CYCLOS_DECL void source_reader::start(const boost::asio::any_io_executor& executor, cyclos::detail::event& owner)
{
    owner_ = &owner;
    reading_ = true;
    stopped_ = filled_ = false;
    current_.last = next_.last = false;
    read_ = 0;
    failure_ = nullptr;
    auto at_end = [self = shared_from_this()](std::exception_ptr failure) {
        self->failure_ = std::move(failure);
        self->reading_ = false;
        self->notify();
    };
    boost::asio::co_spawn(executor, read(shared_from_this()),
                          boost::asio::bind_cancellation_slot(cancel_.slot(), std::move(at_end)));
}

/// The reader where it waits, as the other side sees it: it goes with the reader, whichever way that ends.
class source_reader::waiting
{
public:
    waiting(source_reader& whose, const boost::asio::any_io_executor& executor)
        : room_(executor)
        , whose_(whose)
    {
        whose_.room_ = &room_;
    }

    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;

    ~waiting() { whose_.room_ = nullptr; }

    auto wait() { return room_.wait(); }

private:
    cyclos::detail::event room_;
    source_reader& whose_;
};

CYCLOS_DECL boost::asio::awaitable<void> source_reader::read(std::shared_ptr<source_reader> self)
{
    // A source ends as the operations that it waits for do when they are cancelled, not wherever it happens to be.
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    waiting here{*self, co_await boost::asio::this_coro::executor};

    if (std::exchange(self->opened_, true)) {
        co_await self->body_->rewind();
    }
    else {
        co_await self->body_->open();
        self->length_ = self->body_->length();
        detail::check_at_most("a size", self->length_.value_or(0), self->checks_.max_size);
        if (self->length_ && *self->length_ < detail::upload_block) {
            self->block_size_ = static_cast<std::size_t>(*self->length_) + 1; // room to see that it ends there
        }
        require_header_value("media type", self->body_->media_type());
    }
    for (bool first = true;; first = false) {
        co_await self->fill(self->next_);
        if (first) {
            self->check_first(self->next_);
        }
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

CYCLOS_DECL boost::asio::awaitable<void> source_reader::fill(piece& b)
{
    // Where the dimensions are to be told, it may take more than the first bytes.
    const bool all_of_it = read_ == 0 && (checks_.max_width || checks_.max_height);
    const std::size_t least = all_of_it ? block_size_ : detail::sniffed_bytes;
    if (!b.bytes) {
        b.bytes = std::make_unique_for_overwrite<char[]>(block_size_);
    }
    b.size = 0;
    bool more = true;
    while (more && !b.last && !stopped_ && b.size < block_size_) {
        const std::size_t room = block_size_ - b.size;
        const std::size_t bytes = co_await body_->read_some(boost::asio::buffer(b.bytes.get() + b.size, room));
        b.last = bytes == 0;
        b.size += bytes;
        read_ += bytes;
        check_length(b);
        // What a slow source has given goes out before more is waited for. Where all has been given, it is asked once
        // more, so that the closing goes out together with the last block.
        more = bytes == room || read_ == length_ || b.size < least;
    }
}

CYCLOS_DECL void source_reader::check_length(const piece& b) const
{
    // The closing of the form is held back until the source has said that it is at its end, so the server never has a
    // body that looks whole and is not.
    if (!length_) {
        return detail::check_at_most("a size", read_, checks_.max_size);
    }
    if (read_ > *length_ || (b.last && read_ < *length_)) {
        detail::refuse_source(errc::source_changed, "it said " + std::to_string(*length_) + " bytes, and gave " +
                                                        (b.last ? "" : "more than ") +
                                                        std::to_string(b.last ? read_ : *length_));
    }
}

CYCLOS_DECL void source_reader::check_first(const piece& b)
{
    const std::string_view bytes{b.bytes.get(), b.size};
    media_type_ = body_->media_type();
    if (media_type_.empty()) {
        media_type_ = sniff_media_type(bytes);
    }
    if (!checks_.media_types.empty() && std::ranges::none_of(checks_.media_types, [&](const std::string& allowed) {
            return boost::beast::iequals(allowed, media_type_);
        })) {
        detail::refuse_source(errc::source_refused, "a media type of " + media_type_);
    }
    if (checks_.max_width || checks_.max_height) {
        const auto size = sniff_dimensions(bytes).value_or(image_dimensions{});
        detail::check_at_most("a width", size.width, checks_.max_width);
        detail::check_at_most("a height", size.height, checks_.max_height);
    }
}

CYCLOS_DECL void source_reader::advance()
{
    std::swap(current_, next_);
    filled_ = false;
    if (room_ != nullptr) {
        room_->notify_later();
    }
}

CYCLOS_DECL bool source_reader::ready(const progress& state) const
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
            // Its code is not that of our connection, and must not be taken for it.
            state.fail(errc::source_failed, failure.code().message());
        }
    }
    return false;
}

CYCLOS_DECL void source_reader::stop()
{
    stopped_ = true;
    if (reading_) {
        cancel_.emit(boost::asio::cancellation_type::terminal);
    }
    if (room_ != nullptr) {
        room_->notify_later();
    }
}

CYCLOS_DECL void source_reader::notify()
{
    if (owner_ != nullptr) {
        owner_->notify_later();
    }
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_SOURCE_READER_IPP
