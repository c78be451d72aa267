//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_TLS_STREAM_HPP
#define CYCLOS_DETAIL_NET_TLS_STREAM_HPP

#include <cyclos/connect_hook.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/session_cache.hpp>
#include <cyclos/detail/net/tls_context.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** A non-blocking stream socket, usually of TCP, with TLS after secure(). Everything that the
    library knows about sockets and OpenSSL is in this class.

    Each call does what is possible at once and returns a @ref step: the number of bytes, a failure,
    or the direction to wait for with async_wait(). @ref connection makes the calls, on its strand.

    Reading: OpenSSL reads up to 64 KiB from the socket at once, which may contain many records.
    read_some() returns the content of those that are complete. If a failure (or the end of the
    stream) follows bytes in the same read, the bytes are returned first and the failure by the next
    call (deferred_failure_; see has_deferred_failure()). One call of OpenSSL may read from the
    socket several times, until it has used up read_budget_: a peer cannot keep the thread busy.

    Writing: write_some() lets OpenSSL encrypt a batch of records into `output_`, of up to 64 KiB
    and 8 records, and sends it with as few system calls as possible: these cost more than
    everything else. Only bytes in records that the system has accepted completely count as written.

    Invariants:
    - Bytes output_begin_ to output_end_ of `output_` are not sent yet. They consist of the records
      first_record_ to last_record_ - 1, and of messages of OpenSSL's own behind them, if any.
    - While there are unsent records, write_some() must be called again with the same remaining
      bytes. After a cancelled write the stream cannot be used for another one.
    - The functions of the BIO are called only within calls of this class to OpenSSL.
*/
class tls_stream
{
public:
    using socket_type = connected_socket;
    using wait_type = socket_type::wait_type;

    /// The result of a call: bytes transferred, the direction to wait for, or a failure.
    struct step
    {
        std::size_t bytes = 0;
        std::optional<wait_type> wants = {};
        error_code failure = {};
    };

    explicit tls_stream(const boost::asio::any_io_executor& executor)
        : socket_(executor)
    {}

    tls_stream(const tls_stream&) = delete;
    tls_stream& operator=(const tls_stream&) = delete;
    ~tls_stream() = default;

    const socket_type& socket() const noexcept { return socket_; }

    /// Takes over a connected socket. It may belong to another executor or execution context.
    CYCLOS_DECL void adopt(socket_type connected);

    /// Enables TCP keep-alive, if the time is not zero, and as far as the system and the socket
    /// have it.
    CYCLOS_DECL void keep_alive(std::chrono::milliseconds idle_time);

    /** Creates a TLS session on the connected socket, without a handshake. After a second call,
        this session is inside the first one: that with a proxy.

        @param context Shared by the connections of a client.
        @param sessions The sessions to resume; also stores new ones.
        @param host The name or address that the certificate must match. A name is also sent as SNI.
    */
    CYCLOS_DECL void secure(std::shared_ptr<tls_context> context,
                            std::shared_ptr<session_cache> sessions, const std::string& host);

    CYCLOS_DECL step handshake();

    /** Reads the available bytes. The end of the stream is asio::error::eof; with TLS, only if the
        peer sent close_notify. Without it, the failure is ssl::error::stream_truncated.

        @param wipe_plaintext Whether OpenSSL wipes its buffer after decryption. It would otherwise
        contain the plaintext until the next record.
    */
    CYCLOS_DECL step read_some(boost::asio::mutable_buffer target, bool wipe_plaintext);

    /// Writes as many bytes as the system accepts.
    CYCLOS_DECL step write_some(std::span<const boost::asio::const_buffer> data);

    /// Waits until a call may make progress.
    template <class Handler>
    void async_wait(wait_type direction, Handler&& handler)
    {
        socket_.async_wait(direction, std::forward<Handler>(handler));
    }

    /// Whether a read would return bytes, a failure, or the end of the stream.
    CYCLOS_DECL bool readable();

    /// Whether the end of the stream or an alert was read together with the last bytes. The next
    /// read returns it.
    bool has_deferred_failure() const noexcept { return static_cast<bool>(deferred_failure_); }

    /// Whether OpenSSL holds bytes that were read from the socket and not returned yet.
    CYCLOS_DECL bool has_pending() const;

    /// Whether the last read from the socket returned fewer bytes than requested, so that it is
    /// empty.
    bool drained() const noexcept { return drained_; }

    /// Whether the handshake resumed the session of an earlier connection.
    CYCLOS_DECL bool resumed() const;

    /// The reason for which verification failed, as OpenSSL describes it, or an empty string.
    CYCLOS_DECL std::string verify_failure() const;

    /// Whether verification failed because the certificate is for another host.
    CYCLOS_DECL bool host_mismatch() const;

    /// Whether the public key of the server is acceptable, after the handshake: see
    /// tls_context::accepts_public_key().
    CYCLOS_DECL bool accepts_public_key(std::string& actual) const;

    /// Frees the buffers that a large transfer has allocated, if they are empty.
    CYCLOS_DECL void shrink() noexcept;

    /** Closes the socket. Pending waits complete with operation_aborted.

        @param send_close_notify Whether to send close_notify first, if the socket accepts it at
        once.
    */
    CYCLOS_DECL void close(bool send_close_notify) noexcept;

private:
    struct ssl_deleter
    {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    /// The OpenSSL BIO of the socket.
    class bio;

    /// A record in output_.
    struct record
    {
        std::size_t end = 0;  // position in output_
        std::size_t data = 0; // size of its plaintext
    };

    // More records in a batch bring no improvement.
    static constexpr std::size_t max_records = 8;

    CYCLOS_DECL step step_of(SSL* ssl, int return_value);
    CYCLOS_DECL std::size_t read_below(void* target, std::size_t size);
    CYCLOS_DECL std::size_t write_below(const void* data, std::size_t size);
    CYCLOS_DECL std::size_t read_socket(void* target, std::size_t size);
    CYCLOS_DECL void set_outer_result(int success);
    CYCLOS_DECL step encrypt(std::span<const boost::asio::const_buffer> data, std::size_t from);
    CYCLOS_DECL step flush();
    CYCLOS_DECL void reserve_output(std::size_t data, std::size_t parts);

    socket_type socket_;
    // Contexts and caches are kept alive as long as their sessions exist: OpenSSL stores new
    // sessions in the cache, and calls functions of the context.
    std::shared_ptr<tls_context> outer_context_;
    std::shared_ptr<session_cache> outer_sessions_;
    std::unique_ptr<SSL, ssl_deleter> outer_; // with the proxy: ssl_ reads and writes through it
    std::shared_ptr<tls_context> context_;
    std::shared_ptr<session_cache> sessions_;
    std::unique_ptr<SSL, ssl_deleter> ssl_;
    bool drained_ = false;
    error_code socket_failure_;   // of what is below ssl_, in the current or last call
    std::size_t read_budget_ = 0; // bytes that the current call may still read from the socket
    // A failure that was read after bytes. Returned once these were returned.
    error_code deferred_failure_;

    std::unique_ptr<char[]> output_; // encrypted records that are not sent yet
    std::size_t output_capacity_ = 0;
    std::size_t output_begin_ = 0;
    std::size_t output_end_ = 0;
    bool batching_ = false; // encrypt() is running: the BIO adds what it writes to output_
    std::array<record, max_records> records_{};
    std::size_t first_record_ = 0; // first one that is not sent completely
    std::size_t last_record_ = 0;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/tls_stream.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_TLS_STREAM_HPP
