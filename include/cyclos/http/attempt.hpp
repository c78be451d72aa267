//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_ATTEMPT_HPP
#define CYCLOS_HTTP_ATTEMPT_HPP

#include <cyclos/detail/alarm.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/http/exchange_settings.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/response.hpp>
#include <cyclos/http/response_parser.hpp>
#include <cyclos/http/upload.hpp>
#include <cyclos/net/error.hpp>
#include <cyclos/net/pool.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

namespace cyclos::http::detail {

// A server may send any number of interim responses; so many are taken for an attack.
inline constexpr unsigned interim_responses = 16;

/// One try to send a request and to read the head of its response.
class attempt
{
public:
    attempt(net::lease connection, std::shared_ptr<outgoing> message, cyclos::detail::event& mailbox, progress& state,
            const exchange_settings& settings)
        : connection_(std::move(connection))
        , message_(std::move(message))
        , mailbox_(mailbox)
        , state_(state)
        , settings_(settings)
        , parser_(std::make_unique<response_parser>(settings.head_limit))
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

    boost::asio::awaitable<void> run()
    {
        net::connection& c = *connection_;
        c.expect_end(state_.end);
        c.expect_progress(connection_.settings().timeouts.stall);
        c.start_read();

        state_.phase = phase::sending;
        sent_before_ = c.bytes_sent();
        message_->start(c);
        if (message_->asking()) {
            co_await await_continue();
        }
        while (!answered() && send_more()) {
            co_await mailbox_.wait();
        }
        while (!parse()) {
            co_await mailbox_.wait();
        }
        state_.report.head(parser_->status());
    }

    /// Whether the server does not want to be asked, and nothing else is wrong (RFC 9110, section 10.1.1).
    bool minds_being_asked() const noexcept { return parser_->status() == 417 && message_->asking(); }

    /// Whether not a byte of a response came before it failed.
    bool silent() const noexcept { return !some_ && connection_->input().empty(); }

    /// Whether the peer ended the connection, rather than a deadline or the caller.
    bool lost() const noexcept { return !connection_->abort_reason(); }

    bool seasoned() const noexcept { return connection_->seasoned(); }

    response take_response()
    {
        connection_->expect(std::chrono::seconds::zero(), errc::stall_timeout);
        connection_->detach();
        const bool reusable = request_done();
        progress so_far = state_;
        so_far.report = {}; // whether this is the end of the request is for others to say
        return {std::move(connection_), std::move(parser_), std::move(so_far), reusable};
    }

private:
    /// Whether all of the request is in the hands of the system.
    bool request_done() const noexcept
    {
        return message_->all_written() && !connection_->writing() && !connection_->write_failure();
    }

    /// Whether there is a response that makes the rest of the request pointless.
    bool answered() { return parse() && parser_->status() >= 300 && !message_->repeatable(); }

    /// Waits until the server wants the body, or has answered without it, or has had time enough to say so.
    boost::asio::awaitable<void> await_continue()
    {
        connection_->expect(std::chrono::seconds::zero(), errc::stall_timeout); // that nothing moves is meant so
        const cyclos::detail::alarm patience{
            connection_.executor(), progress::time_point::clock::now() + settings_.uploads.continue_timeout, mailbox_};
        while (!parse() && !continued_ && !patience.due() && !connection_->write_failure()) {
            co_await mailbox_.wait();
        }
        connection_->expect_progress(connection_.settings().timeouts.stall);
    }

    /// Gives the connection what there is to send. False once there is no more of that, or it takes no more.
    bool send_more()
    {
        net::connection& c = *connection_;
        while (!c.writing()) {
            if (!c.write_failure()) {
                message_->written();
            }
            if (message_->all_written() || c.write_failure()) {
                return false;
            }
            if (!message_->ready(state_)) {
                break;
            }
            message_->write_block(c);
        }
        return true;
    }

    void await_first_byte()
    {
        state_.phase = phase::waiting;
        connection_->expect(connection_.settings().timeouts.first_byte, errc::first_byte_timeout);
    }

    /// How much of the request the server may have.
    sent_state sent() const noexcept
    {
        // What is counted is what the system has taken. A record of TLS that was cut says nothing to the server.
        return request_done()                             ? sent_state::yes
               : connection_->bytes_sent() > sent_before_ ? sent_state::partly
                                                          : sent_state::no;
    }

    /// Parses what has come. True once the head of the final response is there.
    bool parse()
    {
        net::connection& c = *connection_;
        if (mailbox_.cancelled()) {
            c.abort(make_error_code(errc::cancelled));
        }
        state_.sent = sent();
        if (state_.phase == phase::sending && state_.sent == sent_state::yes) {
            await_first_byte();
        }
        if (c.abort_reason()) {
            state_.fail(c.abort_reason());
        }
        while (!parser_->is_header_done()) {
            if (!c.input().empty() && feed()) {
                continue;
            }
            if (c.read_failure()) {
                state_.fail(errc::connection_lost,
                            c.write_failure() ? c.write_failure().message() : c.read_failure().message());
            }
            c.start_read();
            if (c.reading()) {
                return false;
            }
        }
        return true;
    }

    /// Gives the input to the parser. False where it wants more.
    bool feed()
    {
        net::connection& c = *connection_;
        some_ = true;
        if (state_.phase == phase::waiting) {
            state_.phase = phase::receiving;
            c.expect_progress(connection_.settings().timeouts.stall);
        }
        error_code ec;
        c.consume(parser_->put(boost::asio::buffer(c.input()), ec));
        if (ec == boost::beast::http::error::need_more) {
            if (!parser_->plausible(c.input())) {
                state_.fail(errc::malformed_response, "not HTTP/1.1, or a line that does not end with CR LF");
            }
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
            continued_ = continued_ || parser_->status() == 100;
            parser_ = std::make_unique<response_parser>(settings_.head_limit);
            if (state_.phase == phase::receiving) {
                await_first_byte(); // of the answer
            }
        }
        return true;
    }

    net::lease connection_;
    std::shared_ptr<outgoing> message_;
    cyclos::detail::event& mailbox_;
    progress& state_;
    const exchange_settings& settings_;
    std::unique_ptr<response_parser> parser_;
    std::uint64_t sent_before_ = 0;
    unsigned interim_ = 0;
    bool some_ = false;
    bool continued_ = false; // the server wants the body
};

} // namespace cyclos::http::detail

#endif // CYCLOS_HTTP_ATTEMPT_HPP
