//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_ATTEMPT_HPP
#define CYCLOS_HTTP_ATTEMPT_HPP

#include <cyclos/detail/alarm.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/http/exchange_settings.hpp>
#include <cyclos/http/incoming.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/response.hpp>
#include <cyclos/http/upload.hpp>
#include <cyclos/net/error.hpp>
#include <cyclos/net/pool.hpp>

#include <boost/asio/buffer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::http::detail {

// A server may send any number of interim responses; so many are taken for an attack.
inline constexpr unsigned interim_responses = 16;

/// One try to send a request and to read the head of its response. It waits for nothing itself: its coroutine does.
class attempt
{
public:
    /// Begins to send.
    attempt(net::lease over, outgoing& message, cyclos::detail::event& mailbox, progress& state,
            const exchange_settings& settings)
        : message_(message)
        , mailbox_(mailbox)
        , state_(state)
        , settings_(settings)
        , answer_(std::make_unique<incoming>(std::move(over), settings.head_limit))
        , connection_(answer_->connection)
        , sent_before_(connection_->bytes_sent())
    {
        net::connection& c = *connection_;
        c.attach(mailbox_);
        c.expect_end(state_.end);
        c.start_read();

        state_.phase = phase::sending;
        message_.start(c);
        if (!request_done()) {
            c.expect_progress(connection_.settings().timeouts.stall);
        }
        if (message_.asking()) {
            c.expect(std::chrono::seconds::zero(), errc::stall_timeout); // that nothing moves is meant so
            patience_.emplace(connection_.executor(),
                              progress::time_point::clock::now() + settings_.uploads.continue_timeout, mailbox_);
        }
    }

    attempt(const attempt&) = delete;
    attempt& operator=(const attempt&) = delete;

    ~attempt()
    {
        if (answer_ && connection_) {
            connection_->detach();
        }
    }

    /// Goes as far as it can without waiting. True once the head of the response is there.
    bool advance()
    {
        if (patience_ && !may_send_body()) {
            return false;
        }
        if (!sent_all_) {
            if (!answered()) {
                keep_reading();
                if (send_more()) {
                    return false;
                }
            }
            sent_all_ = true;
        }
        if (!parse()) {
            return false;
        }
        if (is_confirmed()) {
            state_.sent = sent_state::yes; // for what follows: not even a part of it may be sent again
        }
        state_.report.head(parser().status());
        return true;
    }

    /// Whether the server does not want to be asked, and nothing else is wrong (RFC 9110, section 10.1.1).
    bool minds_being_asked() const noexcept { return parser().status() == 417 && message_.asking(); }

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
        connection_->stop_write(); // of an upload that was answered early: the error says how much of it was sent
        answer_->state = state_;
        answer_->state.report = {}; // whether this is the end of the request is for others to say
        return {std::move(answer_), reusable};
    }

private:
    response_parser& parser() const noexcept { return *answer_->parser; }

    /// Whether all of the request is in the hands of the system.
    bool request_done() const noexcept
    {
        return message_.all_written() && !connection_->writing() && !connection_->write_failure();
    }

    /// Whether the server has said that an upload is done, although all of it was not sent.
    bool is_confirmed() const noexcept
    {
        return parser().is_header_done() && parser().status() / 100 == 2 && !message_.repeatable();
    }

    /// Reads the body of a response that came before all of the request was sent: where the connection ends meanwhile,
    /// the response is still there.
    void keep_reading()
    {
        net::connection& c = *connection_;
        while (is_confirmed() && !c.reading() && !c.input_full() && !c.read_failure() && !c.abort_reason()) {
            c.start_read();
        }
    }

    /// Whether there is a response that makes the rest of the request pointless.
    bool answered() { return parse() && parser().status() >= 300 && !message_.repeatable(); }

    /// Whether the server, which was asked, wants the body, has answered without it, or has had time enough to say so.
    bool may_send_body()
    {
        if (!parse() && !continued_ && !patience_->due() && !connection_->write_failure()) {
            return false;
        }
        patience_.reset();
        connection_->expect_progress(connection_.settings().timeouts.stall);
        return true;
    }

    /// Gives the connection what there is to send. False once there is no more of that, or it takes no more.
    bool send_more()
    {
        net::connection& c = *connection_;
        while (!c.writing()) {
            try { // the hook and the source are the user's
                if (!c.write_failure()) {
                    message_.written();
                }
                if (message_.all_written() || c.write_failure() || c.abort_reason()) {
                    return false;
                }
                if (!message_.ready(state_)) {
                    if (is_confirmed() && c.read_failure()) {
                        return false; // nobody reads what it may still give
                    }
                    if (!std::exchange(source_pauses_, true)) {
                        c.expect(connection_.settings().timeouts.source, errc::source_timeout);
                    }
                    break;
                }
            }
            catch (...) {
                if (!is_confirmed()) {
                    throw;
                }
                return false; // the result is known: the rest of the upload does not matter
            }
            if (std::exchange(source_pauses_, false)) {
                c.expect_progress(connection_.settings().timeouts.stall);
            }
            message_.write_block(c);
        }
        return true;
    }

    void await_first_byte()
    {
        connection_->shrink(); // many uploads may wait for their answers
        state_.phase = phase::waiting;
        connection_->expect(connection_.settings().timeouts.first_byte, errc::first_byte_timeout);
    }

    void await_rest()
    {
        state_.phase = phase::receiving;
        connection_->expect_progress(connection_.settings().timeouts.stall);
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
            // The answer may have begun before all of the request was known to be sent.
            parser().got_some() ? await_rest() : await_first_byte();
        }
        if (c.abort_reason()) {
            const bool is_wanted = c.abort_reason() != errc::cancelled && c.abort_reason() != errc::client_closed;
            if (is_confirmed() && is_wanted) {
                return true;
            }
            state_.sent = is_confirmed() ? sent_state::yes : state_.sent;
            state_.fail(c.abort_reason());
        }
        while (!parser().is_header_done()) {
            if (!c.input().empty() && feed()) {
                continue;
            }
            if (c.read_failure()) {
                if (const error_code alert = c.early_alert()) {
                    state_.phase = phase::handshaking;
                    state_.fail(alert);
                }
                const error_code cause = c.write_failure() ? c.write_failure() : c.read_failure();
                state_.fail(errc::connection_lost, cause.message(), cause);
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
        const bool begins = state_.phase == phase::waiting;
        if (begins) {
            state_.phase = phase::receiving;
        }
        error_code ec;
        c.consume(parser().put_head(c.input(), ec));
        if (ec == boost::beast::http::error::need_more) {
            if (!parser().plausible(c.input())) {
                state_.fail(errc::malformed_response, "not HTTP/1.1, or a line that does not end with CR LF");
            }
            if (c.input_full()) {
                state_.fail(errc::header_limit);
            }
            if (begins) {
                await_rest(); // there is hardly ever any
            }
            return false;
        }
        if (ec == boost::beast::http::error::header_limit) {
            state_.fail(errc::header_limit);
        }
        if (ec) {
            state_.fail(errc::malformed_response, ec.message());
        }
        if (parser().is_header_done() && parser().status() / 100 == 1 && parser().status() != 101) {
            if (++interim_ > interim_responses) {
                state_.fail(errc::malformed_response, "too many interim responses");
            }
            continued_ = continued_ || parser().status() == 100;
            answer_->expect_head();
            if (state_.phase == phase::receiving) {
                await_first_byte(); // of the answer
            }
        }
        return true;
    }

    outgoing& message_;
    cyclos::detail::event& mailbox_;
    progress& state_;
    const exchange_settings& settings_;
    std::unique_ptr<incoming> answer_;
    net::lease& connection_; // in there
    std::uint64_t sent_before_;
    std::optional<cyclos::detail::alarm> patience_; // while the server is asked whether it wants the body
    bool sent_all_ = false;                         // or no more of it is to be sent
    bool source_pauses_ = false;                    // there is nothing to be sent at the moment
    unsigned interim_ = 0;
    bool some_ = false;
    bool continued_ = false; // the server wants the body
};

} // namespace cyclos::inline CYCLOS_ABI::http::detail

#endif // CYCLOS_HTTP_ATTEMPT_HPP
