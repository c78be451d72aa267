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

// One request and its answer, as it should be or as a script wants it.

namespace cyclos::sandbox {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t answer_size = 64 * 1024; // Of what is sent at once
constexpr std::size_t max_chunk_framing = 24;  // Size in hexadecimal and two CRLFs
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

// Of the body; nothing where it is chunked.
std::optional<std::uint64_t> connection::declared_length() const
{
    return parse_number<std::uint64_t>(std::string_view(parser_->get()[http::field::content_length]));
}

request connection::describe_request() const
{
    const auto& head = parser_->get();
    return {.method = head.method(),
            .target = std::string_view(head.target()),
            .headers = head,
            .has_body = !parser_->is_done(),
            .content_length = declared_length(),
            .remote_address = remote_address_};
}

connection::exchange connection::begin_exchange()
{
    const auto& head = parser_->get();
    exchange current;
    current.ticket = service_.journal.add({.connection = number_,
                                           .number = ++requests_,
                                           .head = std::string(in_.data() + in_begin_, head_size_),
                                           .body_complete = parser_->is_done(),
                                           .resumed = resumed_,
                                           .tls_version = tls_version_,
                                           .server_name = server_name_,
                                           .client_subject = client_subject_});
    in_begin_ += head_size_;
    current.script = service_.misbehaviours.next([&](const misbehaviour& script) {
        return (script.method.empty() || script.method == std::string_view(head.method_string())) &&
               (script.target.empty() || std::string_view(head.target()).find(script.target) != std::string_view::npos);
    });
    current.expects_continue =
        !parser_->is_done() && iequals(std::string_view(head[http::field::expect]), "100-continue");
    return current;
}

// One request and its answer. False where the connection has been ended.
asio::awaitable<bool> connection::serve()
{
    if (!co_await read_head())
        co_return false;
    auto current = begin_exchange();
    const auto* script = current.script.get();

    auto what = co_await perform(current);
    if (script)
        co_await pause(script->answer_delay);
    if (const auto instead = current.instead()) {
        co_await leave(*instead);
        co_return false;
    }
    if (script && script->status) {
        what = reply{.status = *script->status, .content_type = script->content_type, .body = content(script->body)};
        if (what.content_type.empty() && !script->body.empty())
            what.content_type = "application/json";
        else if (what.content_type == "-")
            what.content_type.clear();
    }
    if (!transport_.is_open())
        co_return false;
    service_.journal.update(current.ticket, [&what](request_record& record) { record.status = what.status; });

    const bool keep = may_keep(current);
    if (!co_await answer(current, what, keep)) {
        co_await leave(current.stopped ? script->stopped : ending::reset);
        co_return false;
    }
    co_return co_await conclude(current, keep);
}

// Reads as much of the request as its answer needs, and finds the answer.
asio::awaitable<reply> connection::perform(exchange& current)
{
    const auto* script = current.script.get();
    const auto asked = describe_request();
    decision decided;
    if (!current.replaced() || script->perform)
        decided = route(service_.state, asked, service_.content_base);
    auto* accepted = std::get_if<std::unique_ptr<upload>>(&decided);

    // Who refuses a request by its head alone does not wait for its body.
    if (asked.has_body && (accepted || current.replaced() || (script && script->read_body))) {
        const auto limit = script ? script->read_body : std::nullopt;
        auto& sink = parser_->get().body();
        sink.into = accepted ? accepted->get() : nullptr;
        if (current.expects_continue && !(script && script->ignore_expect) && limit != 0u) {
            current.expects_continue = false;
            co_await transport_.write(asio::buffer(continue_head));
        }
        const bool good = co_await read_body(limit);
        sink.into = nullptr;
        service_.journal.update(current.ticket, [&](request_record& record) {
            record.body_received = sink.received;
            record.body_complete = parser_->is_done();
        });
        if (!good) {
            // Malformed, or it broke off; in which case nobody reads the answer.
            co_await refuse(400);
            transport_.close();
            co_return empty_reply(400);
        }
    }
    if (accepted)
        co_return (*accepted)->finish();
    co_return std::move(std::get<reply>(decided));
}

// Whether the connection can serve another request after this one.
bool connection::may_keep(const exchange& current) const
{
    const auto& opts = service_.options;
    const auto* script = current.script.get();
    if (!parser_->keep_alive() || !opts.keep_alive ||
        (script && (script->say_close || script->framing == framing::until_close)))
        return false;
    if (opts.requests_per_connection != 0 && requests_ >= opts.requests_per_connection)
        return false;
    if (!body_is_left() || (script && script->read_body))
        return true;
    // A client that waits for a 100 may or may not send its body after this answer, so what comes next is anyone's
    // guess.
    const auto length = declared_length();
    return !current.expects_continue && length && *length - parser_->get().body().received <= opts.max_drain;
}

asio::awaitable<bool> connection::answer(exchange& current, const reply& what, bool keep)
{
    const auto* script = current.script.get();
    if (script) {
        for (const auto& head : script->interim)
            if (co_await transport_.write(asio::buffer(head)))
                co_return false;
        if (script->raw)
            co_return co_await send(current, *script->raw);
    }

    const bool chunked = script && script->framing == framing::chunked && has_body(what.status);
    const auto length = has_body(what.status) ? what.body_length.value_or(what.body.size()) : 0;
    out_ = response_head(what, keep, service_.options, script);
    for (std::uint64_t at = 0; at < length;) {
        const auto room = answer_size - std::min(out_.size(), answer_size / 2) - max_chunk_framing;
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(length - at, room));
        if (chunked) {
            std::array<char, 16> digits{};
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), count, 16).ptr;
            out_.append(digits.data(), end).append("\r\n");
        }
        const auto begin = out_.size();
        out_.resize(begin + count);
        what.body.read(what.body_offset + at, std::span(out_).subspan(begin));
        if (chunked)
            out_.append("\r\n");
        at += count;
        if (at < length) {
            if (!co_await send(current, out_))
                co_return false;
            out_.clear();
        }
    }
    if (chunked)
        out_.append("0\r\n\r\n");
    if (!co_await send(current, out_))
        co_return false;
    current.stopped = script && script->stop_after && current.sent >= *script->stop_after;
    co_return !current.stopped;
}

// Sends a part of the answer, as the script has it. False where that is the end of it.
asio::awaitable<bool> connection::send(exchange& current, std::string_view bytes)
{
    const auto* script = current.script.get();
    if (!script) {
        due_in(service_.options.io_timeout);
        const auto failure = co_await transport_.write(asio::buffer(bytes));
        co_return !failure;
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
        due_in(service_.options.io_timeout);
        const auto piece = bytes.substr(0, static_cast<std::size_t>(count));
        if (co_await transport_.write(asio::buffer(piece)))
            co_return false;
        current.sent += piece.size();
        bytes.remove_prefix(piece.size());
    }
    co_return true;
}

// What comes after an answer. False where the connection has been ended.
asio::awaitable<bool> connection::conclude(exchange& current, bool keep)
{
    const auto* script = current.script.get();
    const auto then = script ? script->then : ending::keep;
    if (body_is_left() && script && !script->read_on) {
        co_await leave(then == ending::keep ? ending::freeze : then);
        co_return false;
    }
    if (body_is_left() && (keep || (script && script->read_body))) {
        const bool good = co_await read_body();
        service_.journal.update(current.ticket, [this](request_record& record) {
            record.body_received = parser_->get().body().received;
            record.body_complete = parser_->is_done();
        });
        if (!good)
            keep = false;
    }
    if (script && !script->unsolicited.empty()) {
        co_await pause(script->unsolicited_delay);
        co_await transport_.write(asio::buffer(script->unsolicited));
    }
    if (keep && then == ending::keep)
        co_return true;
    co_await leave(then == ending::keep ? ending::notify : then);
    co_return false;
}

} // namespace cyclos::sandbox
