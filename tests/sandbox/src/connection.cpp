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

// The time for the client to close the connection after the server has sent its FIN.
constexpr std::chrono::seconds linger_time{5};

constexpr std::string_view end_of_head = "\r\n\r\n";

} // namespace

connection::connection(const server_context& server, connection_set& connections,
                       asio::ip::tcp::socket socket, std::uint64_t number)
    : server_(server)
    , connections_(connections)
    , transport_(std::move(socket), server.tls, server.journal)
    , timer_(transport_.get_executor())
    , number_(number)
    , input_(std::max(buffer_size, server.options.max_head))
    , remote_address_(transport_.remote_address())
{
    connections_.insert(this);
    ++server_.journal.open;
}

connection::~connection()
{
    connections_.erase(this);
    --server_.journal.open;
}

void connection::abort()
{
    aborted_ = true;
    timer_.cancel();
    if (idle_)
        transport_.shut_down(true);
    transport_.close();
}

void connection::end_idle(ending end)
{
    requested_end_ = end;
    if (end == ending::notify || end == ending::fin)
        transport_.shut_down(end == ending::notify);
    else if (end == ending::reset)
        transport_.reset();
}

asio::awaitable<void> connection::run()
{
    // GCC 12 with the undefined behaviour sanitizer compiles a while loop without a body to a trap.
    for (bool is_open = co_await open(); is_open;)
        is_open = co_await serve_request();
}

asio::awaitable<void> connection::pause(std::chrono::milliseconds duration)
{
    if (duration.count() <= 0 || aborted_)
        co_return;
    clear_deadline();
    timer_.expires_after(duration);
    error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    set_deadline(server_.options.io_timeout);
}

// Prepares the connection for the first request: applies a script, performs the TLS handshake.
asio::awaitable<bool> connection::open()
{
    const auto script =
        server_.connection_misbehaviours.take_next([](const auto&) { return true; });
    if (script) {
        co_await pause(script->delay);
        if (script->before_handshake || !script->instead_of_handshake.empty()) {
            if (server_.tls) {
                // Wait until the client knows that it is connected. If it received a reset before
                // that, it would try the next address.
                set_deadline(server_.options.io_timeout);
                co_await transport_.wait_for_bytes();
            }
            co_await transport_.write_raw(asio::buffer(script->instead_of_handshake));
            co_await end_connection(script->before_handshake.value_or(ending::fin));
            co_return false;
        }
    }

    if (server_.tls) {
        set_deadline(server_.options.io_timeout);
        if (co_await transport_.handshake()) {
            ++server_.journal.handshakes_failed;
            co_await end_connection(ending::fin);
            co_return false;
        }
        resumed_ = transport_.is_resumed();
        ++(resumed_ ? server_.journal.handshakes_resumed : server_.journal.handshakes_full);
        tls_version_ = transport_.tls_version();
        server_name_ = transport_.server_name();
        client_subject_ = transport_.client_subject();
    }

    if (script && script->after_handshake) {
        co_await end_connection(*script->after_handshake);
        co_return false;
    }
    co_return true;
}

// Receives more bytes into the input buffer. Returns false at the end of the stream and on errors.
asio::awaitable<bool> connection::fill_input()
{
    if (input_begin_ != 0) {
        std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
        input_end_ -= std::exchange(input_begin_, 0);
    }
    const auto result = co_await transport_.read_some(
        asio::buffer(input_.data() + input_end_, input_.size() - input_end_));
    input_end_ += result.bytes;
    co_return !result.ec;
}

// Reads and parses the request line and the header section. If that fails, ends the connection and
// returns false.
asio::awaitable<bool> connection::read_head()
{
    std::size_t searched = 0;
    for (;;) {
        const std::string_view received(input_.data() + input_begin_, input_end_ - input_begin_);
        const auto end =
            received.find(end_of_head, searched - std::min(searched, end_of_head.size()));
        searched = received.size();
        if (end != received.npos && end + end_of_head.size() <= server_.options.max_head) {
            head_size_ = end + end_of_head.size();
            error_code ec;
            parser_.emplace();
            parser_->header_limit(static_cast<std::uint32_t>(head_size_) + 1);
            parser_->body_limit(boost::none);
            parser_->put(asio::buffer(received.data(), head_size_), ec);
            if (!ec && parser_->is_header_done())
                co_return true;
            co_await reject_request(ec == http::error::bad_version ? 505 : 400);
            co_return false;
        }
        if (received.size() >= server_.options.max_head) {
            co_await reject_request(431);
            co_return false;
        }

        idle_ = received.empty();
        set_deadline(idle_ ? server_.options.idle_timeout : server_.options.io_timeout);
        const bool more = co_await fill_input();
        idle_ = false;
        if (!more || requested_end_) {
            co_await end_connection(requested_end_.value_or(ending::notify));
            co_return false;
        }
    }
}

// Responds to an invalid request, and ends the connection.
asio::awaitable<void> connection::reject_request(unsigned status)
{
    const auto response = empty_reply(status);
    output_ = response_head(response, false, server_.options, nullptr);
    co_await transport_.write(asio::buffer(output_));
    co_await end_connection(ending::notify);
}

// Reads the body up to its end or to @p limit bytes, or until the upload has failed. Returns false
// if the body is incomplete or malformed.
asio::awaitable<bool> connection::read_body(std::optional<std::uint64_t> limit)
{
    const auto& sink = parser_->get().body();
    parser_->eager(true);
    while (!parser_->is_done() && !(limit && sink.received >= *limit) &&
           !(sink.destination && sink.rejected)) {
        error_code ec = http::error::need_more;
        if (input_begin_ != input_end_)
            input_begin_ += parser_->put(
                asio::buffer(input_.data() + input_begin_, input_end_ - input_begin_), ec);
        if (ec == http::error::need_more) {
            set_deadline(server_.options.io_timeout);
            if (input_end_ - input_begin_ == input_.size() || !co_await fill_input())
                co_return false;
        }
        else if (ec) {
            co_return false;
        }
    }
    co_return true;
}

// Ends the connection, and returns when it is closed.
asio::awaitable<void> connection::end_connection(ending end)
{
    if (end == ending::reset)
        transport_.reset();
    else if (end == ending::notify || end == ending::fin)
        transport_.shut_down(end == ending::notify);

    if (end == ending::hang || end == ending::freeze)
        clear_deadline();
    else
        set_deadline(linger_time);
    if (end == ending::freeze)
        co_await transport_.wait_for_error();
    // Read until the client closes: to close a socket with unread input would reset the connection,
    // and the client might lose bytes that were sent before.
    transport::io_result result;
    while (end != ending::freeze && transport_.is_open() && !result.ec)
        result = co_await transport_.read_raw(asio::buffer(input_));
    transport_.close();
}

} // namespace cyclos::sandbox
