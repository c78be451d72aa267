//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_ATTEMPT_HPP
#define CYCLOS_DETAIL_HTTP_ATTEMPT_HPP

#include <cyclos/detail/base/deadline_timer.hpp>
#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/attempt_machine.hpp>
#include <cyclos/detail/http/exchange_settings.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/request/request_writer.hpp>
#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/detail/http/response/response_state.hpp>
#include <cyclos/detail/net/pool.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/buffer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {
namespace detail {

/** One attempt to send a request over one connection and to receive the header section of its
    response. It never waits: its coroutine calls advance(), waits for its notifier, and calls
    advance() again.

    How it works:
    - @ref attempt_machine holds the states, and knows the phase and the deadline of each.
    - advance() first parses what was received (receive_header()), then hands the next block to the
      connection (send_more()), then parses again, because sending may have changed the state.
    - Most events of the machine return a deadline, which apply() starts. Two deadlines are started
      only if there is something to wait for: that of sending, since most requests are flushed at
      once, and that of the rest of a header section, since most arrive whole. Apart from these
      deadlines, only that of the whole operation is set here.
    - The response is read from the beginning, so a server may answer an upload before it has read
      all of it. A final response of 300 or more ends the upload. One of 2xx confirms it: sending
      goes on, because the peer may need the rest, and a failure to send no longer matters
      (is_confirmed()); a cancellation and the end of the client still do.
    - A failure throws a @ref cyclos::error with the phase and the sent state of that moment, except
      for what a source or a progress callback of the user throws. @ref pooled_send then asks
      no_bytes_received() and closed_by_peer() whether it may replay the request.
*/
class attempt
{
public:
    /// Starts to send the request and to read the response.
    attempt(net::lease connection, request_writer& message, cyclos::detail::notifier& wakeup,
            exchange_state& state, const exchange_settings& settings)
        : message_(message)
        , wakeup_(wakeup)
        , state_(state)
        , answer_(std::make_unique<response_state>(std::move(connection), settings.header_limit))
        , connection_(answer_->connection)
        , bytes_sent_before_(connection_->bytes_sent())
    {
        net::connection& c = *connection_;
        c.attach(wakeup_);
        c.set_total_deadline(state_.end);
        c.start_read();

        state_.phase = phase::sending;
        message_.start(c);
        const deadline_kind first = machine_.on_start(message_.awaiting_continue());
        if (!is_flushed()) { // most requests are, and go without this deadline
            apply(first);
        }
        if (message_.awaiting_continue()) {
            continue_timer_.emplace(connection_.executor(),
                                    exchange_state::time_point::clock::now() +
                                        settings.uploads.continue_timeout,
                                    wakeup_);
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

    /// Does everything that it can without waiting.
    /// @return Whether the header section of the final response was received.
    bool advance()
    {
        if (machine_.sending() == attempt_machine::send_state::awaiting_continue && !start_body()) {
            return false;
        }
        if (!machine_.sending_ended()) {
            if (!(receive_header() && rejects_body())) {
                keep_reading();
                if (send_more()) {
                    return false;
                }
            }
            if (is_flushed()) { // the last block may have been written at once
                apply(machine_.on_flushed());
            }
            machine_.on_sending_ended();
        }
        if (!receive_header()) {
            return false;
        }
        if (is_confirmed()) {
            // Whatever follows this response fails, no part of the upload may be sent again.
            state_.sent = sent_state::complete;
        }
        state_.report.response_started(parser().status());
        return true;
    }

    /// The server rejected `Expect: 100-continue` (RFC 9110, section 10.1.1).
    bool expectation_failed() const noexcept
    {
        return parser().status() == 417 && message_.awaiting_continue();
    }

    bool no_bytes_received() const noexcept
    {
        return machine_.receiving() == attempt_machine::receive_state::nothing &&
               connection_->input().empty();
    }

    /// The peer closed the connection: no deadline and no caller did.
    bool closed_by_peer() const noexcept { return !connection_->abort_reason(); }

    bool used_before() const noexcept { return connection_->used_before(); }

    response take_response()
    {
        apply(deadline_kind::none);
        connection_->detach();
        const bool request_done = is_flushed();
        // An upload may have been answered early. The error has to say how much of it was sent.
        connection_->stop_write();
        answer_->state = state_;
        answer_->state.report = {}; // the request has not ended yet
        return {std::move(answer_), request_done};
    }

private:
    response_parser& parser() const noexcept { return *answer_->parser; }

    /// Starts the deadline of a transition, and sets the phase that errors report.
    void apply(deadline_kind deadline)
    {
        state_.phase = machine_.phase();
        net::connection& c = *connection_;
        const timeout_config& timeouts = connection_.settings().timeouts;
        switch (deadline) {
        case deadline_kind::unchanged: break;
        case deadline_kind::none:
            c.set_phase_deadline(std::chrono::seconds::zero(), errc::inactivity_timeout);
            break;
        case deadline_kind::inactivity: c.set_inactivity_timeout(timeouts.inactivity); break;
        case deadline_kind::source:
            c.set_phase_deadline(timeouts.source, errc::source_timeout);
            break;
        case deadline_kind::response_header:
            c.shrink(); // many uploads may wait for their responses
            c.set_phase_deadline(timeouts.response_header, errc::response_header_timeout);
            break;
        }
    }

    /// The system has taken all bytes of the request.
    bool is_flushed() const noexcept
    {
        return message_.all_written() && !connection_->writing() && !connection_->write_failure();
    }

    /// The server has answered an upload with 2xx: it is done, even if the rest of it is not sent.
    bool is_confirmed() const noexcept
    {
        return parser().is_header_done() && parser().status() / 100 == 2 && !message_.repeatable();
    }

    /// The final response makes the rest of an upload pointless. It must have been received.
    bool rejects_body() const noexcept
    {
        return parser().status() >= 300 && !message_.repeatable();
    }

    /// Reads on while the rest of a confirmed upload is being sent. Otherwise the body of the
    /// response could be lost: a server that closes the connection before it has read the upload
    /// resets it.
    void keep_reading()
    {
        net::connection& c = *connection_;
        while (is_confirmed() && !c.reading() && !c.input_full() && !c.read_failure() &&
               !c.abort_reason()) {
            c.start_read();
        }
    }

    /// Ends the wait for 100 Continue if there is a reason to.
    /// @return Whether it has ended.
    bool start_body()
    {
        const bool answered = receive_header();
        if (!answered && !continue_timer_->due() && !connection_->write_failure() &&
            machine_.sending() == attempt_machine::send_state::awaiting_continue) {
            return false;
        }
        continue_timer_.reset();
        apply(machine_.on_continue_skipped());
        return true;
    }

    /// Hands the connection as many blocks as it takes.
    /// @return Whether there is more to send; false also if the rest is not worth sending.
    bool send_more()
    {
        net::connection& c = *connection_;
        while (!c.writing()) {
            try { // the hook and the source are the user's
                if (!c.write_failure()) {
                    message_.on_written(state_);
                }
                if (message_.all_written() || c.write_failure() || c.abort_reason()) {
                    return false;
                }
                if (!message_.poll_block(state_)) {
                    if (is_confirmed() && c.read_failure()) {
                        return false; // nobody would read more
                    }
                    apply(machine_.on_source_pause());
                    break;
                }
            }
            catch (...) {
                if (!is_confirmed()) {
                    throw;
                }
                return false; // the result is known: the rest of the upload does not matter
            }
            apply(machine_.on_source_data());
            message_.write_block(c);
        }
        return true;
    }

    /// How much of the request the server may have received.
    sent_state sent() const noexcept
    {
        // These are the bytes that the system has taken. A server cannot read a TLS record of which
        // a part is missing.
        return is_flushed()                                     ? sent_state::complete
               : connection_->bytes_sent() > bytes_sent_before_ ? sent_state::partial
                                                                : sent_state::none;
    }

    /// Parses what was received, and reads more if that is not enough.
    /// @return Whether the header section of the final response was received.
    bool receive_header()
    {
        net::connection& c = *connection_;
        if (wakeup_.cancelled()) {
            c.abort(make_error_code(errc::cancelled));
        }
        state_.sent = sent();
        if (state_.sent == sent_state::complete) {
            apply(machine_.on_flushed());
        }
        if (c.abort_reason()) {
            const bool is_wanted =
                c.abort_reason() != errc::cancelled && c.abort_reason() != errc::client_closed;
            if (is_confirmed() && is_wanted) {
                return true;
            }
            state_.sent = is_confirmed() ? sent_state::complete : state_.sent;
            state_.fail(c.abort_reason());
        }
        while (!parser().is_header_done()) {
            if (!c.input().empty() && parse()) {
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

    /// Gives the input to the parser.
    /// @return Whether it has completed a header section, and may complete another one.
    bool parse()
    {
        net::connection& c = *connection_;
        const deadline_kind deadline = machine_.on_header_bytes();
        state_.phase = machine_.phase();
        error_code ec;
        c.consume(parser().parse_header(c.input(), ec));
        if (ec == boost::beast::http::error::need_more) {
            if (!parser().may_be_header(c.input())) {
                state_.fail(errc::malformed_response,
                            "not HTTP/1.1, or a line that does not end with CR LF");
            }
            if (c.input_full()) {
                state_.fail(errc::header_limit);
            }
            apply(deadline); // most header sections arrive whole, and need none
            return false;
        }
        if (ec == boost::beast::http::error::header_limit) {
            state_.fail(errc::header_limit);
        }
        if (ec) {
            state_.fail(errc::malformed_response, ec.message());
        }
        if (!parser().is_header_done()) {
            return true;
        }
        const unsigned status = parser().status();
        if (status / 100 != 1 || status == 101) {
            machine_.on_final_response();
            return true;
        }
        const deadline_kind next = machine_.on_interim_response(status);
        if (machine_.too_many_interim_responses()) {
            state_.fail(errc::malformed_response, "too many interim responses");
        }
        answer_->reset_parser();
        apply(next);
        return true;
    }

    request_writer& message_;
    cyclos::detail::notifier& wakeup_;
    exchange_state& state_;
    std::unique_ptr<response_state> answer_;
    net::lease& connection_; // a member of *answer_
    std::uint64_t bytes_sent_before_;
    std::optional<cyclos::detail::deadline_timer> continue_timer_; // set while awaiting_continue
    attempt_machine machine_;
};

} // namespace detail
} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_ATTEMPT_HPP
