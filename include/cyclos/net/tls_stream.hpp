//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_TLS_STREAM_HPP
#define CYCLOS_NET_TLS_STREAM_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/tls_context.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cyclos::net {

/** A TCP stream that speaks TLS once it has been told to.

    All that the library knows of sockets and TLS is behind this type. One read and one write may be outstanding
    at the same time; a write that was cancelled leaves the stream unusable, a read that was cancelled does not.
*/
class tls_stream
{
public:
    using socket_type = boost::asio::ip::tcp::socket;

    explicit tls_stream(const boost::asio::any_io_executor& executor)
        : socket_(executor)
    {}

    socket_type& socket() noexcept { return socket_; }

    /** Makes a TLS session of the connected socket, still without a handshake.

        @param context What all connections share, the sessions that may be resumed among it.
        @param host The name or address that the certificate must be for, and SNI for names.
    */
    CYCLOS_DECL void secure(std::shared_ptr<tls_context> context, const std::string& host);

    template <class Handler>
    void async_handshake(Handler&& handler)
    {
        tls_->async_handshake(boost::asio::ssl::stream_base::client, std::forward<Handler>(handler));
    }

    template <class Handler>
    void async_read_some(boost::asio::mutable_buffer target, Handler&& handler)
    {
        if (tls_) {
            tls_->async_read_some(target, std::forward<Handler>(handler));
        }
        else {
            socket_.async_read_some(target, std::forward<Handler>(handler));
        }
    }

    template <class Handler>
    void async_write_some(boost::asio::const_buffer data, Handler&& handler)
    {
        if (tls_) {
            tls_->async_write_some(data, std::forward<Handler>(handler));
        }
        else {
            socket_.async_write_some(data, std::forward<Handler>(handler));
        }
    }

    /// Whether the handshake has resumed the session of an earlier connection.
    CYCLOS_DECL bool resumed() const;

    /// The reason that verification failed for, in OpenSSL's words, or nothing.
    CYCLOS_DECL std::string verify_failure() const;

    /// Whether verification failed because the certificate is for another host.
    CYCLOS_DECL bool host_mismatch() const;

    /// Closes the socket; outstanding operations complete with operation_aborted.
    CYCLOS_DECL void close() noexcept;

private:
    // Asio gives the handle of a mutable stream only; asking for a verdict changes nothing.
    SSL* handle() const { return const_cast<tls_stream*>(this)->tls_->native_handle(); }

    socket_type socket_;
    std::shared_ptr<tls_context> context_; // sessions are told to it for as long as there is a stream
    std::optional<boost::asio::ssl::stream<socket_type&>> tls_;
};

} // namespace cyclos::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/tls_stream.ipp>
#endif

#endif // CYCLOS_NET_TLS_STREAM_HPP
