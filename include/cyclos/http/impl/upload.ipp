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

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

// The head and so much of the body stand in one contiguous buffer: the first TLS record carries both.
inline constexpr std::size_t sent_with_head = 12 * 1024;

inline std::string hexadecimal(std::size_t number)
{
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

} // namespace detail

CYCLOS_DECL outgoing::outgoing(request&& what, const upload_config& settings)
    : once_(what.once)
    , keeps_source_(what.body != nullptr)
    , settings_(settings)
{
    request taken{std::move(what)}; // its texts go when they are copied
    if (taken.body) {
        field_ = taken.field;
        body_ = std::move(taken.body);
    }
    else if (taken.form) {
        field_ = taken.form->field;
        body_ = std::make_shared<source_reader>(std::move(taken.form->body), settings_);
    }
    if (body_) {
        framing_ = std::make_unique<framing>();
    }
    // What follows is known, or some fields about a form: thousands of requests may wait with their heads.
    head_.reserve(taken.method.size() + taken.target.size() + taken.fields.size() + taken.credentials.size() +
                  (body_ ? 192 : 48));
    head_ += taken.method;
    head_ += ' ';
    head_ += taken.target;
    head_ += " HTTP/1.1\r\n";
    head_ += taken.fields;
    head_ += taken.credentials;
    fields_size_ = head_.size();
    if (!body_) {
        // A method that has a body by its meaning, and none here: some proxies want to be told (RFC 9110, section 8.6).
        head_ += taken.method == "PUT" ? "Content-Length: 0\r\n\r\n" : "\r\n";
    }
}

/// What ends the wait for a source.
class outgoing::source_limits
{
public:
    source_limits(net::pool& connections, cyclos::detail::event& mailbox, progress& state)
        : connections_(connections)
        , mailbox_(mailbox)
        , state_(state)
        , observer_(connections, mailbox)
    {
        const auto pause = connections.settings().timeouts.source;
        const auto longest =
            pause.count() > 0 ? progress::time_point::clock::now() + pause : (progress::time_point::max)();
        if (longest < state.end) {
            why_ = errc::source_timeout;
        }
        if (const auto first = (std::min)(state.end, longest); first != (progress::time_point::max)()) {
            end_.emplace(connections.executor(), first, mailbox);
        }
    }

    /// Throws if nobody waits for the source any more.
    void require_time() const
    {
        if (mailbox_.cancelled()) {
            state_.fail(errc::cancelled);
        }
        if (connections_.stopped()) {
            state_.fail(errc::client_closed);
        }
        if (end_ && end_->due()) {
            state_.fail(why_, "the source of the upload");
        }
    }

private:
    net::pool& connections_;
    cyclos::detail::event& mailbox_;
    progress& state_;
    net::pool::observer observer_;
    std::optional<cyclos::detail::alarm> end_;
    errc why_ = errc::total_timeout;
};

CYCLOS_DECL boost::asio::awaitable<void> outgoing::prepare(net::pool& connections, cyclos::detail::event& mailbox,
                                                           progress& state)
{
    if (!body_) {
        co_return;
    }
    if (body_->reading()) {
        co_await stop_source(mailbox);
    }
    body_->start(connections.executor(), mailbox);
    framing_->written = 0;
    {
        const source_limits limits{connections, mailbox, state};
        while (!body_->ready(state)) {
            limits.require_time();
            co_await mailbox.wait();
        }
    }
    prepared_ = true;
    body_->advance();
    ask_ = settings_.expect_continue_from &&
           body_->length().value_or((std::numeric_limits<std::uint64_t>::max)()) >= *settings_.expect_continue_from;
    make_head();
}

CYCLOS_DECL boost::asio::awaitable<void> outgoing::check(net::pool& connections, cyclos::detail::event& mailbox,
                                                         progress& state)
{
    body_->start_check(connections.executor(), mailbox);
    const source_limits limits{connections, mailbox, state};
    while (!body_->checked(state)) {
        limits.require_time();
        co_await mailbox.wait();
    }
}

CYCLOS_DECL boost::asio::awaitable<void> outgoing::stop_source(cyclos::detail::event& mailbox)
{
    body_->stop();
    while (body_->reading()) {
        co_await mailbox.wait();
    }
}

CYCLOS_DECL boost::asio::awaitable<void> outgoing::put_aside(cyclos::detail::event& mailbox)
{
    co_await stop_source(mailbox);
    prepared_ = false;
    if (weak_from_this().use_count() == 1) { // otherwise a connection still has the block in hand
        body_->drop_blocks();
    }
}

CYCLOS_DECL void outgoing::make_head()
{
    framing& f = *framing_;
    const multipart form{field_, body_->file_name(), body_->media_type()};
    f.opening = form.opening();
    f.closing = form.closing();
    head_.resize(fields_size_);
    head_ += "Content-Type: ";
    head_ += form.content_type();
    if (const auto& length = body_->length()) {
        head_ += "\r\nContent-Length: ";
        head_ += std::to_string(f.opening.size() + *length + f.closing.size());
    }
    else {
        head_ += "\r\nTransfer-Encoding: chunked";
        f.opening = detail::hexadecimal(f.opening.size()) + "\r\n" + f.opening + "\r\n";
    }
    head_ += ask_ ? "\r\nExpect: 100-continue\r\n\r\n" : "\r\n\r\n";
}

CYCLOS_DECL void outgoing::do_not_ask()
{
    ask_ = false;
    make_head();
}

CYCLOS_DECL void outgoing::frame()
{
    framing& f = *framing_;
    const std::size_t size = body_->block().size();
    const bool chunked = !body_->length();
    // A chunk of no bytes would end the body.
    f.chunk_head = size > 0 && chunked ? detail::hexadecimal(size) + "\r\n" : std::string{};
    f.chunk_tail = size > 0 && chunked ? "\r\n" : std::string{};
    if (body_->at_end()) {
        f.chunk_tail +=
            chunked ? detail::hexadecimal(f.closing.size()) + "\r\n" + f.closing + "\r\n0\r\n\r\n" : f.closing;
    }
    stage_ = body_->at_end() ? stage::ended : stage::body;
    f.writing = size;
}

CYCLOS_DECL void outgoing::start(net::connection& c)
{
    if (!body_) {
        stage_ = stage::ended;
        c.start_write({boost::asio::buffer(head_)}, shared_from_this());
        return;
    }
    if (ask_) {
        stage_ = stage::asking;
        c.start_write({boost::asio::buffer(head_)}, shared_from_this());
        return;
    }
    framing_->first = head_;
    write_first(c);
}

CYCLOS_DECL void outgoing::write_first(net::connection& c)
{
    framing& f = *framing_;
    frame();
    const std::string_view block = body_->block();
    const std::string_view together = block.substr(0, detail::sent_with_head);
    f.first += f.opening;
    f.first += f.chunk_head;
    f.first += together;
    c.start_write({boost::asio::buffer(f.first), boost::asio::buffer(block.substr(together.size())),
                   boost::asio::buffer(f.chunk_tail)},
                  shared_from_this());
}

CYCLOS_DECL void outgoing::write_block(net::connection& c)
{
    framing& f = *framing_;
    if (stage_ == stage::asking) {
        f.first.clear(); // the head was sent
        return write_first(c);
    }
    body_->advance();
    frame();
    c.start_write(
        {boost::asio::buffer(f.chunk_head), boost::asio::buffer(body_->block()), boost::asio::buffer(f.chunk_tail)},
        shared_from_this());
}

CYCLOS_DECL void outgoing::written()
{
    if (body_ && framing_->writing > 0) {
        framing_->written += std::exchange(framing_->writing, 0);
        if (const progress_hook& hook = body_->on_progress()) {
            hook({.bytes = framing_->written, .total = body_->length()});
        }
    }
    if (body_ && all_written()) {
        body_->drop_blocks(); // the server may take its time with the answer
        cyclos::detail::wiped_string{}.swap(framing_->first);
    }
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_UPLOAD_IPP
