//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_IMPL_REQUEST_WRITER_IPP
#define CYCLOS_DETAIL_HTTP_REQUEST_IMPL_REQUEST_WRITER_IPP

#include <cyclos/detail/http/request/request_writer.hpp>

#include <cyclos/detail/base/deadline_timer.hpp>
#include <cyclos/detail/http/request/multipart.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

// How much of the body is copied behind the header section into one contiguous buffer, so that the
// first TLS record (at most 16 KiB) carries both.
inline constexpr std::size_t first_record_body = 12 * 1024;

inline std::string to_hex(std::size_t number)
{
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

} // namespace detail

CYCLOS_DECL request_writer::request_writer(request&& message, const upload_config& settings)
    : not_repeatable_(message.not_repeatable)
    , shared_source_(message.body != nullptr)
    , settings_(settings)
{
    request input{std::move(message)}; // frees its strings at the end of the constructor
    if (input.body) {
        field_ = input.field;
        body_ = std::move(input.body);
    }
    else if (input.form) {
        field_ = input.form->field;
        body_ = std::make_shared<source_reader>(std::move(input.form->body), settings_);
    }
    if (body_) {
        framing_ = std::make_unique<framing>();
    }
    // Reserve little more than needed: thousands of requests may wait for a connection, each with
    // its header section. 192 bytes are for the fields that build_head() appends.
    head_.reserve(input.method.size() + input.target.size() + input.fields.size() +
                  input.credentials.size() + (body_ ? 192 : 48));
    head_ += input.method;
    head_ += ' ';
    head_ += input.target;
    head_ += " HTTP/1.1\r\n";
    head_ += input.fields;
    head_ += input.credentials;
    fixed_head_size_ = head_.size();
    if (!body_) {
        // PUT defines a meaning for content, so its absence should be explicit (RFC 9110, section
        // 8.6). Some proxies require it.
        head_ += input.method == "PUT" ? "Content-Length: 0\r\n\r\n" : "\r\n";
    }
}

/// Limits a wait for the source. Notifies the waiting coroutine when the pool is stopped, and at
/// timeouts.source or the total deadline, whichever is earlier.
class request_writer::source_wait
{
public:
    source_wait(net::pool& pool, cyclos::detail::notifier& wakeup, exchange_state& state)
        : pool_(pool)
        , wakeup_(wakeup)
        , state_(state)
        , observer_(pool, wakeup)
    {
        const auto timeout = pool.settings().timeouts.source;
        const auto source_deadline = timeout.count() > 0
                                         ? exchange_state::time_point::clock::now() + timeout
                                         : (exchange_state::time_point::max)();
        if (source_deadline < state.end) {
            timeout_code_ = errc::source_timeout;
        }
        if (const auto deadline = (std::min)(state.end, source_deadline);
            deadline != (exchange_state::time_point::max)()) {
            timer_.emplace(pool.executor(), deadline, wakeup);
        }
    }

    /// Throws if the wait is over although the source has not responded.
    void throw_if_ended() const
    {
        if (wakeup_.cancelled()) {
            state_.fail(errc::cancelled);
        }
        if (pool_.stopped()) {
            state_.fail(errc::client_closed);
        }
        if (timer_ && timer_->due()) {
            state_.fail(timeout_code_, "the source of the upload");
        }
    }

private:
    net::pool& pool_;
    cyclos::detail::notifier& wakeup_;
    exchange_state& state_;
    net::pool::observer observer_;
    std::optional<cyclos::detail::deadline_timer> timer_;
    errc timeout_code_ = errc::total_timeout;
};

CYCLOS_DECL boost::asio::awaitable<void>
request_writer::prepare(net::pool& pool, cyclos::detail::notifier& wakeup, exchange_state& state)
{
    if (!body_) {
        co_return;
    }
    if (body_->reading()) {
        co_await stop_source(wakeup);
    }
    body_->start(pool.executor(), wakeup);
    framing_->bytes_written = 0;
    {
        const source_wait wait{pool, wakeup, state};
        while (!body_->poll_block(state)) {
            wait.throw_if_ended();
            co_await wakeup.wait();
        }
    }
    prepared_ = true;
    body_->advance();
    expect_continue_ = settings_.expect_continue_threshold &&
                       body_->length().value_or((std::numeric_limits<std::uint64_t>::max)()) >=
                           *settings_.expect_continue_threshold;
    build_head();
}

CYCLOS_DECL boost::asio::awaitable<void>
request_writer::check(net::pool& pool, cyclos::detail::notifier& wakeup, exchange_state& state)
{
    body_->start_check(pool.executor(), wakeup);
    const source_wait wait{pool, wakeup, state};
    while (!body_->poll_check(state)) {
        wait.throw_if_ended();
        co_await wakeup.wait();
    }
}

CYCLOS_DECL boost::asio::awaitable<void>
request_writer::stop_source(cyclos::detail::notifier& wakeup)
{
    body_->stop();
    while (body_->reading()) {
        co_await wakeup.wait();
    }
}

CYCLOS_DECL boost::asio::awaitable<void>
request_writer::release_blocks(cyclos::detail::notifier& wakeup)
{
    co_await stop_source(wakeup);
    prepared_ = false;
    // A second owner is a connection that is still writing the current block.
    if (weak_from_this().use_count() == 1) {
        body_->drop_blocks();
    }
}

CYCLOS_DECL void request_writer::build_head()
{
    framing& f = *framing_;
    const multipart form{field_, body_->file_name(), body_->media_type()};
    f.opening = form.opening();
    f.closing = form.closing();
    head_.resize(fixed_head_size_);
    head_ += "Content-Type: ";
    head_ += form.content_type();
    if (const auto& length = body_->length()) {
        head_ += "\r\nContent-Length: ";
        head_ += std::to_string(f.opening.size() + *length + f.closing.size());
    }
    else {
        head_ += "\r\nTransfer-Encoding: chunked";
        f.opening = detail::to_hex(f.opening.size()) + "\r\n" + f.opening + "\r\n";
    }
    head_ += expect_continue_ ? "\r\nExpect: 100-continue\r\n\r\n" : "\r\n\r\n";
}

CYCLOS_DECL void request_writer::disable_expect()
{
    expect_continue_ = false;
    build_head();
}

CYCLOS_DECL void request_writer::frame_block()
{
    framing& f = *framing_;
    const std::size_t size = body_->block().size();
    const bool chunked = !body_->length();
    // An empty block must not become a chunk: a chunk of size 0 ends the body.
    f.chunk_prefix = size > 0 && chunked ? detail::to_hex(size) + "\r\n" : std::string{};
    f.chunk_suffix = size > 0 && chunked ? "\r\n" : std::string{};
    if (body_->at_end()) {
        f.chunk_suffix +=
            chunked ? detail::to_hex(f.closing.size()) + "\r\n" + f.closing + "\r\n0\r\n\r\n"
                    : f.closing;
    }
    stage_ = body_->at_end() ? stage::complete : stage::body;
    f.bytes_in_flight = size;
}

CYCLOS_DECL void request_writer::start(net::connection& c)
{
    if (!body_) {
        stage_ = stage::complete;
        c.start_write({boost::asio::buffer(head_)}, shared_from_this());
        return;
    }
    if (expect_continue_) {
        stage_ = stage::awaiting_continue;
        c.start_write({boost::asio::buffer(head_)}, shared_from_this());
        return;
    }
    framing_->first_buffer = head_;
    write_first_block(c);
}

CYCLOS_DECL void request_writer::write_first_block(net::connection& c)
{
    framing& f = *framing_;
    frame_block();
    const std::string_view block = body_->block();
    const std::string_view first_part = block.substr(0, detail::first_record_body);
    f.first_buffer += f.opening;
    f.first_buffer += f.chunk_prefix;
    f.first_buffer += first_part;
    c.start_write({boost::asio::buffer(f.first_buffer),
                   boost::asio::buffer(block.substr(first_part.size())),
                   boost::asio::buffer(f.chunk_suffix)},
                  shared_from_this());
}

CYCLOS_DECL void request_writer::write_block(net::connection& c)
{
    framing& f = *framing_;
    if (stage_ == stage::awaiting_continue) {
        f.first_buffer.clear(); // the header section was sent before
        return write_first_block(c);
    }
    body_->advance();
    frame_block();
    c.start_write({boost::asio::buffer(f.chunk_prefix), boost::asio::buffer(body_->block()),
                   boost::asio::buffer(f.chunk_suffix)},
                  shared_from_this());
}

CYCLOS_DECL void request_writer::on_written(const exchange_state& state)
{
    if (body_ && framing_->bytes_in_flight > 0) {
        framing_->bytes_written += std::exchange(framing_->bytes_in_flight, 0);
        if (state.terms && state.terms->progress) {
            state.terms->progress({.bytes = framing_->bytes_written, .total = body_->length()});
        }
    }
    if (body_ && all_written()) {
        // The response may take long, and many uploads may wait for theirs.
        body_->drop_blocks();
        cyclos::detail::wiped_string{}.swap(framing_->first_buffer);
    }
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_REQUEST_IMPL_REQUEST_WRITER_IPP
