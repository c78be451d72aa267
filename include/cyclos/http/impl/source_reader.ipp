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

// More than any system of files holds.
inline constexpr std::uint64_t longest_source = std::uint64_t{1} << 62U;

// A block is as large as that, or as a source that is smaller.
inline constexpr std::size_t upload_block = 256 * 1024;

// Small pieces are gathered until there are so many bytes, from reads of at most so many.
inline constexpr std::size_t gathered_bytes = 64 * 1024;
inline constexpr std::size_t gathered_piece = 16 * 1024;

// The media type is told from the beginning of the first block, which has so many bytes at least.
inline constexpr std::size_t sniffed_bytes = 16;

[[noreturn]] inline void refuse_source(errc why, std::string detail)
{
    error_context where;
    where.detail = std::move(detail);
    throw error(why, std::move(where));
}

/// Whether a source may say so of itself.
inline bool is_of_source(const error_code& why) noexcept
{
    return why == errc::source_failed || why == errc::source_changed || why == errc::source_refused;
}

inline void check_bytes_read(std::size_t bytes, std::size_t room)
{
    if (bytes > room) {
        refuse_source(errc::source_failed,
                      "it gave " + std::to_string(bytes) + " bytes where " + std::to_string(room) + " were asked for");
    }
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

CYCLOS_DECL void source_reader::spawn(const boost::asio::any_io_executor& executor, cyclos::detail::event& owner,
                                      boost::asio::awaitable<void> use)
{
    owner_ = &owner;
    reading_ = true;
    stopped_ = false;
    failure_ = nullptr;
    auto at_end = [self = shared_from_this()](std::exception_ptr failure) {
        self->failure_ = std::move(failure);
        self->reading_ = false;
        self->notify();
    };
    boost::asio::co_spawn(executor, std::move(use),
                          boost::asio::bind_cancellation_slot(cancel_.slot(), std::move(at_end)));
}

CYCLOS_DECL void source_reader::start_check(const boost::asio::any_io_executor& executor, cyclos::detail::event& owner)
{
    spawn(executor, owner, check(shared_from_this()));
}

CYCLOS_DECL boost::asio::awaitable<void> source_reader::check(std::shared_ptr<source_reader> self)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    self->in_source_ = true;
    const std::optional<std::uint64_t> length = co_await self->body_->check();
    self->in_source_ = false;
    detail::check_at_most("a size", length.value_or(0), self->checks_.max_size);
    require_header_value("media type", self->body_->media_type()); // again once it is open: it may be known only then
}

CYCLOS_DECL bool source_reader::checked(const progress& state) const
{
    rethrow_failure(state);
    return !reading_;
}

CYCLOS_DECL void source_reader::start(const boost::asio::any_io_executor& executor, cyclos::detail::event& owner)
{
    filled_ = false;
    current_.last = false;
    next_ = {}; // a call of the system that was left behind may still write there
    piece_.reset();
    taken_ = false;
    read_ = 0;
    spawn(executor, owner, read(shared_from_this()));
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

    self->in_source_ = true;
    if (self->opened_) {
        co_await self->body_->rewind();
        self->in_source_ = false;
    }
    else {
        co_await self->body_->open();
        self->in_source_ = false;
        self->opened_ = true;
        self->length_ = self->body_->length();
        // The form around it has a length as well, and the sum is a number of 64 bits.
        if (self->length_ && *self->length_ > detail::longest_source) {
            detail::refuse_source(errc::source_refused, "a size of " + std::to_string(*self->length_));
        }
        detail::check_at_most("a size", self->length_.value_or(0), self->checks_.max_size);
        if (self->length_ && *self->length_ < detail::upload_block) {
            self->block_size_ = static_cast<std::size_t>(*self->length_) + 1; // room to see that it ends there
        }
        require_header_value("media type", self->body_->media_type());
    }
    while (!self->next_.last && !self->stopped_) {
        if (self->wants_more()) {
            co_await self->read_piece();
        }
        else {
            co_await here.wait();
        }
    }
}

CYCLOS_DECL bool source_reader::wants_more() const noexcept
{
    // What a slow source has given may be taken at once. As long as nobody takes it, small pieces are gathered.
    return !filled_ || next_.size < (std::min)(detail::gathered_bytes, block_size_);
}

CYCLOS_DECL boost::asio::awaitable<void> source_reader::read_piece()
{
    // A block that may be taken may be on its way to the peer when the piece arrives, which therefore has a buffer of
    // its own. Blocks that a source fills with one read are not copied.
    const bool aside = filled_;
    cyclos::detail::shared_block& memory = aside ? piece_ : next_.bytes;
    const std::size_t place = aside ? 0 : next_.size;
    const std::size_t room =
        aside ? (std::min)(detail::gathered_piece, block_size_ - next_.size) : block_size_ - next_.size;
    if (!memory) {
        memory = cyclos::detail::make_block(aside ? detail::gathered_piece : block_size_);
    }
    in_source_ = true;
    const std::size_t bytes = co_await body_->read_into(memory, boost::asio::buffer(memory.get() + place, room));
    in_source_ = false;
    detail::check_bytes_read(bytes, room);
    read_ += bytes;
    check_length(bytes == 0); // before a block that may be taken is said to be the last one
    if (aside) {
        if (!next_.bytes) {
            next_.bytes = cyclos::detail::make_block(block_size_);
        }
        std::copy_n(piece_.get(), bytes, next_.bytes.get() + next_.size);
    }
    next_.size += bytes;
    next_.last = bytes == 0;

    // To tell the dimensions may take more than the first bytes. When all has been given, the source is asked once
    // more, so that the closing goes out together with the last block.
    const std::size_t least = taken_                                    ? 1
                              : checks_.max_width || checks_.max_height ? block_size_
                                                                        : detail::sniffed_bytes;
    if (!filled_ && (next_.last || next_.size == block_size_ || (next_.size >= least && read_ != length_))) {
        if (!taken_) {
            check_first(next_);
        }
        filled_ = true;
        notify();
    }
}

CYCLOS_DECL void source_reader::check_length(bool at_end) const
{
    // The closing of the form is held back until the source has said that it is at its end, so the server never has a
    // body that looks whole and is not.
    if (!length_) {
        return detail::check_at_most("a size", read_, checks_.max_size);
    }
    if (read_ > *length_ || (at_end && read_ < *length_)) {
        detail::refuse_source(errc::source_changed, "it said " + std::to_string(*length_) + " bytes, and gave " +
                                                        (at_end ? "" : "more than ") +
                                                        std::to_string(at_end ? read_ : *length_));
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
    next_.size = 0;
    filled_ = false;
    taken_ = true;
    if (room_ != nullptr) {
        room_->notify_later();
    }
}

CYCLOS_DECL bool source_reader::ready(const progress& state) const
{
    if (filled_) {
        return true;
    }
    rethrow_failure(state);
    return false;
}

CYCLOS_DECL void source_reader::rethrow_failure(const progress& state) const
{
    if (failure_) {
        try {
            std::rethrow_exception(failure_);
        }
        catch (const error& failure) {
            if (!in_source_ || detail::is_of_source(failure.code())) {
                state.fail(failure.code(), failure.context().detail, failure.cause());
            }
            // Another operation that feeds this one: what happened there did not happen to the upload.
            state.fail(errc::source_failed, failure.what(), failure.code());
        }
        catch (const boost::system::system_error& failure) {
            // Its code is not that of our connection, and must not be taken for it.
            state.fail(errc::source_failed, failure.code().message(), failure.code());
        }
    }
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
