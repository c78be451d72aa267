//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_RESPONSE_IPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_RESPONSE_IPP

#include <cyclos/detail/http/response/response.hpp>

#include <cyclos/detail/base/whole_text.hpp>
#include <cyclos/detail/http/response/response_state.hpp>

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

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

// How long reading the body of an error may delay that error, and how long a dropped response is
// drained.
inline constexpr std::chrono::seconds excerpt_timeout{1};

/// Attaches a notifier to a connection for the duration of a read. Ends the inactivity timeout
/// afterwards, because the time between two reads is the caller's. The lease is empty by then if
/// the connection was released.
class attachment
{
public:
    attachment(net::lease& connection, cyclos::detail::notifier& wakeup)
        : connection_(connection)
    {
        connection_->attach(wakeup);
    }

    attachment(const attachment&) = delete;
    attachment& operator=(const attachment&) = delete;

    ~attachment()
    {
        if (connection_) {
            connection_->set_phase_deadline(std::chrono::seconds::zero(), errc::inactivity_timeout);
            connection_->detach();
        }
    }

private:
    net::lease& connection_;
};

} // namespace detail

using framing = detail::response_state::framing;

CYCLOS_DECL response::response() = default;
CYCLOS_DECL response::response(response&&) noexcept = default;

CYCLOS_DECL response& response::operator=(response&& other) noexcept
{
    const response dropped{std::move(*this)};
    impl_ = std::move(other.impl_);
    return *this;
}

CYCLOS_DECL response::~response()
{
    if (impl_ && impl_->connection && !impl_->draining) {
        drain_or_close();
    }
}

CYCLOS_DECL response::response(std::unique_ptr<detail::response_state> received, bool request_done)
    : impl_(std::move(received))
{
    detail::response_state& impl = *impl_;
    response_parser& parser = *impl.parser;
    impl.state.phase = phase::receiving;
    if (const auto length = parser.content_length()) {
        impl.content_length = *length;
    }
    if (parser.is_done()) {
        impl.content_length = impl.content_length ? std::optional<std::uint64_t>{0} : std::nullopt;
    }
    else if (parser.chunked()) {
        impl.body_framing = framing::chunked;
        impl.content_length.reset();
    }
    else if (impl.content_length) {
        impl.remaining = *impl.content_length;
        impl.body_framing = impl.remaining > 0 ? framing::length : framing::none;
    }
    else {
        impl.body_framing = framing::until_close;
    }
    impl.reusable = request_done && parser.status() >= 200 &&
                    impl.body_framing != framing::until_close && parser.keep_alive() &&
                    !parser.has_ambiguous_framing();
    if (const auto seconds = parse_keep_alive(parser.fields()["Keep-Alive"])) {
        impl.keep_alive = *seconds;
    }
    if (impl.body_framing == framing::none) {
        finish();
    }
}

CYCLOS_DECL unsigned response::status() const noexcept
{
    return impl_ ? impl_->parser->status() : 0;
}

CYCLOS_DECL const header_fields& response::fields() const noexcept
{
    static const header_fields none;
    return impl_ ? impl_->parser->fields() : none;
}

CYCLOS_DECL const exchange_state& response::state() const noexcept
{
    static const exchange_state none;
    return impl_ ? impl_->state : none;
}

CYCLOS_DECL std::optional<std::uint64_t> response::content_length() const noexcept
{
    return impl_ ? impl_->content_length : std::nullopt;
}

CYCLOS_DECL std::string_view response::whole_body() const noexcept
{
    return impl_ ? std::string_view{impl_->whole_body} : std::string_view{};
}

CYCLOS_DECL void response::finish_report()
{
    impl_->state.report.finish(error_code{});
}

CYCLOS_DECL bool response::done() const noexcept
{
    return !impl_ || impl_->body_framing == framing::none;
}

CYCLOS_DECL bool response::worth_draining() const noexcept
{
    return impl_->reusable &&
           (impl_->body_framing == framing::chunked || impl_->remaining <= detail::drain_limit);
}

CYCLOS_DECL boost::asio::awaitable<void> response::drain(std::shared_ptr<response> rest)
{
    // Releases the connection if this reaches the end of the body. Otherwise the destructor of the
    // lease closes it.
    co_await rest->read_excerpt(detail::drain_limit);
}

CYCLOS_DECL void response::drain_or_close() noexcept
{
    // The destructor may run on any thread. The event hook must be called on the strand of the
    // pool.
    const auto executor = impl_->connection.executor();
    impl_->draining = true;
    auto rest = std::make_shared<response>(std::move(*this));
    boost::asio::dispatch(executor, [executor, rest = std::move(rest)] {
        rest->impl_->state.report.finish(make_error_code(errc::cancelled));
        if (rest->worth_draining()) {
            boost::asio::co_spawn(executor, drain(rest), boost::asio::detached);
        }
    });
}

CYCLOS_DECL void response::set_report(request_report report)
{
    impl_->state.report = std::move(report);
    if (done()) {
        finish_report();
    }
}

CYCLOS_DECL void response::finish()
{
    impl_->body_framing = framing::none;
    impl_->state.report.finish(error_code{});
    if (impl_->reusable) {
        impl_->connection.mark_reusable(impl_->keep_alive);
    }
    impl_->connection.release_on_strand();
}

CYCLOS_DECL void response::fail_read(cyclos::detail::notifier& wakeup)
{
    const error_code read_failure = impl_->connection->read_failure();
    // The code of the read, such as eof, does not say that the message is incomplete. It becomes
    // the cause of an error that does.
    error_code reason = errc::connection_lost;
    if (wakeup.cancelled()) {
        reason = errc::cancelled;
    }
    else if (impl_->connection->abort_reason()) {
        reason = impl_->connection->abort_reason();
    }
    const bool lost = reason == errc::connection_lost;
    fail(reason, lost ? read_failure.message() : std::string{}, lost ? read_failure : error_code{});
}

CYCLOS_DECL void response::fail(const error_code& reason, std::string detail,
                                const error_code& cause)
{
    close_with(impl_->state.reported(reason));
    impl_->state.fail(reason, std::move(detail), cause);
}

CYCLOS_DECL void response::close_with(const error_code& reason)
{
    impl_->body_framing = framing::none;
    impl_->state.report.finish(reason);
    impl_->connection.release();
}

CYCLOS_DECL void response::close(const error_code& reason)
{
    if (!done()) {
        close_with(reason);
    }
}

CYCLOS_DECL void response::reject_body(std::string detail)
{
    impl_->state.phase = phase::decoding;
    fail(errc::unexpected_response, std::move(detail));
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
response::read_some(boost::asio::mutable_buffer target)
{
    if (done() || target.size() == 0) {
        co_return 0;
    }
    cyclos::detail::notifier wakeup{co_await boost::asio::this_coro::executor};
    wakeup.follow(co_await boost::asio::this_coro::cancellation_state);
    if (wakeup.cancelled()) {
        fail_read(wakeup);
    }
    const detail::attachment attached{impl_->connection, wakeup};
    impl_->connection->set_inactivity_timeout(impl_->connection.settings().timeouts.inactivity);
    std::size_t bytes = 0;
    if (impl_->body_framing == framing::chunked) {
        bytes = co_await read_chunked(wakeup, target);
    }
    else {
        bytes = co_await read_raw(wakeup, target);
    }
    co_return bytes;
}

CYCLOS_DECL void response::wipe_buffers() noexcept
{
    impl_->secret = true;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
response::read_raw(cyclos::detail::notifier& wakeup, boost::asio::mutable_buffer target)
{
    net::connection& c = *impl_->connection;
    if (impl_->body_framing == framing::length && impl_->remaining < target.size()) {
        target = boost::asio::buffer(target, static_cast<std::size_t>(impl_->remaining));
    }
    std::size_t bytes = 0;
    if (!c.input().empty()) {
        bytes = boost::asio::buffer_copy(target, boost::asio::buffer(c.input()));
        c.consume(bytes);
    }
    else {
        c.start_read(target, impl_->secret);
        while (c.reading()) {
            co_await wakeup.wait();
            if (wakeup.cancelled()) {
                c.abort(make_error_code(errc::cancelled));
            }
        }
        bytes = c.received();
        if (bytes == 0) {
            // If nothing else delimits the body, the end of the stream completes it. Over TLS that
            // takes a close_notify: a FIN without one can be forged (truncation attack), and is
            // the error stream_truncated.
            if (impl_->body_framing == framing::until_close && !c.abort_reason() &&
                c.read_failure() == boost::asio::error::eof) {
                finish();
                co_return 0;
            }
            fail_read(wakeup);
        }
    }
    if (impl_->body_framing == framing::length) {
        impl_->remaining -= bytes;
        if (impl_->remaining == 0) {
            finish();
        }
    }
    co_return bytes;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
response::read_chunked(cyclos::detail::notifier& wakeup, boost::asio::mutable_buffer target)
{
    net::connection& c = *impl_->connection;
    for (;;) {
        const auto [consumed, written] = impl_->decoder.decode(c.input(), target);
        c.consume(consumed);
        if (const error_code& failure = impl_->decoder.failure();
            failure && written == 0) { // content before the malformed bytes is delivered first
            fail(failure, failure == errc::header_limit ? "the extensions or trailers of chunks"
                                                        : "a malformed chunk");
        }
        if (impl_->decoder.done()) {
            finish();
        }
        if (impl_->decoder.done() || written > 0) {
            co_return written;
        }
        if (c.read_failure() || c.abort_reason()) {
            fail_read(wakeup);
        }
        c.start_read();
        while (c.reading() && !c.abort_reason()) {
            co_await wakeup.wait();
            if (wakeup.cancelled()) {
                c.abort(make_error_code(errc::cancelled));
            }
        }
    }
}

CYCLOS_DECL boost::asio::awaitable<std::string> response::read_all(std::uint64_t limit)
{
    cyclos::detail::whole_text text{limit};
    if (impl_->body_framing == framing::length) {
        if (impl_->remaining > text.limit()) {
            fail(errc::body_limit, std::to_string(impl_->remaining) + " bytes");
        }
        text.set_expected_length(impl_->remaining);
    }
    while (!done()) {
        text.received(co_await read_some(text.prepare()));
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
        reject_body("a body where none is expected");
    }
    impl_->whole_body = co_await read_all(limit);
}

CYCLOS_DECL bool response::complete_at_once(std::uint64_t limit)
{
    if (impl_->body_framing == framing::length && impl_->remaining <= limit &&
        impl_->remaining <= impl_->connection->input().size()) {
        const auto size = static_cast<std::size_t>(impl_->remaining);
        impl_->whole_body = impl_->connection->input().substr(0, size);
        impl_->connection->consume(size);
        finish();
    }
    return done();
}

CYCLOS_DECL boost::asio::awaitable<std::string> response::read_excerpt(std::size_t limit)
{
    if (done()) {
        co_return std::string{};
    }
    if (impl_->body_framing != framing::length ||
        impl_->remaining > impl_->connection->input().size()) {
        impl_->connection->set_total_deadline((std::min)(
            std::chrono::steady_clock::now() + detail::excerpt_timeout, impl_->state.end));
    }
    // A failure to read the excerpt must not be reported as the result of the request.
    request_report report = std::move(impl_->state.report);
    std::string text(limit, '\0');
    std::size_t size = 0;
    try {
        while (size < limit && !done()) {
            size += co_await read_some(boost::asio::buffer(text.data() + size, limit - size));
        }
    }
    catch (const error& failure) {
        if (failure.code() == errc::cancelled) {
            report.finish(failure.code());
            throw;
        }
        // The status is known. A body that is incomplete or late must not hide it.
    }
    if (done()) {
        report.finish(error_code{});
    }
    impl_->state.report = std::move(report);
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
        const auto [rest, ec] =
            std::from_chars(first, parameter.data() + parameter.size(), seconds);
        if (ec == std::errc{} && rest != first) {
            return std::chrono::seconds{seconds};
        }
    }
    return std::nullopt;
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_RESPONSE_IPP
