//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "connection.hpp"

#include "response_head.hpp"
#include "routes.hpp"
#include "text.hpp"

#include <charconv>
#include <utility>

// The functions of `connection` that handle one request and its response, correctly or as a script
// says.

namespace cyclos::sandbox {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t max_write_size = 64 * 1024;
constexpr std::size_t max_chunk_framing = 24; // The size in hexadecimal and two CRLFs.
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

// The Content-Length of the request; nothing if the body is chunked.
std::optional<std::uint64_t> connection::declared_length() const
{
    return parse_number<std::uint64_t>(
        std::string_view(parser_->get()[http::field::content_length]));
}

request connection::describe_request() const
{
    const auto& header = parser_->get();
    return {.method = header.method(),
            .target = std::string_view(header.target()),
            .headers = header,
            .has_body = !parser_->is_done(),
            .content_length = declared_length(),
            .remote_address = remote_address_};
}

connection::exchange connection::begin_exchange()
{
    const auto& header = parser_->get();
    exchange current;
    current.record_id =
        server_.journal.add({.connection = number_,
                             .number = ++requests_,
                             .head = std::string(input_.data() + input_begin_, head_size_),
                             .body_complete = parser_->is_done(),
                             .resumed = resumed_,
                             .tls_version = tls_version_,
                             .server_name = server_name_,
                             .client_subject = client_subject_});
    input_begin_ += head_size_;
    current.script = server_.misbehaviours.take_next([&](const misbehaviour& script) {
        return (script.method.empty() ||
                script.method == std::string_view(header.method_string())) &&
               (script.target.empty() ||
                std::string_view(header.target()).find(script.target) != std::string_view::npos);
    });
    current.awaits_continue =
        !parser_->is_done() &&
        iequals(std::string_view(header[http::field::expect]), "100-continue");
    return current;
}

// Handles one request and its response. Returns false if the connection has ended.
asio::awaitable<bool> connection::serve_request()
{
    if (!co_await read_head())
        co_return false;
    auto current = begin_exchange();
    const auto* script = current.script.get();

    auto response = co_await process_request(current);
    if (script)
        co_await pause(script->answer_delay);
    if (const auto instead = current.instead()) {
        co_await end_connection(*instead);
        co_return false;
    }
    if (script && script->status) {
        response = reply{.status = *script->status,
                         .content_type = script->content_type,
                         .body = content(script->body)};
        if (response.content_type.empty() && !script->body.empty())
            response.content_type = "application/json";
        else if (response.content_type == "-")
            response.content_type.clear();
    }
    if (!transport_.is_open())
        co_return false;
    server_.journal.update(current.record_id, [&response](request_record& record) {
        record.status = response.status;
    });

    const bool keep = can_keep(current);
    if (!co_await send_response(current, response, keep)) {
        co_await end_connection(current.stopped ? script->stopped : ending::reset);
        co_return false;
    }
    co_return co_await finish_exchange(current, keep);
}

// Reads as much of the body as the response requires, and returns the response.
asio::awaitable<reply> connection::process_request(exchange& current)
{
    const auto* script = current.script.get();
    const auto req = describe_request();
    decision decided;
    if (!current.is_response_replaced() || script->perform)
        decided = route(server_.state, req, server_.content_base);
    auto* accepted = std::get_if<std::unique_ptr<upload>>(&decided);

    // If the header section alone decides on the response, it is sent without waiting for the body.
    if (req.has_body &&
        (accepted || current.is_response_replaced() || (script && script->read_body))) {
        const auto limit = script ? script->read_body : std::nullopt;
        auto& sink = parser_->get().body();
        sink.destination = accepted ? accepted->get() : nullptr;
        if (current.awaits_continue && !(script && script->ignore_expect) && limit != 0u) {
            current.awaits_continue = false;
            co_await transport_.write(asio::buffer(continue_head));
        }
        const bool is_valid = co_await read_body(limit);
        sink.destination = nullptr;
        server_.journal.update(current.record_id, [&](request_record& record) {
            record.body_received = sink.received;
            record.body_complete = parser_->is_done();
        });
        if (!is_valid) {
            // The body is malformed or incomplete. If it is incomplete, the client has closed the
            // connection, and the write fails.
            co_await reject_request(400);
            transport_.close();
            co_return empty_reply(400);
        }
    }
    if (accepted)
        co_return (*accepted)->finish();
    co_return std::move(std::get<reply>(decided));
}

// Whether the connection can be kept open for another request.
bool connection::can_keep(const exchange& current) const
{
    const auto& opts = server_.options;
    const auto* script = current.script.get();
    if (!parser_->keep_alive() || !opts.keep_alive ||
        (script && (script->announce_close || script->framing == framing::until_close)))
        return false;
    if (opts.requests_per_connection != 0 && requests_ >= opts.requests_per_connection)
        return false;
    if (!has_unread_body() || (script && script->read_body))
        return true;
    // A client that waits for `100 Continue` may send its body after a final response, or may not.
    // The server could not tell whether the next bytes are the body or another request.
    const auto length = declared_length();
    return !current.awaits_continue && length &&
           *length - parser_->get().body().received <= opts.max_drain;
}

asio::awaitable<bool> connection::send_response(exchange& current, const reply& response, bool keep)
{
    const auto* script = current.script.get();
    if (script) {
        for (const auto& interim : script->interim)
            if (co_await transport_.write(asio::buffer(interim)))
                co_return false;
        if (script->raw)
            co_return co_await send_bytes(current, *script->raw);
    }

    const bool chunked = script && script->framing == framing::chunked && has_body(response.status);
    const auto length =
        has_body(response.status) ? response.body_length.value_or(response.body.size()) : 0;
    output_ = response_head(response, keep, server_.options, script);
    for (std::uint64_t position = 0; position < length;) {
        const auto room =
            max_write_size - std::min(output_.size(), max_write_size / 2) - max_chunk_framing;
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(length - position, room));
        if (chunked) {
            std::array<char, 16> digits{};
            const auto end =
                std::to_chars(digits.data(), digits.data() + digits.size(), count, 16).ptr;
            output_.append(digits.data(), end).append("\r\n");
        }
        const auto begin = output_.size();
        output_.resize(begin + count);
        response.body.read(response.body_offset + position, std::span(output_).subspan(begin));
        if (chunked)
            output_.append("\r\n");
        position += count;
        if (position < length) {
            if (!co_await send_bytes(current, output_))
                co_return false;
            output_.clear();
        }
    }
    if (chunked)
        output_.append("0\r\n\r\n");
    if (!co_await send_bytes(current, output_))
        co_return false;
    current.stopped = script && script->stop_after && current.sent >= *script->stop_after;
    co_return !current.stopped;
}

// Sends bytes of the response, with the pauses of the script. Returns false if the write failed or
// the script stopped the response.
asio::awaitable<bool> connection::send_bytes(exchange& current, std::string_view bytes)
{
    const auto* script = current.script.get();
    if (!script) {
        set_deadline(server_.options.io_timeout);
        const auto ec = co_await transport_.write(asio::buffer(bytes));
        co_return !ec;
    }
    while (!bytes.empty()) {
        std::uint64_t count = bytes.size();
        if (script->stop_after) {
            current.stopped = current.sent >= *script->stop_after;
            if (current.stopped)
                co_return false;
            count = std::min(count, *script->stop_after - current.sent);
        }
        if (script->pause.count() > 0 && !current.paused) {
            if (current.sent == script->pause_after) {
                current.paused = true;
                co_await pause(script->pause);
            }
            else {
                count = std::min(count, script->pause_after - current.sent);
            }
        }
        if (script->piece != 0)
            count = std::min(count, script->piece);
        co_await pause(script->piece_delay);
        set_deadline(server_.options.io_timeout);
        const auto piece = bytes.substr(0, static_cast<std::size_t>(count));
        if (co_await transport_.write(asio::buffer(piece)))
            co_return false;
        current.sent += piece.size();
        bytes.remove_prefix(piece.size());
    }
    co_return true;
}

// Completes the exchange after the response. Returns false if the connection has ended.
asio::awaitable<bool> connection::finish_exchange(exchange& current, bool keep)
{
    const auto* script = current.script.get();
    const auto end = script ? script->end : ending::keep;
    if (has_unread_body() && script && !script->drain_body) {
        co_await end_connection(end == ending::keep ? ending::freeze : end);
        co_return false;
    }
    if (has_unread_body() && (keep || (script && script->read_body))) {
        const bool is_valid = co_await read_body();
        server_.journal.update(current.record_id, [this](request_record& record) {
            record.body_received = parser_->get().body().received;
            record.body_complete = parser_->is_done();
        });
        if (!is_valid)
            keep = false;
    }
    if (script && !script->unsolicited.empty()) {
        co_await pause(script->unsolicited_delay);
        co_await transport_.write(asio::buffer(script->unsolicited));
    }
    if (keep && end == ending::keep)
        co_return true;
    co_await end_connection(end == ending::keep ? ending::notify : end);
    co_return false;
}

} // namespace cyclos::sandbox
