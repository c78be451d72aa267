//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_SOURCE_IMPL_SOURCE_READER_IPP
#define CYCLOS_DETAIL_HTTP_SOURCE_IMPL_SOURCE_READER_IPP

#include <cyclos/detail/http/source/source_reader.hpp>

#include <cyclos/detail/http/request/target.hpp>
#include <cyclos/detail/http/source/image_head.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

// More than the size of a file on any file system.
inline constexpr std::uint64_t max_source_size = std::uint64_t{1} << 62U;

// The size of a block, unless the source is known to be smaller.
inline constexpr std::size_t upload_block_size = 256 * 1024;

// Small pieces are added to a ready block until it has gather_limit bytes, by reads of at most
// gather_read_size bytes.
inline constexpr std::size_t gather_limit = 64 * 1024;
inline constexpr std::size_t gather_read_size = 16 * 1024;

// The media type is detected in the first block, which has at least this size unless the source is
// smaller.
inline constexpr std::size_t min_sniffed_bytes = 16;

[[noreturn]] inline void throw_source_error(errc code, std::string detail)
{
    error_context context;
    context.detail = std::move(detail);
    throw error(code, std::move(context));
}

/// Whether a source reports its own failure with this code. All others become source_failed.
inline bool is_source_code(const error_code& reason) noexcept
{
    return reason == errc::source_failed || reason == errc::source_changed ||
           reason == errc::source_rejected;
}

inline void check_bytes_read(std::size_t bytes, std::size_t room)
{
    if (bytes > room) {
        throw_source_error(errc::source_failed, "it gave " + std::to_string(bytes) +
                                                    " bytes where " + std::to_string(room) +
                                                    " were asked for");
    }
}

inline void check_at_most(std::string_view name, std::uint64_t value,
                          std::optional<std::uint64_t> maximum)
{
    if (maximum && value > *maximum) {
        throw_source_error(errc::source_rejected, std::string{name} + " of " +
                                                      std::to_string(value) + " where " +
                                                      std::to_string(*maximum) + " is allowed");
    }
}

} // namespace detail

CYCLOS_DECL source_reader::source_reader(source body, const upload_config& config)
    : body_(std::move(body))
    , config_(config)
    , block_size_(detail::upload_block_size)
{}

CYCLOS_DECL void source_reader::spawn(const boost::asio::any_io_executor& executor,
                                      cyclos::detail::notifier& owner,
                                      boost::asio::awaitable<void> coroutine)
{
    owner_ = &owner;
    reading_ = true;
    stopped_ = false;
    failure_ = nullptr;
    auto on_finished = [self = shared_from_this()](std::exception_ptr failure) {
        self->failure_ = std::move(failure);
        self->reading_ = false;
        self->notify();
    };
    boost::asio::co_spawn(
        executor, std::move(coroutine),
        boost::asio::bind_cancellation_slot(cancel_.slot(), std::move(on_finished)));
}

CYCLOS_DECL void source_reader::start_check(const boost::asio::any_io_executor& executor,
                                            cyclos::detail::notifier& owner)
{
    spawn(executor, owner, check(shared_from_this()));
}

CYCLOS_DECL boost::asio::awaitable<void> source_reader::check(std::shared_ptr<source_reader> self)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    self->in_source_call_ = true;
    const std::optional<std::uint64_t> length = co_await self->body_->check();
    self->in_source_call_ = false;
    detail::check_at_most("a size", length.value_or(0), self->config_.max_size);
    // read() repeats this: some sources know their media type only once they are open.
    require_header_value("media type", self->body_->media_type());
}

CYCLOS_DECL bool source_reader::poll_check(const exchange_state& state) const
{
    rethrow_failure(state);
    return !reading_;
}

CYCLOS_DECL void source_reader::start(const boost::asio::any_io_executor& executor,
                                      cyclos::detail::notifier& owner)
{
    next_ready_ = false;
    current_.last = false;
    next_ = {}; // a blocking read that was left behind may still write to the old memory
    append_buffer_.reset();
    first_taken_ = false;
    bytes_read_ = 0;
    spawn(executor, owner, read(shared_from_this()));
}

/// Publishes the notifier on which read() waits for space. The destructor withdraws it, also if the
/// coroutine is destroyed with its execution context.
class source_reader::space_wait
{
public:
    space_wait(source_reader& owner, const boost::asio::any_io_executor& executor)
        : notifier_(executor)
        , reader_(owner)
    {
        reader_.space_notifier_ = &notifier_;
    }

    space_wait(const space_wait&) = delete;
    space_wait& operator=(const space_wait&) = delete;

    ~space_wait() { reader_.space_notifier_ = nullptr; }

    auto wait() { return notifier_.wait(); }

private:
    cyclos::detail::notifier notifier_;
    source_reader& reader_;
};

CYCLOS_DECL boost::asio::awaitable<void> source_reader::read(std::shared_ptr<source_reader> self)
{
    // By default, the next co_await after a cancellation would throw. The cancellation should reach
    // the operation that the source awaits instead, so that the source ends as that operation does.
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    space_wait space{*self, co_await boost::asio::this_coro::executor};

    self->in_source_call_ = true;
    if (self->opened_) {
        co_await self->body_->rewind();
        self->in_source_call_ = false;
    }
    else {
        co_await self->body_->open();
        self->in_source_call_ = false;
        self->opened_ = true;
        self->length_ = self->body_->length();
        // Content-Length is this plus the size of the form around it, and must not overflow.
        if (self->length_ && *self->length_ > detail::max_source_size) {
            detail::throw_source_error(errc::source_rejected,
                                       "a size of " + std::to_string(*self->length_));
        }
        detail::check_at_most("a size", self->length_.value_or(0), self->config_.max_size);
        if (self->length_ && *self->length_ < detail::upload_block_size) {
            // One byte more, so that the block is not full before the source has reported its end.
            self->block_size_ = static_cast<std::size_t>(*self->length_) + 1;
        }
        require_header_value("media type", self->body_->media_type());
    }
    while (!self->next_.last && !self->stopped_) {
        if (self->should_read()) {
            co_await self->read_once();
        }
        else {
            co_await space.wait();
        }
    }
}

CYCLOS_DECL bool source_reader::should_read() const noexcept
{
    // The first bytes make a block ready, so that a slow source is sent without delay. As long as
    // the connection does not take the block, further small pieces are gathered in it.
    return !next_ready_ || next_.size < (std::min)(detail::gather_limit, block_size_);
}

CYCLOS_DECL boost::asio::awaitable<void> source_reader::read_once()
{
    // The connection may take a ready block, and begin to send it, before this read completes. The
    // read therefore uses a buffer of its own, and its bytes are appended to the block that is the
    // next one by then. Other reads are not copied.
    const bool appending = next_ready_;
    cyclos::detail::shared_block& memory = appending ? append_buffer_ : next_.bytes;
    const std::size_t offset = appending ? 0 : next_.size;
    const std::size_t room = appending
                                 ? (std::min)(detail::gather_read_size, block_size_ - next_.size)
                                 : block_size_ - next_.size;
    if (!memory) {
        memory = cyclos::detail::make_block(appending ? detail::gather_read_size : block_size_);
    }
    in_source_call_ = true;
    const std::size_t bytes =
        co_await body_->read_into(memory, boost::asio::buffer(memory.get() + offset, room));
    in_source_call_ = false;
    detail::check_bytes_read(bytes, room);
    bytes_read_ += bytes;
    check_length(bytes == 0); // throws before a ready block could be marked as the last one
    if (appending) {
        if (!next_.bytes) {
            next_.bytes = cyclos::detail::make_block(block_size_);
        }
        std::copy_n(append_buffer_.get(), bytes, next_.bytes.get() + next_.size);
    }
    next_.size += bytes;
    next_.last = bytes == 0;

    // The dimensions may be far from the beginning of an image, so checking them takes a full
    // block. Once the source has given as many bytes as it announced, one more read confirms its
    // end, so that the closing of the form is sent together with the last block.
    const std::size_t minimum = first_taken_ ? 1
                                : config_.max_width || config_.max_height
                                    ? block_size_
                                    : detail::min_sniffed_bytes;
    if (!next_ready_ && (next_.last || next_.size == block_size_ ||
                         (next_.size >= minimum && bytes_read_ != length_))) {
        if (!first_taken_) {
            check_first_block(next_);
        }
        next_ready_ = true;
        notify();
    }
}

CYCLOS_DECL void source_reader::check_length(bool at_end) const
{
    // The closing of the form is not sent until the source has reported its end here, so the server
    // never receives a truncated body that looks complete.
    if (!length_) {
        return detail::check_at_most("a size", bytes_read_, config_.max_size);
    }
    if (bytes_read_ > *length_ || (at_end && bytes_read_ < *length_)) {
        detail::throw_source_error(errc::source_changed,
                                   "it said " + std::to_string(*length_) + " bytes, and gave " +
                                       (at_end ? "" : "more than ") +
                                       std::to_string(at_end ? bytes_read_ : *length_));
    }
}

CYCLOS_DECL void source_reader::check_first_block(const block_buffer& first)
{
    const std::string_view bytes{first.bytes.get(), first.size};
    media_type_ = body_->media_type();
    if (media_type_.empty()) {
        media_type_ = sniff_media_type(bytes);
    }
    if (!config_.media_types.empty() &&
        std::ranges::none_of(config_.media_types, [&](const std::string& allowed) {
            return boost::beast::iequals(allowed, media_type_);
        })) {
        detail::throw_source_error(errc::source_rejected, "a media type of " + media_type_);
    }
    if (config_.max_width || config_.max_height) {
        const auto size = sniff_dimensions(bytes).value_or(image_dimensions{});
        detail::check_at_most("a width", size.width, config_.max_width);
        detail::check_at_most("a height", size.height, config_.max_height);
    }
}

CYCLOS_DECL void source_reader::advance()
{
    std::swap(current_, next_);
    next_.size = 0;
    next_ready_ = false;
    first_taken_ = true;
    if (space_notifier_ != nullptr) {
        space_notifier_->notify_later();
    }
}

CYCLOS_DECL bool source_reader::poll_block(const exchange_state& state) const
{
    if (next_ready_) {
        return true;
    }
    rethrow_failure(state);
    return false;
}

CYCLOS_DECL void source_reader::rethrow_failure(const exchange_state& state) const
{
    if (failure_) {
        try {
            std::rethrow_exception(failure_);
        }
        catch (const error& failure) {
            if (!in_source_call_ || detail::is_source_code(failure.code())) {
                state.fail(failure.code(), failure.context().detail, failure.cause());
            }
            // The source reads from another operation of this library, such as a download. The
            // phase and the sent state of that one say nothing about the upload.
            state.fail(errc::source_failed, failure.what(), failure.code());
        }
        catch (const boost::system::system_error& failure) {
            // The bare code would be mistaken for a failure of the upload's own connection.
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
    if (space_notifier_ != nullptr) {
        space_notifier_->notify_later();
    }
}

CYCLOS_DECL void source_reader::notify()
{
    if (owner_ != nullptr) {
        owner_->notify_later();
    }
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_SOURCE_IMPL_SOURCE_READER_IPP
