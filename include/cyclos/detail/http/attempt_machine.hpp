//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_ATTEMPT_MACHINE_HPP
#define CYCLOS_DETAIL_HTTP_ATTEMPT_MACHINE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {
namespace detail {

/// The deadline that starts with a transition of an @ref attempt_machine.
enum class deadline_kind {
    unchanged,       ///< The present deadline goes on.
    none,            ///< There is no deadline but that of the whole operation.
    inactivity,      ///< Bytes must move within `timeouts.inactivity`.
    source,          ///< The source must provide data within `timeouts.source`.
    response_header, ///< The response must begin within `timeouts.response_header`.
};

/** The states of one attempt to send a request and to receive the header section of its response.

    It does no I/O: @ref attempt reports events, and starts the deadlines that they return.

    A server may answer before it has read the whole request, so there are two states:

        send_state     awaiting_continue -> sending -> flushed -> sent
                                            sending <-> awaiting_source -> flushed
                       any but flushed and sent -> abandoned
        receive_state  nothing -> partial -> complete
                                  partial -> interim -> partial

    The phase that an error reports, and the deadline, follow from them:

        | send_state         | receive_state      | phase             | deadline        |
        |--------------------|--------------------|-------------------|-----------------|
        | awaiting_continue  | any                | sending           | none            |
        | sending            | any                | sending           | inactivity      |
        | awaiting_source    | any                | sending           | source          |
        | abandoned          | any                | sending           | unchanged       |
        | flushed, sent      | nothing, interim   | awaiting_response | response_header |
        | flushed, sent      | partial, complete  | receiving         | inactivity      |

    A header section that arrives whole starts no deadline: that of the wait for it stays.
*/
class attempt_machine
{
public:
    enum class send_state {
        awaiting_continue, ///< The header section was sent; the body waits for 100 Continue.
        sending,           ///< The connection writes, or takes the next block.
        awaiting_source,   ///< The source of the body has no data at present.
        flushed,           ///< The system has taken everything; the writer does not know it yet.
        sent,              ///< The system has taken everything.
        abandoned,         ///< The rest is not sent: nobody would read it, or writing has failed.
    };

    enum class receive_state {
        nothing,  ///< No byte was received.
        partial,  ///< A part of a header section was received.
        interim,  ///< The last header section was that of an interim response (1xx).
        complete, ///< The header section of the final response was received.
    };

    /// A server may send any number of interim responses. More than this many are an attack.
    static constexpr unsigned max_interim_responses = 16;

    send_state sending() const noexcept { return send_; }
    receive_state receiving() const noexcept { return receive_; }

    /// Sending has ended, one way or the other.
    bool sending_ended() const noexcept
    {
        return send_ == send_state::sent || send_ == send_state::abandoned;
    }

    /// The phase that an error of the attempt reports.
    cyclos::phase phase() const noexcept
    {
        if (send_ != send_state::flushed && send_ != send_state::sent) {
            return cyclos::phase::sending;
        }
        return receive_ == receive_state::nothing || receive_ == receive_state::interim
                   ? cyclos::phase::awaiting_response
                   : cyclos::phase::receiving;
    }

    /// The header section is being written, and the body after it unless that waits for
    /// 100 Continue.
    deadline_kind on_start(bool awaiting_continue) noexcept
    {
        send_ = awaiting_continue ? send_state::awaiting_continue : send_state::sending;
        return awaiting_continue ? deadline_kind::none : deadline_kind::inactivity;
    }

    /// The wait for 100 Continue ends without it: its time is over, the final response has come
    /// first, or writing has failed.
    deadline_kind on_continue_skipped() noexcept
    {
        if (send_ != send_state::awaiting_continue) {
            return deadline_kind::unchanged;
        }
        send_ = send_state::sending;
        return deadline_kind::inactivity;
    }

    /// The source has no data.
    deadline_kind on_source_pause() noexcept
    {
        if (send_ != send_state::sending) {
            return deadline_kind::unchanged;
        }
        send_ = send_state::awaiting_source;
        return deadline_kind::source;
    }

    /// The source has data.
    deadline_kind on_source_data() noexcept
    {
        if (send_ != send_state::awaiting_source) {
            return deadline_kind::unchanged;
        }
        send_ = send_state::sending;
        return deadline_kind::inactivity;
    }

    /// The system has taken the whole request. The response may have begun before.
    deadline_kind on_flushed() noexcept
    {
        if (send_ != send_state::sending && send_ != send_state::awaiting_source) {
            return deadline_kind::unchanged;
        }
        send_ = send_state::flushed;
        return phase() == cyclos::phase::receiving ? deadline_kind::inactivity
                                                   : deadline_kind::response_header;
    }

    /// The writer has nothing more to send, or the rest is not worth sending.
    void on_sending_ended() noexcept
    {
        send_ = send_ == send_state::flushed ? send_state::sent : send_state::abandoned;
    }

    /// Bytes of a header section were received. @return The deadline if they do not complete it.
    deadline_kind on_header_bytes() noexcept
    {
        const bool begins = phase() == cyclos::phase::awaiting_response;
        receive_ = receive_state::partial;
        return begins ? deadline_kind::inactivity : deadline_kind::unchanged;
    }

    /// The header section of an interim response is complete.
    deadline_kind on_interim_response(unsigned status) noexcept
    {
        ++interim_responses_;
        receive_ = receive_state::interim;
        if (status == 100 && send_ == send_state::awaiting_continue) {
            return on_continue_skipped();
        }
        return phase() == cyclos::phase::awaiting_response ? deadline_kind::response_header
                                                           : deadline_kind::unchanged;
    }

    bool too_many_interim_responses() const noexcept
    {
        return interim_responses_ > max_interim_responses;
    }

    /// The header section of the final response is complete.
    void on_final_response() noexcept { receive_ = receive_state::complete; }

private:
    send_state send_ = send_state::sending;
    receive_state receive_ = receive_state::nothing;
    unsigned interim_responses_ = 0;
};

} // namespace detail
} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_ATTEMPT_MACHINE_HPP
