//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "connection.hpp"

#include "response_head.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>

#include <cstring>
#include <utility>

namespace cyclos::sandbox {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t buffer_size = 64 * 1024;

// A client is not waited for longer than this before its connection is closed for good.
constexpr std::chrono::seconds linger_time{5};

constexpr std::string_view end_of_head = "\r\n\r\n";

} // namespace

connection::connection(const service& served, connection_set& siblings, asio::ip::tcp::socket socket,
                       std::uint64_t number)
    : service_(served)
    , siblings_(siblings)
    , transport_(std::move(socket), served.tls, served.journal)
    , timer_(transport_.get_executor())
    , number_(number)
    , in_(std::max(buffer_size, served.options.max_head))
    , remote_address_(transport_.remote_address())
{
    siblings_.insert(this);
    ++service_.journal.open;
}

connection::~connection()
{
    siblings_.erase(this);
    --service_.journal.open;
}

void connection::abort()
{
    aborted_ = true;
    timer_.cancel();
    if (idle_)
        transport_.shut_down(true);
    transport_.close();
}

void connection::tell_to_leave(ending how)
{
    told_to_leave_ = how;
    if (how == ending::notify || how == ending::fin)
        transport_.shut_down(how == ending::notify);
    else if (how == ending::reset)
        transport_.reset();
}

asio::awaitable<void> connection::run()
{
    // As a while loop without a body, GCC 12 with the undefined behaviour sanitizer makes a trap of it.
    for (bool goes_on = co_await open(); goes_on;)
        goes_on = co_await serve();
}

asio::awaitable<void> connection::pause(std::chrono::milliseconds duration)
{
    if (duration.count() <= 0 || aborted_)
        co_return;
    never_due();
    timer_.expires_after(duration);
    error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    due_in(service_.options.io_timeout);
}

// Everything before the first request.
asio::awaitable<bool> connection::open()
{
    const auto script = service_.connection_misbehaviours.next([](const auto&) { return true; });
    if (script) {
        co_await pause(script->delay);
        if (script->before_handshake || !script->instead_of_handshake.empty()) {
            if (service_.tls) {
                // By then the client knows that it has connected. An earlier reset would be a failure of the address,
                // and the client would try the next one.
                due_in(service_.options.io_timeout);
                co_await transport_.wait_for_bytes();
            }
            co_await transport_.write_raw(asio::buffer(script->instead_of_handshake));
            co_await leave(script->before_handshake.value_or(ending::fin));
            co_return false;
        }
    }

    if (service_.tls) {
        due_in(service_.options.io_timeout);
        if (co_await transport_.handshake()) {
            ++service_.journal.handshakes_failed;
            co_await leave(ending::fin);
            co_return false;
        }
        resumed_ = transport_.is_resumed();
        ++(resumed_ ? service_.journal.handshakes_resumed : service_.journal.handshakes_full);
        tls_version_ = transport_.tls_version();
        server_name_ = transport_.server_name();
        client_subject_ = transport_.client_subject();
    }

    if (script && script->after_handshake) {
        co_await leave(*script->after_handshake);
        co_return false;
    }
    co_return true;
}

// Reads more of what comes; false at the end of it.
asio::awaitable<bool> connection::fill()
{
    if (in_begin_ != 0) {
        std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
        in_end_ -= std::exchange(in_begin_, 0);
    }
    const auto outcome = co_await transport_.read_some(asio::buffer(in_.data() + in_end_, in_.size() - in_end_));
    in_end_ += outcome.bytes;
    co_return !outcome.failure;
}

// Reads the head of a request and parses it. False where there is none, in which case the connection has been ended.
asio::awaitable<bool> connection::read_head()
{
    std::size_t searched = 0;
    for (;;) {
        const std::string_view received(in_.data() + in_begin_, in_end_ - in_begin_);
        const auto end = received.find(end_of_head, searched - std::min(searched, end_of_head.size()));
        searched = received.size();
        if (end != received.npos && end + end_of_head.size() <= service_.options.max_head) {
            head_size_ = end + end_of_head.size();
            error_code failure;
            parser_.emplace();
            parser_->header_limit(static_cast<std::uint32_t>(head_size_) + 1);
            parser_->body_limit(boost::none);
            parser_->put(asio::buffer(received.data(), head_size_), failure);
            if (!failure && parser_->is_header_done())
                co_return true;
            co_await refuse(failure == http::error::bad_version ? 505 : 400);
            co_return false;
        }
        if (received.size() >= service_.options.max_head) {
            co_await refuse(431);
            co_return false;
        }

        idle_ = received.empty();
        due_in(idle_ ? service_.options.idle_timeout : service_.options.io_timeout);
        const bool more = co_await fill();
        idle_ = false;
        if (!more || told_to_leave_) {
            co_await leave(told_to_leave_.value_or(ending::notify));
            co_return false;
        }
    }
}

// Answers what is no request, and ends the connection.
asio::awaitable<void> connection::refuse(unsigned status)
{
    const auto what = empty_reply(status);
    out_ = response_head(what, false, service_.options, nullptr);
    co_await transport_.write(asio::buffer(out_));
    co_await leave(ending::notify);
}

// Reads the body to its end, until @p limit or until the rest does not matter to an upload. False where it breaks off
// or is malformed.
asio::awaitable<bool> connection::read_body(std::optional<std::uint64_t> limit)
{
    const auto& sink = parser_->get().body();
    parser_->eager(true);
    while (!parser_->is_done() && !(limit && sink.received >= *limit) && !(sink.into && sink.refused)) {
        error_code failure = http::error::need_more;
        if (in_begin_ != in_end_)
            in_begin_ += parser_->put(asio::buffer(in_.data() + in_begin_, in_end_ - in_begin_), failure);
        if (failure == http::error::need_more) {
            due_in(service_.options.io_timeout);
            if (in_end_ - in_begin_ == in_.size() || !co_await fill())
                co_return false;
        }
        else if (failure) {
            co_return false;
        }
    }
    co_return true;
}

// Ends the connection.
asio::awaitable<void> connection::leave(ending how)
{
    if (how == ending::reset)
        transport_.reset();
    else if (how == ending::notify || how == ending::fin)
        transport_.shut_down(how == ending::notify);

    if (how == ending::hang || how == ending::freeze)
        never_due();
    else
        due_in(linger_time);
    if (how == ending::freeze)
        co_await transport_.wait_for_error();
    // To close while something has come that was not read would reset the connection, and with it what was sent.
    transport::transferred outcome;
    while (how != ending::freeze && transport_.is_open() && !outcome.failure)
        outcome = co_await transport_.read_raw(asio::buffer(in_));
    transport_.close();
}

} // namespace cyclos::sandbox
