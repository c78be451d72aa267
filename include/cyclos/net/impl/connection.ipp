//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_CONNECTION_IPP
#define CYCLOS_NET_IMPL_CONNECTION_IPP

#include <cyclos/net/connection.hpp>

#include <cyclos/net/secret.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::net {

namespace detail {

// So many reads of a connection may follow each other without a look at the event loop.
inline constexpr unsigned turns = 16;

// Who has carried more than so much since it was idle or shrunk has taken memory that is worth being given back.
inline constexpr std::uint64_t large = 32 * 1024;

// Whoever asks again within that has not given the server the time to end the connection for want of a request.
inline constexpr std::chrono::milliseconds at_once{5};

/// Whether a failure of OpenSSL is an alert by which a server refuses a client, or its certificate. The few that tell
/// of a record that was corrupted on its way are of the connection alone.
inline bool is_refusal(int failure) noexcept
{
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(failure));
    return reason >= SSL_AD_REASON_OFFSET && reason != SSL_AD_REASON_OFFSET + SSL_AD_BAD_RECORD_MAC &&
           reason != SSL_AD_REASON_OFFSET + SSL_AD_RECORD_OVERFLOW &&
           reason != SSL_AD_REASON_OFFSET + SSL_AD_DECODE_ERROR;
}

} // namespace detail

CYCLOS_DECL connection::connection(const boost::asio::any_io_executor& executor, std::size_t slot, std::uint64_t id,
                                   std::size_t input_size)
    : stream_(executor)
    , timer_(executor)
    , slot_(slot)
    , id_(id)
    , input_(std::make_unique_for_overwrite<char[]>(input_size))
    , input_size_(input_size)
{}

CYCLOS_DECL connection::~connection()
{
    cyclos::detail::wipe(input_.get(), input_size_); // the token of a session may have come through it
}

CYCLOS_DECL void connection::watch(std::weak_ptr<idle_watcher> watcher, time_point now)
{
    detach();
    expect_nothing();
    shrink(); // a pool has many connections that are idle
    carried_before_ = bytes_sent_ + bytes_received_;
    watcher_ = std::move(watcher);
    idle_since_ = now;
    fresh_ = false;
    turns_ = detail::turns;
    if (reading_ || read_failure_ || abort_reason_ || stream_.has_pending() || stream_.has_ended()) {
        return start_read();
    }
    // There is hardly ever anything to be read yet. On a busy thread the next request takes the connection before the
    // event loop has had its turn, and its response is there after that: no system call is made to wait for it.
    read_target_ = own_room();
    reading_ = own_read_ = secret_read_ = just_back_ = true;
    boost::asio::post(executor(), [self = shared_from_this()] { self->settle(); });
}

CYCLOS_DECL void connection::shrink() noexcept
{
    // Small messages leave the memory alone: others will need it soon.
    const std::uint64_t carried = bytes_sent_ + bytes_received_;
    if (carried - carried_before_ > detail::large) {
        stream_.shrink();
        carried_before_ = carried;
    }
}

CYCLOS_DECL void connection::settle()
{
    just_back_ = false;
    if (owner_ != nullptr) {
        return go_on();
    }
    if (reading_) {
        wait_for(tls_stream::socket_type::wait_read); // without a try: at_rest() looks from now on
    }
}

CYCLOS_DECL void connection::take(time_point now) noexcept
{
    fresh_ = just_back_ && stream_.drained() && now - idle_since_ < detail::at_once;
}

CYCLOS_DECL bool connection::at_rest(bool repeatable)
{
    if (reading_ && own_read_ && !(fresh_ && repeatable) && stream_.readable()) {
        read_on();
        if (reading_ && !stream_.drained()) {
            return false; // more has come than one call reads: what it is has yet to be seen
        }
    }
    return fit();
}

CYCLOS_DECL error_code connection::early_alert() const noexcept
{
    const bool is_of_tls = read_failure_.category() == boost::asio::error::get_ssl_category();
    const bool is_early = !seasoned_ && bytes_received_ == 0;
    return is_of_tls && is_early && detail::is_refusal(read_failure_.value()) ? read_failure_ : error_code{};
}

CYCLOS_DECL void connection::start_read()
{
    if (reading_ || read_failure_ || abort_reason_) {
        return;
    }
    begin_read(own_room(), true, true);
}

CYCLOS_DECL boost::asio::mutable_buffer connection::own_room() noexcept
{
    if (begin_ == end_) {
        begin_ = end_ = 0;
    }
    else if (end_ == input_size_) {
        std::memmove(input_.get(), input_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    return boost::asio::buffer(input_.get() + end_, input_size_ - end_);
}

CYCLOS_DECL void connection::start_read(boost::asio::mutable_buffer target, bool secret)
{
    received_ = 0;
    if (!read_failure_ && !abort_reason_) {
        begin_read(target, false, secret);
    }
}

CYCLOS_DECL void connection::begin_read(boost::asio::mutable_buffer target, bool own, bool secret)
{
    read_target_ = target;
    reading_ = true;
    own_read_ = own;
    secret_read_ = secret;
    if (turns_ > 0) {
        --turns_;
        return read_on();
    }
    // A peer that sends as fast as we read must not keep the thread to itself.
    boost::asio::post(executor(), [self = shared_from_this()] { self->go_on(); });
}

CYCLOS_DECL void connection::read_on()
{
    // A head or a small body may hold the token of a session.
    const auto step = stream_.read_some(read_target_, secret_read_);
    if (step.wants) {
        return wait_for(*step.wants);
    }
    reading_ = false;
    bytes_received_ += step.bytes;
    if (own_read_) {
        end_ += step.bytes;
    }
    else {
        received_ = step.bytes;
    }
    read_failure_ = step.failure;
    moved();
}

CYCLOS_DECL void connection::start_write(const buffers& data, std::shared_ptr<const void> owner)
{
    if (abort_reason_) {
        write_failure_ = abort_reason_;
        return;
    }
    outgoing_ = data;
    outgoing_owner_ = std::move(owner);
    writing_ = true;
    write_on();
}

CYCLOS_DECL void connection::write_on()
{
    std::span<boost::asio::const_buffer> rest{outgoing_};
    while (!rest.empty()) {
        const auto step = stream_.write_some(rest);
        bytes_sent_ += step.bytes;
        if (step.bytes > 0) {
            moved();
        }
        std::size_t written = step.bytes;
        for (auto& part : rest) {
            const std::size_t bytes = (std::min)(written, part.size());
            part += bytes;
            written -= bytes;
        }
        while (!rest.empty() && rest.front().size() == 0) {
            rest = rest.subspan(1);
        }
        if (step.failure) {
            write_failure_ = step.failure;
            break;
        }
        if (step.wants) {
            return wait_for(*step.wants);
        }
    }
    writing_ = false;
    outgoing_owner_.reset();
}

CYCLOS_DECL void connection::stop_write()
{
    if (writing_) {
        writing_ = false;
        write_failure_ = boost::asio::error::operation_aborted;
        outgoing_owner_.reset();
    }
}

CYCLOS_DECL void connection::start_handshake()
{
    handshaking_ = true;
    shake_on();
}

CYCLOS_DECL void connection::shake_on()
{
    const auto step = stream_.handshake();
    if (step.wants) {
        return wait_for(*step.wants);
    }
    handshaking_ = false;
    handshake_failure_ = step.failure;
}

CYCLOS_DECL void connection::wait_for(tls_stream::wait_type what)
{
    bool& awaited = what == tls_stream::socket_type::wait_read ? awaits_input_ : awaits_room_;
    if (std::exchange(awaited, true)) {
        return;
    }
    stream_.async_wait(what, [self = shared_from_this(), &awaited](const error_code&) {
        awaited = false;
        self->go_on();
    });
}

CYCLOS_DECL void connection::go_on()
{
    if (abort_reason_) {
        return;
    }
    turns_ = detail::turns;
    bool ended = false;
    // What waits for one direction may have been stopped by the other, so each is given a try.
    if (handshaking_) {
        shake_on();
        ended = !handshaking_;
    }
    if (reading_) {
        read_on();
        ended = ended || !reading_;
    }
    if (writing_) {
        write_on();
        ended = ended || !writing_;
    }
    if (ended) {
        tell();
    }
}

CYCLOS_DECL void connection::expect(duration within, errc otherwise)
{
    progress_within_ = duration::zero();
    phase_code_ = otherwise;
    phase_end_ = within.count() > 0 ? clock::now() + within : (time_point::max)();
    arm();
}

CYCLOS_DECL void connection::expect_progress(duration within)
{
    expect(within, errc::stall_timeout);
    progress_within_ = within;
}

CYCLOS_DECL void connection::expect_end(time_point when)
{
    total_end_ = when;
    arm();
}

CYCLOS_DECL void connection::moved()
{
    // Deadlines only move away here, so the timer that is set already comes early enough.
    if (progress_within_.count() > 0) {
        phase_end_ = clock::now() + progress_within_;
    }
}

CYCLOS_DECL void connection::arm()
{
    const time_point due = (std::min)(phase_end_, total_end_);
    if (due >= armed_for_ || abort_reason_) {
        return; // a timer that comes earlier looks again
    }
    armed_for_ = due;
    ++timer_operations_;
    timer_.expires_at(due);
    timer_.async_wait([weak = weak_from_this()](const error_code& ec) {
        if (const auto self = weak.lock()) {
            self->on_timer(ec);
        }
    });
}

CYCLOS_DECL void connection::on_timer(const error_code& ec)
{
    if (ec) {
        return; // set anew, or the connection is closed
    }
    armed_for_ = (time_point::max)();
    const time_point now = clock::now();
    if (now >= total_end_) {
        return abort(make_error_code(errc::total_timeout));
    }
    if (now >= phase_end_) {
        return abort(make_error_code(phase_code_));
    }
    arm();
}

CYCLOS_DECL void connection::abort(error_code reason)
{
    if (abort_reason_) {
        return;
    }
    abort_reason_ = reason;
    timer_.cancel();
    stream_.close(!handshaking_ && !handshake_failure_ && !writing_ && !read_failure_ && !write_failure_);
    if (writing_) {
        write_failure_ = reason;
    }
    reading_ = writing_ = handshaking_ = false;
    received_ = 0;
    outgoing_owner_.reset();
    if (owner_ != nullptr) {
        owner_->notify_later();
    }
}

CYCLOS_DECL void connection::tell()
{
    if (owner_ != nullptr) {
        return owner_->notify();
    }
    if (const auto watcher = watcher_.lock(); watcher && !abort_reason_) {
        watcher->lost(*this);
    }
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_CONNECTION_IPP
