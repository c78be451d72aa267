//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_TLS_STREAM_HPP
#define CYCLOS_NET_TLS_STREAM_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/session_cache.hpp>
#include <cyclos/net/tls_context.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::net {

/** A TCP stream that speaks TLS once it has been told to.

    All that the library knows of sockets and TLS is behind this type. OpenSSL reads and writes the socket itself,
    which does not block: a call does what can be done at once, or says what has to be waited for. OpenSSL reads as many
    records as there are at once, and the records of a write are gathered here and leave together: the system calls cost
    more than all the rest otherwise. The bytes that were written are those of records that the system has taken whole.

    A write that wants to be continued has to be, with the same bytes: the stream is unusable for others until then.
*/
class tls_stream
{
public:
    using socket_type = boost::asio::ip::tcp::socket;
    using wait_type = socket_type::wait_type;

    /// What a call has come to: bytes, or what it has to wait for, or why it has failed.
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

    /// Takes over a connected socket.
    CYCLOS_DECL void adopt(socket_type connected);

    /** Makes a TLS session of the connected socket, still without a handshake.

        @param context What all connections share.
        @param sessions Those that it may resume.
        @param host The name or address that the certificate must be for, and SNI for names.
    */
    CYCLOS_DECL void secure(tls_context& context, std::shared_ptr<session_cache> sessions, const std::string& host);

    CYCLOS_DECL step handshake();

    /** Reads what there is. The end of the stream is asio::error::eof; with TLS, only where the peer has said so.

        @param secret Whether OpenSSL wipes what it has decrypted: it would keep it until something else comes.
    */
    CYCLOS_DECL step read_some(boost::asio::mutable_buffer target, bool secret);

    /// Writes what the system takes.
    CYCLOS_DECL step write_some(std::span<const boost::asio::const_buffer> data);

    /// Waits until a call may have more success.
    template <class Handler>
    void async_wait(wait_type what, Handler&& handler)
    {
        socket_.async_wait(what, std::forward<Handler>(handler));
    }

    /// Whether a read would find something, be it the end.
    CYCLOS_DECL bool readable();

    /// Whether the end of the stream, or an alert, was read together with the last bytes, and is still to be told.
    bool has_ended() const noexcept { return static_cast<bool>(late_failure_); }

    /// Whether bytes were taken off the socket that nobody has read.
    CYCLOS_DECL bool has_pending() const;

    /// Whether the last look into the socket has found its end: it gave less than there was room for.
    bool drained() const noexcept { return drained_; }

    /// Whether the handshake has resumed the session of an earlier connection.
    CYCLOS_DECL bool resumed() const;

    /// The reason that verification failed for, in OpenSSL's words, or nothing.
    CYCLOS_DECL std::string verify_failure() const;

    /// Whether verification failed because the certificate is for another host.
    CYCLOS_DECL bool host_mismatch() const;

    /// Gives back the memory that a large transfer has taken, as far as there is nothing in it.
    CYCLOS_DECL void shrink() noexcept;

    /** Closes the socket; waits complete with operation_aborted.

        @param orderly Whether the peer is told first, if the socket takes that at once.
    */
    CYCLOS_DECL void close(bool orderly) noexcept;

private:
    struct ssl_deleter
    {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    /// The socket as OpenSSL sees it.
    class bio;

    /// A record among those that were gathered.
    struct record
    {
        std::size_t end = 0;  // in the gathered bytes
        std::size_t data = 0; // the bytes that were sealed in it
    };

    // With more at once nothing is gained.
    static constexpr std::size_t most_records = 8;

    CYCLOS_DECL step explain(int result);
    CYCLOS_DECL step seal(std::span<const boost::asio::const_buffer> data, std::size_t from);
    CYCLOS_DECL step flush();
    CYCLOS_DECL void make_room(std::size_t data, std::size_t parts);

    socket_type socket_;
    std::shared_ptr<session_cache> sessions_; // they are told to it for as long as there is a stream
    std::unique_ptr<SSL, ssl_deleter> ssl_;
    bool drained_ = false;
    error_code socket_failure_; // of the last call
    std::size_t unread_ = 0;    // bytes that the present call may still read from the socket
    error_code late_failure_;   // of reading: it came behind bytes, and is told when they have been taken

    std::unique_ptr<char[]> gathered_; // records on their way to the socket
    std::size_t room_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool gathering_ = false;
    std::array<record, most_records> records_{};
    std::size_t first_record_ = 0; // that the system has not taken whole
    std::size_t last_record_ = 0;
};

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/tls_stream.ipp>
#endif

#endif // CYCLOS_NET_TLS_STREAM_HPP
