//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_CONNECTION_HPP
#define CYCLOS_NET_CONNECTION_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/net/error.hpp>
#include <cyclos/net/tls_stream.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::net {

class connection;

/// Who is told that an idle connection has come to its end.
class idle_watcher
{
public:
    virtual void lost(connection& which) = 0;

protected:
    ~idle_watcher() = default;
};

/** One connection: its bytes and its deadlines, and nothing of what they mean.

    An operation that is started may have ended when the call returns. Where it has not, its end is told to whoever is
    attached: a coroutine that waits on its event and looks at the state here. Operations keep the connection alive,
    and writes what they write; after abort() there are none.

    A read is outstanding while the connection is idle. It ends when the peer closes the connection, or sends what
    nobody asked for; when a request comes first, it becomes the read of the response. TLS session tickets are
    taken by the TLS layer, and do not end it.

    All of it runs on one strand.
*/
class connection : public std::enable_shared_from_this<connection>
{
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;
    using duration = clock::duration;

    /// @param id         Names the connection in events.
    /// @param input_size The bytes that the own buffer holds: no head of a response may be larger.
    CYCLOS_DECL connection(const boost::asio::any_io_executor& executor, std::size_t slot, std::uint64_t id,
                           std::size_t input_size);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    CYCLOS_DECL ~connection();

    /// The place in the pool.
    std::size_t slot() const noexcept { return slot_; }

    /// Names the connection in events.
    std::uint64_t id() const noexcept { return id_; }

    /// The bytes that were sent and received so far, before TLS has wrapped them.
    std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
    std::uint64_t bytes_received() const noexcept { return bytes_received_; }

    boost::asio::any_io_executor executor() noexcept { return timer_.get_executor(); }
    tls_stream& stream() noexcept { return stream_; }

    /// Sets who is notified of each end of an operation, and of abort().
    void attach(cyclos::detail::event& owner) noexcept { owner_ = &owner; }

    /// Whoever is attached goes. From now on there is nobody to be notified.
    void detach() noexcept { owner_ = nullptr; }

    /// Makes the connection an idle one that is watched. What has ended by now is not told: see fit().
    CYCLOS_DECL void watch(std::weak_ptr<idle_watcher> watcher, time_point now);

    /// It is taken for a request at once, with nobody in between.
    CYCLOS_DECL void take(time_point now) noexcept;

    /// Gives back the memory that a large message has taken. Nothing may be being written.
    CYCLOS_DECL void shrink() noexcept;

    /** Whether an idle connection can carry a request: it looks at what has come that nobody was told of.

        @param repeatable Whether the request can be sent again where the connection has ended. The look is spared then
        if the last one found nothing behind the answer before, and that was just now. */
    CYCLOS_DECL bool at_rest(bool repeatable);

    /// @name Reading
    /// @{

    /// Begins to read into the own buffer, unless a read is outstanding.
    CYCLOS_DECL void start_read();

    /** Begins to read straight into the given memory. No read may be outstanding, and input() must be empty.

        @param secret Whether what it passes through is wiped, as is always done on the way to the own buffer. */
    CYCLOS_DECL void start_read(boost::asio::mutable_buffer target, bool secret);

    bool reading() const noexcept { return reading_; }

    /// What was read into the own buffer, and not consumed.
    std::string_view input() const noexcept { return {input_.get() + begin_, end_ - begin_}; }

    void consume(std::size_t bytes) noexcept { begin_ += bytes; }

    /// Whether there is no room for another read into the own buffer.
    bool input_full() const noexcept { return end_ - begin_ == input_size_; }

    /// The bytes that the last read into given memory has read.
    std::size_t received() const noexcept { return received_; }

    /// Why reading has ended for good, where it has.
    const error_code& read_failure() const noexcept { return read_failure_; }

    /// @}
    /// @name Writing
    /// @{

    using buffers = std::array<boost::asio::const_buffer, 3>;

    /// Begins to write all of the data, and keeps its owner alive until that has ended. No write may be outstanding.
    CYCLOS_DECL void start_write(const buffers& data, std::shared_ptr<const void> owner);

    bool writing() const noexcept { return writing_; }

    /// Writes no more of what is being written: it has become pointless. Nothing else can be written behind it.
    CYCLOS_DECL void stop_write();

    /// Why writing has ended for good, where it has.
    const error_code& write_failure() const noexcept { return write_failure_; }

    /// @}
    /// @name TLS
    /// @{

    /// Begins the handshake. The stream has to be secured before.
    CYCLOS_DECL void start_handshake();

    bool handshaking() const noexcept { return handshaking_; }
    const error_code& handshake_failure() const noexcept { return handshake_failure_; }

    /// @}
    /// @name Deadlines
    /// @{

    /// The present phase has to end in time. Zero: it may take any time.
    CYCLOS_DECL void expect(duration within, errc otherwise);

    /// Every byte that moves gives the present phase so much time more. Zero: it may take any time.
    CYCLOS_DECL void expect_progress(duration within);

    /// All has to end by then.
    CYCLOS_DECL void expect_end(time_point when);

    /// Nothing is expected.
    void expect_nothing() noexcept
    {
        phase_end_ = total_end_ = (time_point::max)();
        progress_within_ = duration::zero();
    }

    /// How often the timer was set: a request on a warm connection has no need to.
    std::uint64_t timer_operations() const noexcept { return timer_operations_; }

    /// @}

    /// Ends the connection and what is outstanding, and notifies the owner. The first reason counts.
    CYCLOS_DECL void abort(error_code reason);

    /// Why the connection was aborted, where it was.
    const error_code& abort_reason() const noexcept { return abort_reason_; }

    /// Whether the connection has carried a request, or lain idle: it may have ended, and we have not heard of it yet.
    bool seasoned() const noexcept { return seasoned_; }
    void set_seasoned() noexcept { seasoned_ = true; }

    /** The alert by which the peer has refused the connection before it carried anything, if that is how reading has
        failed. With TLS 1.3 the handshake is over for the client when the server looks at its certificate. */
    CYCLOS_DECL error_code early_alert() const noexcept;

    /** Whether the next request can be sent. Nothing else decides about that.

        It counts what has reached the application. A part of a record that waits in the TLS layer, such as half of a
        session ticket, is no reason against it; a close_notify or an alert that came with the last message is one. */
    bool fit() const noexcept
    {
        return !abort_reason_ && !read_failure_ && !write_failure_ && !stream_.has_ended() && begin_ == end_ &&
               !writing_;
    }

    /// When the server will have closed the connection, as far as it has said so, if it stays idle.
    time_point kept_until() const noexcept { return kept_until_; }
    void set_kept_until(time_point end) noexcept { kept_until_ = end; }

private:
    CYCLOS_DECL boost::asio::mutable_buffer own_room() noexcept;
    CYCLOS_DECL void begin_read(boost::asio::mutable_buffer target, bool own, bool secret);
    CYCLOS_DECL void read_on();
    CYCLOS_DECL void write_on();
    CYCLOS_DECL void shake_on();
    CYCLOS_DECL void wait_for(tls_stream::wait_type what);
    CYCLOS_DECL void settle();
    CYCLOS_DECL void go_on();
    CYCLOS_DECL void on_timer(const error_code& ec);
    CYCLOS_DECL void arm();
    CYCLOS_DECL void moved();
    CYCLOS_DECL void tell();

    tls_stream stream_;
    boost::asio::steady_timer timer_;
    cyclos::detail::event* owner_ = nullptr;
    std::weak_ptr<idle_watcher> watcher_;
    std::size_t slot_;
    std::uint64_t id_;
    std::uint64_t bytes_sent_ = 0;
    std::uint64_t bytes_received_ = 0;
    std::uint64_t carried_before_ = 0; // both, when it was idle or shrunk last
    time_point idle_since_;
    time_point kept_until_ = (time_point::max)();

    std::unique_ptr<char[]> input_;
    std::size_t input_size_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t received_ = 0;
    bool seasoned_ = false;
    bool just_back_ = false; // the event loop has not had a turn since
    bool fresh_ = false;     // it was taken right after it had become idle
    bool reading_ = false;
    bool own_read_ = false;
    bool secret_read_ = false;
    bool writing_ = false;
    bool handshaking_ = false;
    bool awaits_input_ = false;
    bool awaits_room_ = false;
    unsigned turns_ = 0; // reads that may still end at once, before others get their turn
    boost::asio::mutable_buffer read_target_;
    buffers outgoing_{};
    std::shared_ptr<const void> outgoing_owner_;
    std::uint64_t timer_operations_ = 0;
    error_code read_failure_;
    error_code write_failure_;
    error_code handshake_failure_;
    error_code abort_reason_;

    time_point phase_end_ = (time_point::max)();
    time_point total_end_ = (time_point::max)();
    time_point armed_for_ = (time_point::max)();
    duration progress_within_ = duration::zero();
    errc phase_code_ = errc::total_timeout;
};

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/connection.ipp>
#endif

#endif // CYCLOS_NET_CONNECTION_HPP
