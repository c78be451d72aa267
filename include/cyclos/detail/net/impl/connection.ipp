//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_CONNECTION_IPP
#define CYCLOS_DETAIL_NET_IMPL_CONNECTION_IPP

#include <cyclos/detail/net/connection.hpp>

#include <cyclos/secret.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

// Reads that may complete synchronously before yielding to the event loop.
inline constexpr unsigned max_sync_reads = 16;

// A connection that has carried more bytes than this since it was idle or shrunk has buffers that
// are worth releasing.
inline constexpr std::uint64_t large_message = 32 * 1024;

// A server does not close a connection as idle within this time after its response.
inline constexpr std::chrono::milliseconds earliest_idle_close{5};

/// An OpenSSL error is an alert with which the server rejects the client or its certificate. The
/// three alerts about a corrupted record concern this connection only.
inline bool is_rejection(int failure) noexcept
{
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(failure));
    return reason >= SSL_AD_REASON_OFFSET &&
           reason != SSL_AD_REASON_OFFSET + SSL_AD_BAD_RECORD_MAC &&
           reason != SSL_AD_REASON_OFFSET + SSL_AD_RECORD_OVERFLOW &&
           reason != SSL_AD_REASON_OFFSET + SSL_AD_DECODE_ERROR;
}

} // namespace detail

CYCLOS_DECL connection::connection(const boost::asio::any_io_executor& executor, std::size_t slot,
                                   std::uint64_t id, std::size_t input_size)
    : stream_(executor)
    , timer_(executor)
    , slot_(slot)
    , id_(id)
    , input_(std::make_unique_for_overwrite<char[]>(input_size))
    , input_size_(input_size)
{}

CYCLOS_DECL connection::~connection()
{
    cyclos::detail::wipe(input_.get(), input_size_); // it may have held a session token
}

CYCLOS_DECL void connection::watch_idle(std::weak_ptr<idle_watcher> watcher, time_point now)
{
    detach();
    clear_deadlines();
    shrink(); // a pool may have many idle connections
    carried_before_ = bytes_sent_ + bytes_received_;
    watcher_ = std::move(watcher);
    idle_since_ = now;
    sync_reads_left_ = detail::max_sync_reads;
    if (reading() || read_failure_ || abort_reason_ || stream_.has_pending() ||
        stream_.has_deferred_failure()) {
        use_ = use_state::watched;
        return start_read();
    }
    // The read is only prepared: there is hardly ever anything to read yet. On a busy thread the
    // next request takes the connection before the event loop runs again, and its response is there
    // when it does: then no system call waits for it.
    use_ = use_state::released;
    read_ = read_state::into_input;
    read_target_ = input_space();
    boost::asio::post(executor(), [self = shared_from_this()] { self->arm_idle_read(); });
}

CYCLOS_DECL void connection::shrink() noexcept
{
    // After small messages the buffers stay: the next message needs them soon.
    const std::uint64_t carried = bytes_sent_ + bytes_received_;
    if (carried - carried_before_ > detail::large_message) {
        stream_.shrink();
        carried_before_ = carried;
    }
}

CYCLOS_DECL void connection::arm_idle_read()
{
    if (use_ == use_state::released) {
        use_ = use_state::watched;
    }
    if (owner_ != nullptr) {
        // A request has taken the connection since watch_idle(). The read that was only prepared
        // there is the read of its response.
        return resume();
    }
    if (reading()) {
        // It waits without trying to read: from now on, check_alive() reads before a request.
        wait_for(tls_stream::socket_type::wait_read);
    }
}

CYCLOS_DECL void connection::lease_out(time_point now) noexcept
{
    const bool at_once = use_ == use_state::released && stream_.drained() &&
                         now - idle_since_ < detail::earliest_idle_close;
    use_ = at_once ? use_state::leased_at_once : use_state::leased;
}

CYCLOS_DECL bool connection::check_alive(bool repeatable)
{
    const bool skip_check = use_ == use_state::leased_at_once && repeatable;
    if (read_ == read_state::into_input && !skip_check && stream_.readable()) {
        continue_read();
        if (reading() && !stream_.drained()) {
            return false; // more has arrived than one call reads, and may be an alert
        }
    }
    return reusable();
}

CYCLOS_DECL error_code connection::early_alert() const noexcept
{
    const bool is_tls_error = read_failure_.category() == boost::asio::error::get_ssl_category();
    const bool is_early = !used_before_ && bytes_received_ == 0;
    return is_tls_error && is_early && detail::is_rejection(read_failure_.value()) ? read_failure_
                                                                                   : error_code{};
}

CYCLOS_DECL void connection::start_read()
{
    if (reading() || read_failure_ || abort_reason_) {
        return;
    }
    begin_read(input_space(), read_state::into_input);
}

CYCLOS_DECL boost::asio::mutable_buffer connection::input_space() noexcept
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
        begin_read(target, secret ? read_state::into_secret_target : read_state::into_target);
    }
}

CYCLOS_DECL void connection::begin_read(boost::asio::mutable_buffer target, read_state state)
{
    read_target_ = target;
    read_ = state;
    if (sync_reads_left_ > 0) {
        --sync_reads_left_;
        return continue_read();
    }
    // A peer that sends as fast as this reads must not starve the other connections.
    boost::asio::post(executor(), [self = shared_from_this()] { self->resume(); });
}

CYCLOS_DECL void connection::continue_read()
{
    const bool into_input = read_ == read_state::into_input;
    // A header section or a small body may hold a session token.
    const bool secret = into_input || read_ == read_state::into_secret_target;
    const auto step = stream_.read_some(read_target_, secret);
    if (step.wants) {
        return wait_for(*step.wants);
    }
    read_ = read_state::none;
    bytes_received_ += step.bytes;
    if (into_input) {
        end_ += step.bytes;
    }
    else {
        received_ = step.bytes;
    }
    read_failure_ = step.failure;
    extend_inactivity_deadline();
}

CYCLOS_DECL void connection::start_write(const buffers& data, std::shared_ptr<const void> owner)
{
    if (abort_reason_) {
        write_failure_ = abort_reason_;
        return;
    }
    outgoing_ = data;
    outgoing_owner_ = std::move(owner);
    write_ = write_state::writing;
    continue_write();
}

CYCLOS_DECL void connection::continue_write()
{
    std::span<boost::asio::const_buffer> rest{outgoing_};
    while (!rest.empty()) {
        const auto step = stream_.write_some(rest);
        bytes_sent_ += step.bytes;
        if (step.bytes > 0) {
            extend_inactivity_deadline();
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
    write_ = write_state::none;
    outgoing_owner_.reset();
}

CYCLOS_DECL void connection::stop_write()
{
    if (writing()) {
        write_ = write_state::none;
        write_failure_ = boost::asio::error::operation_aborted;
        outgoing_owner_.reset();
    }
}

CYCLOS_DECL void connection::start_handshake()
{
    write_ = write_state::handshaking;
    continue_handshake();
}

CYCLOS_DECL void connection::continue_handshake()
{
    const auto step = stream_.handshake();
    if (step.wants) {
        return wait_for(*step.wants);
    }
    write_ = write_state::none;
    handshake_failure_ = step.failure;
}

CYCLOS_DECL void connection::wait_for(tls_stream::wait_type direction)
{
    bool& pending =
        direction == tls_stream::socket_type::wait_read ? readable_pending_ : writable_pending_;
    if (std::exchange(pending, true)) {
        return;
    }
    stream_.async_wait(direction, [self = shared_from_this(), &pending](const error_code&) {
        pending = false;
        self->resume();
    });
}

CYCLOS_DECL void connection::resume()
{
    if (abort_reason_) {
        return;
    }
    sync_reads_left_ = detail::max_sync_reads;
    bool ended = false;
    // TLS may have to read in order to write, and the other way round: whichever direction is
    // ready, each operation is continued.
    if (handshaking()) {
        continue_handshake();
        ended = !handshaking();
    }
    if (reading()) {
        continue_read();
        ended = ended || !reading();
    }
    if (writing()) {
        continue_write();
        ended = ended || !writing();
    }
    if (ended) {
        notify_owner();
    }
}

CYCLOS_DECL void connection::set_phase_deadline(duration limit, errc code)
{
    inactivity_timeout_ = duration::zero();
    phase_code_ = code;
    phase_end_ = limit.count() > 0 ? clock::now() + limit : (time_point::max)();
    arm();
}

CYCLOS_DECL void connection::set_inactivity_timeout(duration limit)
{
    set_phase_deadline(limit, errc::inactivity_timeout);
    inactivity_timeout_ = limit;
}

CYCLOS_DECL void connection::set_total_deadline(time_point end)
{
    total_end_ = end;
    arm();
}

CYCLOS_DECL void connection::extend_inactivity_deadline()
{
    // The deadline only moves away, so the timer that is set expires early enough.
    if (inactivity_timeout_.count() > 0) {
        phase_end_ = clock::now() + inactivity_timeout_;
    }
}

CYCLOS_DECL void connection::arm()
{
    const time_point due = (std::min)(phase_end_, total_end_);
    if (due >= armed_for_ || abort_reason_) {
        return; // the timer that is set expires earlier, and then sets itself again
    }
    armed_for_ = due;
    ++timer_sets_;
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
        return; // the timer was set again, or the connection is closed
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
    const bool orderly =
        write_ == write_state::none && !handshake_failure_ && !read_failure_ && !write_failure_;
    stream_.close(orderly);
    if (writing()) {
        write_failure_ = reason;
    }
    read_ = read_state::none;
    write_ = write_state::none;
    received_ = 0;
    outgoing_owner_.reset();
    if (owner_ != nullptr) {
        owner_->notify_later();
    }
}

CYCLOS_DECL void connection::notify_owner()
{
    if (owner_ != nullptr) {
        return owner_->notify();
    }
    if (const auto watcher = watcher_.lock(); watcher && !abort_reason_) {
        watcher->connection_lost(*this);
    }
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_CONNECTION_IPP
