//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_EXCHANGE_IPP
#define CYCLOS_HTTP_IMPL_EXCHANGE_IPP

#include <cyclos/http/exchange.hpp>

#include <cyclos/http/response_parser.hpp>
#include <cyclos/http/upload.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace cyclos::http {

namespace detail {

// A server may send any number of interim responses; so many are taken for an attack.
inline constexpr unsigned interim_responses = 16;

/// One try to send a request and to read the head of its response.
class attempt
{
public:
    attempt(net::lease connection, cyclos::detail::event& mailbox, progress& state, std::uint32_t head_limit)
        : connection_(std::move(connection))
        , mailbox_(mailbox)
        , state_(state)
        , head_limit_(head_limit)
        , parser_(std::make_unique<response_parser>(head_limit))
    {
        connection_->attach(mailbox);
    }

    attempt(const attempt&) = delete;
    attempt& operator=(const attempt&) = delete;

    ~attempt()
    {
        if (connection_) {
            connection_->detach();
        }
    }

    boost::asio::awaitable<void> run(std::shared_ptr<outgoing> what)
    {
        net::connection& c = *connection_;
        const timeout_config& timeouts = connection_.settings().timeouts;
        c.expect_end(state_.end);
        c.expect_progress(timeouts.stall);
        c.start_read();

        state_.phase = phase::sending;
        state_.sent = sent_state::partly;
        what->start(c);
        while (!answered() && !what->all_written()) {
            co_await what->read_block(state_);
            co_await write_end();
            if (!answered() && !c.write_failure()) {
                what->write_block(c);
            }
        }
        co_await write_end();
        if (what->repeatable()) {
            // It is in the hands of the system, and may be answered before this process has been told so.
            while (c.writing()) {
                co_await mailbox_.wait();
                parse();
            }
        }
        request_done_ = what->all_written() && !c.writing() && !c.write_failure();
        if (request_done_) {
            state_.sent = sent_state::yes;
        }
        if (!parser_->is_header_done()) {
            state_.phase = phase::waiting;
            c.expect(timeouts.first_byte, errc::first_byte_timeout);
            while (!parse()) {
                co_await mailbox_.wait();
            }
        }
        state_.report.head(parser_->status());
    }

    /// Whether not a byte of a response came before it failed.
    bool silent() const noexcept { return !some_ && connection_->input().empty(); }

    /// Whether the peer ended the connection, rather than a deadline or the caller.
    bool lost() const noexcept { return !connection_->abort_reason(); }

    bool used() const noexcept { return connection_->used(); }

    response take_response()
    {
        connection_->expect(std::chrono::seconds::zero(), errc::stall_timeout);
        connection_->detach();
        return {std::move(connection_), std::move(parser_), state_, request_done_};
    }

private:
    /// Waits until nothing is being written, or there is an answer that ends the writing.
    boost::asio::awaitable<void> write_end()
    {
        while (connection_->writing() && !answered()) {
            co_await mailbox_.wait();
        }
    }

    /// Whether there is a response that makes the rest of the request pointless.
    bool answered() { return parse() && parser_->status() >= 300; }

    /// Parses what has come. True once the head of the final response is there.
    bool parse()
    {
        net::connection& c = *connection_;
        if (mailbox_.cancelled()) {
            c.abort(make_error_code(errc::cancelled));
        }
        if (c.abort_reason()) {
            state_.fail(c.abort_reason());
        }
        while (!parser_->is_header_done()) {
            if (c.input().empty() || !feed()) {
                return more();
            }
        }
        return true;
    }

    /// Gives the input to the parser. False where it wants more.
    bool feed()
    {
        net::connection& c = *connection_;
        if (!some_) {
            some_ = true;
            if (state_.phase == phase::waiting) {
                state_.phase = phase::receiving;
                c.expect_progress(connection_.settings().timeouts.stall);
            }
        }
        error_code ec;
        c.consume(parser_->put(boost::asio::buffer(c.input()), ec));
        if (ec == boost::beast::http::error::need_more) {
            if (c.input_full()) {
                state_.fail(errc::header_limit);
            }
            return false;
        }
        if (ec == boost::beast::http::error::header_limit) {
            state_.fail(errc::header_limit);
        }
        if (ec) {
            state_.fail(errc::malformed_response, ec.message());
        }
        if (parser_->is_header_done() && parser_->status() / 100 == 1 && parser_->status() != 101) {
            if (++interim_ > interim_responses) {
                state_.fail(errc::malformed_response, "too many interim responses");
            }
            parser_ = std::make_unique<response_parser>(head_limit_);
        }
        return true;
    }

    /// Asks for more input, or fails where there is no more to come.
    bool more()
    {
        net::connection& c = *connection_;
        if (c.read_failure()) {
            state_.fail(errc::connection_lost,
                        c.write_failure() ? c.write_failure().message() : c.read_failure().message());
        }
        c.start_read();
        return false;
    }

    net::lease connection_;
    cyclos::detail::event& mailbox_;
    progress& state_;
    std::uint32_t head_limit_;
    std::unique_ptr<response_parser> parser_;
    unsigned interim_ = 0;
    bool some_ = false;
    bool request_done_ = false;
};

/// Gets a connection of the pool, or throws why there is none.
inline boost::asio::awaitable<net::lease> acquire(net::pool& connections, cyclos::detail::event& mailbox,
                                                  progress& state)
{
    state.phase = phase::acquiring;
    net::connect_failure failure;
    net::lease connection;
    if (mailbox.cancelled()) {
        failure.phase = phase::acquiring;
        failure.code = errc::cancelled;
    }
    else {
        connection = connections.try_acquire();
        if (!connection) {
            const auto within = connections.settings().timeouts.acquire;
            const auto deadline =
                within.count() > 0 ? progress::time_point::clock::now() + within : progress::time_point::max();
            connection = co_await connections.acquire(mailbox, std::min(deadline, state.end), failure);
            if (failure.code == errc::acquire_timeout && state.end < deadline) {
                failure.code = errc::total_timeout;
            }
        }
    }
    if (!connection) {
        state.report.end(failure.code);
        state.fail(std::move(failure));
    }
    co_return connection;
}

} // namespace detail

CYCLOS_DECL boost::asio::awaitable<response> exchange(std::shared_ptr<net::pool> connections, request what,
                                                      progress state, std::uint32_t head_limit)
{
    cyclos::detail::event mailbox{co_await boost::asio::this_coro::executor};

    state.report = request_report{connections->settings().on_event, state.operation};
    const auto message = std::make_shared<outgoing>(std::move(what));
    co_await message->prepare(state);

    for (;;) {
        if ((co_await boost::asio::this_coro::cancellation_state).cancelled() != boost::asio::cancellation_type::none) {
            mailbox.set_cancelled();
        }
        net::lease connection = co_await detail::acquire(*connections, mailbox, state);
        if (connection->used() && !connection->fit()) {
            continue; // it has ended while it was handed over
        }

        ++state.attempts;
        state.report.acquired(connection.get());
        detail::attempt attempt{std::move(connection), mailbox, state, head_limit};
        try {
            co_await attempt.run(message);
            co_return attempt.take_response();
        }
        catch (const error& failure) {
            // An idle connection can end at the very moment that it is used: the server has not seen the request
            // then, or nothing of its work can be lost by asking again.
            const bool stale = attempt.used() && attempt.silent() && attempt.lost();
            if (!stale || !(message->repeatable() || state.sent == sent_state::no)) {
                state.report.end(failure.code());
                throw;
            }
            state.report.retried(failure.code());
        }
        state.sent = sent_state::no;
    }
}

} // namespace cyclos::http

#endif // CYCLOS_HTTP_IMPL_EXCHANGE_IPP
