//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_CONNECTION_HPP
#define CYCLOS_DETAIL_NET_CONNECTION_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/tls_stream.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

class connection;

/// Notified when the peer closes an idle connection.
class idle_watcher
{
public:
    virtual void connection_lost(connection& idle) = 0;

protected:
    ~idle_watcher() = default;
};

/** One connection: bytes and deadlines, and nothing of their meaning.

    How it works:
    - start_read(), start_write() and start_handshake() start an operation that may complete at
      once. If it does not, the connection notifies its owner when it has: a coroutine that waits
      on its notifier, and then looks at reading(), writing(), input() and the failures.
    - Operations keep the connection alive, and the memory that they write. After abort() there are
      none.
    - read_state, write_state and use_state are its states. Reading and writing are independent: a
      server may answer while the request is being sent. A handshake and a write exclude each other.
    - While the connection is idle, a read is outstanding. It completes when the peer closes the
      connection or sends something unasked. If a request comes first, this read becomes the read
      of its response. TLS session tickets are consumed by the TLS layer, and do not complete it.
    - There is one timer for all deadlines. It is set only if a deadline is earlier than its expiry,
      so that a request on a warm connection sets none.
    - reusable() decides whether the connection may carry another request; check_alive() first reads
      what an idle connection has received.

    Everything runs on one strand.
*/
class connection : public std::enable_shared_from_this<connection>
{
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;
    using duration = clock::duration;

    /// @param id         Names the connection in events.
    /// @param input_size The size of its input buffer: no header section may be larger.
    CYCLOS_DECL connection(const boost::asio::any_io_executor& executor, std::size_t slot,
                           std::uint64_t id, std::size_t input_size);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    CYCLOS_DECL ~connection();

    /// The slot of the pool that it occupies.
    std::size_t slot() const noexcept { return slot_; }

    /// Names the connection in events.
    std::uint64_t id() const noexcept { return id_; }

    /// Plain bytes sent and received so far, without the framing of TLS.
    std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
    std::uint64_t bytes_received() const noexcept { return bytes_received_; }

    boost::asio::any_io_executor executor() noexcept { return timer_.get_executor(); }
    tls_stream& stream() noexcept { return stream_; }

    /// Sets the owner, which is notified when an operation completes and on abort().
    void attach(cyclos::detail::notifier& owner) noexcept { owner_ = &owner; }

    /// Removes the owner.
    void detach() noexcept { owner_ = nullptr; }

    /// Makes the connection idle, and watches it. The watcher is not notified of a close that has
    /// happened already: reusable() finds it.
    CYCLOS_DECL void watch_idle(std::weak_ptr<idle_watcher> watcher, time_point now);

    /// A request takes the idle connection without waiting. One that has waited gets a connection
    /// right after its release, and does not call this.
    CYCLOS_DECL void lease_out(time_point now) noexcept;

    /// Releases the buffers of a large message. No write may be outstanding.
    CYCLOS_DECL void shrink() noexcept;

    /** Reads what an idle connection has received, and decides whether it can carry a request.

        @param repeatable The request may be sent again if the connection turns out to be closed.
            Then the read is skipped if the request takes the connection right after its release,
            and the last read had emptied the socket. */
    CYCLOS_DECL bool check_alive(bool repeatable);

    /// @name Reading
    /// @{

    /// Starts to read into the input buffer, unless a read is outstanding.
    CYCLOS_DECL void start_read();

    /** Starts to read into memory of the caller. No read may be outstanding, and input() must be
        empty.

        @param secret The buffers of TLS are wiped after the read. Reads into the input buffer
            always wipe them. */
    CYCLOS_DECL void start_read(boost::asio::mutable_buffer target, bool secret);

    bool reading() const noexcept { return read_ != read_state::none; }

    /// The part of the input buffer that was read and not consumed.
    std::string_view input() const noexcept { return {input_.get() + begin_, end_ - begin_}; }

    void consume(std::size_t bytes) noexcept { begin_ += bytes; }

    /// The input buffer has no space left.
    bool input_full() const noexcept { return end_ - begin_ == input_size_; }

    /// The number of bytes that the last read into memory of the caller has read.
    std::size_t received() const noexcept { return received_; }

    /// The reason why nothing more can be read, if there is one.
    const error_code& read_failure() const noexcept { return read_failure_; }

    /// @}
    /// @name Writing
    /// @{

    using buffers = std::array<boost::asio::const_buffer, 3>;

    /// Starts to write all of the data, and keeps its owner alive meanwhile. No write may be
    /// outstanding.
    CYCLOS_DECL void start_write(const buffers& data, std::shared_ptr<const void> owner);

    bool writing() const noexcept { return write_ == write_state::writing; }

    /// Stops a write that has become pointless. Nothing can be written after it.
    CYCLOS_DECL void stop_write();

    /// The reason why nothing more can be written, if there is one.
    const error_code& write_failure() const noexcept { return write_failure_; }

    /// @}
    /// @name TLS
    /// @{

    /// Starts the handshake. The stream must have been secured.
    CYCLOS_DECL void start_handshake();

    bool handshaking() const noexcept { return write_ == write_state::handshaking; }
    const error_code& handshake_failure() const noexcept { return handshake_failure_; }

    /// @}
    /// @name Deadlines
    /// @{

    /// Aborts the connection with the code after the limit. Zero: no limit. Replaces the last call
    /// of this function and of set_inactivity_timeout().
    CYCLOS_DECL void set_phase_deadline(duration limit, errc code);

    /// Aborts the connection with errc::inactivity_timeout if no byte moves within the limit. Zero:
    /// no limit.
    CYCLOS_DECL void set_inactivity_timeout(duration limit);

    /// Aborts the connection with errc::total_timeout at the end of the operation.
    CYCLOS_DECL void set_total_deadline(time_point end);

    void clear_deadlines() noexcept
    {
        phase_end_ = total_end_ = (time_point::max)();
        inactivity_timeout_ = duration::zero();
    }

    /// The number of times that the timer was set.
    std::uint64_t timer_sets() const noexcept { return timer_sets_; }

    /// @}

    /// Closes the connection, ends what is outstanding, and notifies the owner. The first reason
    /// counts.
    CYCLOS_DECL void abort(error_code reason);

    const error_code& abort_reason() const noexcept { return abort_reason_; }

    /// The connection has carried a request or was idle: the peer may have closed it, and the close
    /// may still be on its way.
    bool used_before() const noexcept { return used_before_; }
    void set_used_before() noexcept { used_before_ = true; }

    /** The alert with which the peer rejected the connection before it carried anything, if it did.

        With TLS 1.3, the handshake of the client is complete before the server has checked the
        client's certificate. */
    CYCLOS_DECL error_code early_alert() const noexcept;

    /** The connection may carry another request, as far as is known without reading.

        Only data of the application counts. A part of a record in the TLS layer, such as half a
        session ticket, does not prevent it; a close_notify or an alert that was received together
        with the last message does. */
    bool reusable() const noexcept
    {
        return !abort_reason_ && !read_failure_ && !write_failure_ &&
               !stream_.has_deferred_failure() && begin_ == end_ && !writing();
    }

    /// The time at which the server closes the connection if it stays idle, as far as it said so.
    time_point kept_until() const noexcept { return kept_until_; }
    void set_kept_until(time_point end) noexcept { kept_until_ = end; }

private:
    enum class read_state {
        none,
        into_input,         ///< The TLS buffers are wiped: a header section may hold a token.
        into_target,        ///< Memory of the caller.
        into_secret_target, ///< Memory of the caller; the TLS buffers are wiped.
    };

    enum class write_state { none, handshaking, writing };

    enum class use_state {
        leased,         ///< Being opened, or taken by lease_out().
        leased_at_once, ///< Taken right after its release: the socket is known to be empty.
        released,       ///< Released in this turn of the event loop; nothing watches it yet.
        watched,        ///< The peer's close completes the outstanding read.
    };

    CYCLOS_DECL boost::asio::mutable_buffer input_space() noexcept;
    CYCLOS_DECL void begin_read(boost::asio::mutable_buffer target, read_state state);
    CYCLOS_DECL void continue_read();
    CYCLOS_DECL void continue_write();
    CYCLOS_DECL void continue_handshake();
    CYCLOS_DECL void wait_for(tls_stream::wait_type direction);
    CYCLOS_DECL void arm_idle_read();
    CYCLOS_DECL void resume();
    CYCLOS_DECL void on_timer(const error_code& ec);
    CYCLOS_DECL void arm();
    CYCLOS_DECL void extend_inactivity_deadline();
    CYCLOS_DECL void notify_owner();

    tls_stream stream_;
    boost::asio::steady_timer timer_;
    cyclos::detail::notifier* owner_ = nullptr;
    std::weak_ptr<idle_watcher> watcher_;
    std::size_t slot_;
    std::uint64_t id_;
    std::uint64_t bytes_sent_ = 0;
    std::uint64_t bytes_received_ = 0;
    std::uint64_t carried_before_ = 0; // bytes in both directions, when it was last idle or shrunk
    time_point idle_since_;
    time_point kept_until_ = (time_point::max)();

    std::unique_ptr<char[]> input_;
    std::size_t input_size_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t received_ = 0;
    read_state read_ = read_state::none;
    write_state write_ = write_state::none;
    use_state use_ = use_state::leased;
    bool used_before_ = false;
    bool readable_pending_ = false; // the socket is being waited for: one wait for each direction
    bool writable_pending_ = false;
    unsigned sync_reads_left_ = 0;
    boost::asio::mutable_buffer read_target_;
    buffers outgoing_{};
    std::shared_ptr<const void> outgoing_owner_;
    std::uint64_t timer_sets_ = 0;
    error_code read_failure_;
    error_code write_failure_;
    error_code handshake_failure_;
    error_code abort_reason_;

    time_point phase_end_ = (time_point::max)();
    time_point total_end_ = (time_point::max)();
    time_point armed_for_ = (time_point::max)();
    duration inactivity_timeout_ = duration::zero();
    errc phase_code_ = errc::total_timeout;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/connection.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_CONNECTION_HPP
