//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_CONNECTION_IPP
#define CYCLOS_NET_IMPL_CONNECTION_IPP

#include <cyclos/net/connection.hpp>

#include <algorithm>
#include <cstring>

namespace cyclos::net {

CYCLOS_DECL connection::connection(const boost::asio::any_io_executor& executor, std::size_t slot, std::uint64_t id,
                                   std::size_t input_size)
    : stream_(executor)
    , timer_(executor)
    , slot_(slot)
    , id_(id)
    , input_(std::make_unique_for_overwrite<char[]>(input_size))
    , input_size_(input_size)
{}

CYCLOS_DECL void connection::watch(std::weak_ptr<idle_watcher> watcher)
{
    detach();
    expect_nothing();
    watcher_ = std::move(watcher);
    start_read();
}

CYCLOS_DECL void connection::start_read()
{
    if (reading_ || read_failure_ || abort_reason_) {
        return;
    }
    if (begin_ == end_) {
        begin_ = end_ = 0;
    }
    else if (end_ == input_size_) {
        std::memmove(input_.get(), input_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    reading_ = own_read_ = true;
    stream_.async_read_some(
        boost::asio::buffer(input_.get() + end_, input_size_ - end_),
        [self = shared_from_this()](const error_code& ec, std::size_t bytes) { self->on_read(ec, bytes); });
}

CYCLOS_DECL void connection::start_read(boost::asio::mutable_buffer target)
{
    received_ = 0;
    if (read_failure_ || abort_reason_) {
        return;
    }
    reading_ = true;
    own_read_ = false;
    stream_.async_read_some(
        target, [self = shared_from_this()](const error_code& ec, std::size_t bytes) { self->on_read(ec, bytes); });
}

CYCLOS_DECL void connection::on_read(const error_code& ec, std::size_t bytes)
{
    reading_ = false;
    bytes_received_ += bytes;
    if (own_read_) {
        end_ += bytes;
    }
    else {
        received_ = bytes;
    }
    if (ec) {
        read_failure_ = ec;
    }
    moved();
    tell();
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
    write_next();
}

CYCLOS_DECL void connection::write_next()
{
    const auto next = std::find_if(outgoing_.begin(), outgoing_.end(), [](const auto& b) { return b.size() > 0; });
    if (next == outgoing_.end()) {
        writing_ = false;
        outgoing_owner_.reset();
        return;
    }
    stream_.async_write_some(
        *next, [self = shared_from_this()](const error_code& ec, std::size_t bytes) { self->on_write(ec, bytes); });
}

CYCLOS_DECL void connection::on_write(const error_code& ec, std::size_t bytes)
{
    bytes_sent_ += bytes;
    moved();
    if (ec) {
        writing_ = false;
        outgoing_owner_.reset();
        write_failure_ = ec;
        return tell();
    }
    const auto current = std::find_if(outgoing_.begin(), outgoing_.end(), [](const auto& b) { return b.size() > 0; });
    *current += bytes;
    write_next();
    if (!writing_) {
        tell();
    }
}

CYCLOS_DECL void connection::start_handshake()
{
    handshaking_ = true;
    stream_.async_handshake([self = shared_from_this()](const error_code& ec) { self->on_handshake(ec); });
}

CYCLOS_DECL void connection::on_handshake(const error_code& ec)
{
    handshaking_ = false;
    handshake_failure_ = ec;
    tell();
}

CYCLOS_DECL void connection::expect(duration within, errc otherwise)
{
    progress_within_ = duration::zero();
    phase_code_ = otherwise;
    phase_end_ = within.count() > 0 ? clock::now() + within : time_point::max();
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
    const time_point due = std::min(phase_end_, total_end_);
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
    armed_for_ = time_point::max();
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
    stream_.close();
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

} // namespace cyclos::net

#endif // CYCLOS_NET_IMPL_CONNECTION_IPP
