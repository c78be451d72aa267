//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_RESPONSE_IPP
#define CYCLOS_HTTP_IMPL_RESPONSE_IPP

#include <cyclos/http/response.hpp>

#include <cyclos/detail/whole_text.hpp>
#include <cyclos/http/incoming.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

// What is read of a body that nobody wants any more before its connection is closed.
inline constexpr std::size_t drained_bytes = 64 * 1024;

// How long the body of an error may keep the error waiting, and how long one that nobody wants is read.
inline constexpr std::chrono::seconds excerpt_within{1};

/// Attaches an event to a connection for as long as a coroutine waits on it.
class attachment
{
public:
    attachment(net::lease& connection, cyclos::detail::event& mailbox)
        : connection_(connection)
    {
        connection_->attach(mailbox);
    }

    attachment(const attachment&) = delete;
    attachment& operator=(const attachment&) = delete;

    ~attachment()
    {
        if (connection_) {
            connection_->expect(std::chrono::seconds::zero(), errc::stall_timeout);
            connection_->detach();
        }
    }

private:
    net::lease& connection_;
};

} // namespace detail

using framing = detail::incoming::framing;

CYCLOS_DECL response::response() = default;
CYCLOS_DECL response::response(response&&) noexcept = default;

CYCLOS_DECL response& response::operator=(response&& other) noexcept
{
    const response dropped{std::move(*this)};
    in_ = std::move(other.in_);
    return *this;
}

CYCLOS_DECL response::~response()
{
    if (in_ && in_->connection && !in_->abandoned) {
        abandon();
    }
}

CYCLOS_DECL response::response(std::unique_ptr<detail::incoming> head, bool request_done)
    : in_(std::move(head))
{
    detail::incoming& in = *in_;
    response_parser& parser = *in.parser;
    in.state.phase = phase::receiving;
    if (const auto length = parser.content_length()) {
        in.content_length = *length;
    }
    if (parser.is_done()) {
        in.content_length = in.content_length ? std::optional<std::uint64_t>{0} : std::nullopt;
    }
    else if (parser.chunked()) {
        in.body = framing::chunked;
        in.content_length.reset();
    }
    else if (in.content_length) {
        in.left = *in.content_length;
        in.body = in.left > 0 ? framing::length : framing::none;
    }
    else {
        in.body = framing::until_close;
    }
    in.reusable = request_done && parser.status() >= 200 && in.body != framing::until_close && parser.keep_alive() &&
                  !parser.ambiguous();
    if (const auto seconds = parse_keep_alive(parser.fields()["Keep-Alive"])) {
        in.keep_alive = *seconds;
    }
    if (in.body == framing::none) {
        finish();
    }
}

CYCLOS_DECL unsigned response::status() const noexcept
{
    return in_ ? in_->parser->status() : 0;
}

CYCLOS_DECL const header_fields& response::fields() const noexcept
{
    static const header_fields none;
    return in_ ? in_->parser->fields() : none;
}

CYCLOS_DECL const progress& response::state() const noexcept
{
    static const progress none;
    return in_ ? in_->state : none;
}

CYCLOS_DECL std::optional<std::uint64_t> response::content_length() const noexcept
{
    return in_ ? in_->content_length : std::nullopt;
}

CYCLOS_DECL std::string_view response::whole_body() const noexcept
{
    return in_ ? std::string_view{in_->whole_body} : std::string_view{};
}

CYCLOS_DECL void response::ignore_rest()
{
    in_->state.report.end(error_code{});
}

CYCLOS_DECL bool response::done() const noexcept
{
    return !in_ || in_->body == framing::none;
}

CYCLOS_DECL bool response::worth_draining() const noexcept
{
    return in_->reusable && (in_->body == framing::chunked || in_->left <= detail::drained_bytes);
}

CYCLOS_DECL boost::asio::awaitable<void> response::drain(std::shared_ptr<response> rest)
{
    co_await rest->read_excerpt(detail::drained_bytes); // gives the connection back where that is all
}

CYCLOS_DECL void response::abandon() noexcept
{
    // This may be any thread, and the hook is to be called on the client's executor.
    const auto executor = in_->connection.executor();
    in_->abandoned = true;
    auto rest = std::make_shared<response>(std::move(*this));
    boost::asio::dispatch(executor, [executor, rest = std::move(rest)] {
        rest->in_->state.report.end(make_error_code(errc::cancelled));
        if (rest->worth_draining()) {
            boost::asio::co_spawn(executor, drain(rest), boost::asio::detached);
        }
    });
}

CYCLOS_DECL void response::report_to(request_report report)
{
    in_->state.report = std::move(report);
    if (done()) {
        ignore_rest();
    }
}

CYCLOS_DECL void response::finish()
{
    in_->body = framing::none;
    in_->state.report.end(error_code{});
    if (in_->reusable) {
        in_->connection.clean(in_->keep_alive);
    }
    in_->connection.give_back_here();
}

CYCLOS_DECL void response::fail(cyclos::detail::event& mailbox)
{
    const error_code lost = in_->connection->read_failure();
    // The end of the stream in mid-body says nothing by itself: what it means is that the message was cut.
    error_code why = errc::connection_lost;
    if (mailbox.cancelled()) {
        why = errc::cancelled;
    }
    else if (in_->connection->abort_reason()) {
        why = in_->connection->abort_reason();
    }
    const bool cut = why == errc::connection_lost;
    fail(why, cut ? lost.message() : std::string{}, cut ? lost : error_code{});
}

CYCLOS_DECL void response::fail(const error_code& why, std::string detail, const error_code& cause)
{
    break_off(why);
    in_->state.fail(why, std::move(detail), cause);
}

CYCLOS_DECL void response::break_off(const error_code& why)
{
    in_->body = framing::none;
    in_->state.report.end(why);
    in_->connection.give_back();
}

CYCLOS_DECL void response::close(const error_code& why)
{
    if (!done()) {
        break_off(why);
    }
}

CYCLOS_DECL void response::refuse(std::string detail)
{
    in_->state.phase = phase::decoding;
    fail(errc::unexpected_response, std::move(detail));
}

CYCLOS_DECL boost::asio::awaitable<std::size_t> response::read_some(boost::asio::mutable_buffer target)
{
    if (done() || target.size() == 0) {
        co_return 0;
    }
    cyclos::detail::event mailbox{co_await boost::asio::this_coro::executor};
    mailbox.follow(co_await boost::asio::this_coro::cancellation_state);
    if (mailbox.cancelled()) {
        fail(mailbox);
    }
    const detail::attachment attached{in_->connection, mailbox};
    in_->connection->expect_progress(in_->connection.settings().timeouts.stall);
    std::size_t bytes = 0;
    if (in_->body == framing::chunked) {
        bytes = co_await read_chunked(mailbox, target);
    }
    else {
        bytes = co_await read_raw(mailbox, target);
    }
    co_return bytes;
}

CYCLOS_DECL void response::keep_secret() noexcept
{
    in_->secret = true;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t> response::read_raw(cyclos::detail::event& mailbox,
                                                                   boost::asio::mutable_buffer target)
{
    net::connection& c = *in_->connection;
    if (in_->body == framing::length && in_->left < target.size()) {
        target = boost::asio::buffer(target, static_cast<std::size_t>(in_->left));
    }
    std::size_t bytes = 0;
    if (!c.input().empty()) {
        bytes = boost::asio::buffer_copy(target, boost::asio::buffer(c.input()));
        c.consume(bytes);
    }
    else {
        c.start_read(target, in_->secret);
        while (c.reading()) {
            co_await mailbox.wait();
            if (mailbox.cancelled()) {
                c.abort(make_error_code(errc::cancelled));
            }
        }
        bytes = c.received();
        if (bytes == 0) {
            // A close_notify ends a body that has no other end; a FIN without one may be anybody's, so that is an
            // error over TLS, stream_truncated.
            if (in_->body == framing::until_close && !c.abort_reason() && c.read_failure() == boost::asio::error::eof) {
                finish();
                co_return 0;
            }
            fail(mailbox);
        }
    }
    if (in_->body == framing::length) {
        in_->left -= bytes;
        if (in_->left == 0) {
            finish();
        }
    }
    co_return bytes;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t> response::read_chunked(cyclos::detail::event& mailbox,
                                                                       boost::asio::mutable_buffer target)
{
    net::connection& c = *in_->connection;
    for (;;) {
        const auto [consumed, written] = in_->chunks.decode(c.input(), target);
        c.consume(consumed);
        if (const error_code& failure = in_->chunks.failure(); failure && written == 0) { // what came before it counts
            fail(failure, failure == errc::header_limit ? "the extensions or trailers of chunks" : "a malformed chunk");
        }
        if (in_->chunks.done()) {
            finish();
        }
        if (in_->chunks.done() || written > 0) {
            co_return written;
        }
        if (c.read_failure() || c.abort_reason()) {
            fail(mailbox);
        }
        c.start_read();
        while (c.reading() && !c.abort_reason()) {
            co_await mailbox.wait();
            if (mailbox.cancelled()) {
                c.abort(make_error_code(errc::cancelled));
            }
        }
    }
}

CYCLOS_DECL boost::asio::awaitable<std::string> response::read_all(std::uint64_t limit)
{
    cyclos::detail::whole_text text{limit};
    if (in_->body == framing::length) {
        if (in_->left > text.limit()) {
            fail(errc::body_limit, std::to_string(in_->left) + " bytes");
        }
        text.expect(in_->left);
    }
    while (!done()) {
        text.received(co_await read_some(text.room()));
        if (text.exceeds_limit()) {
            fail(errc::body_limit, "more than " + std::to_string(text.limit()) + " bytes");
        }
    }
    co_return text.take();
}

CYCLOS_DECL boost::asio::awaitable<void> response::complete(std::uint64_t limit)
{
    char byte = 0;
    if (limit == 0 && co_await read_some(boost::asio::buffer(&byte, 1)) > 0) {
        refuse("a body where none is expected");
    }
    in_->whole_body = co_await read_all(limit);
}

CYCLOS_DECL bool response::complete_at_once(std::uint64_t limit)
{
    if (in_->body == framing::length && in_->left <= limit && in_->left <= in_->connection->input().size()) {
        const auto size = static_cast<std::size_t>(in_->left);
        in_->whole_body = in_->connection->input().substr(0, size);
        in_->connection->consume(size);
        finish();
    }
    return done();
}

CYCLOS_DECL boost::asio::awaitable<std::string> response::read_excerpt(std::size_t limit)
{
    if (done()) {
        co_return std::string{};
    }
    if (in_->body != framing::length || in_->left > in_->connection->input().size()) {
        in_->connection->expect_end(
            (std::min)(std::chrono::steady_clock::now() + detail::excerpt_within, in_->state.end));
    }
    request_report report = std::move(in_->state.report); // that reading fails is not how the request has ended
    std::string text(limit, '\0');
    std::size_t size = 0;
    try {
        while (size < limit && !done()) {
            size += co_await read_some(boost::asio::buffer(text.data() + size, limit - size));
        }
    }
    catch (const error& failure) {
        if (failure.code() == errc::cancelled) {
            report.end(failure.code());
            throw;
        }
        // The status says enough: that its explanation broke off, or does not come, must not hide it.
    }
    if (done()) {
        report.end(error_code{});
    }
    in_->state.report = std::move(report);
    text.resize(size);
    co_return text;
}

CYCLOS_DECL std::optional<std::chrono::seconds> parse_keep_alive(std::string_view value)
{
    constexpr std::string_view key = "timeout=";
    while (!value.empty()) {
        const std::size_t end = (std::min)(value.find(','), value.size());
        std::string_view parameter = value.substr(0, end);
        value.remove_prefix((std::min)(end + 1, value.size()));
        parameter.remove_prefix((std::min)(parameter.find_first_not_of(" \t"), parameter.size()));
        if (!boost::beast::iequals(parameter.substr(0, key.size()), key)) {
            continue;
        }
        unsigned seconds = 0;
        const char* const first = parameter.data() + key.size();
        const auto [rest, ec] = std::from_chars(first, parameter.data() + parameter.size(), seconds);
        if (ec == std::errc{} && rest != first) {
            return std::chrono::seconds{seconds};
        }
    }
    return std::nullopt;
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_RESPONSE_IPP
