//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_TRANSPORT_HPP
#define CYCLOS_SANDBOX_SRC_TRANSPORT_HPP

#include "journal.hpp"
#include "openssl.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <string>

namespace cyclos::sandbox {

namespace asio = boost::asio;
using boost::system::error_code;

/** The bytes of a connection, with TLS or without.

    OpenSSL reads and writes the socket itself, through a BIO of ours, so that
    nothing is copied in between, and every way to end a connection badly is in
    reach. To be used on one thread, by one coroutine at a time.
*/
class transport
{
public:
    struct transferred
    {
        error_code failure = {};
        std::size_t bytes = 0;
    };

    /// @param context null: without TLS.
    transport(asio::ip::tcp::socket socket, SSL_CTX* context, journal& counts);
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;

    asio::awaitable<error_code> handshake();

    /// Some bytes; the end of the stream, clean or not, is a failure.
    asio::awaitable<transferred> read_some(asio::mutable_buffer target);
    asio::awaitable<error_code> write(asio::const_buffer source);

    /// Past TLS.
    asio::awaitable<error_code> write_raw(asio::const_buffer source);
    asio::awaitable<transferred> read_raw(asio::mutable_buffer target);
    asio::awaitable<error_code> wait_for_bytes();
    asio::awaitable<error_code> wait_for_error();

    /// What fits into the buffers of the system, at once.
    bool try_write(std::string_view bytes);

    /// Says that nothing more will be sent: FIN, and with TLS a close_notify before it if that is asked for.
    void shut_down(bool with_notify);

    /// Closes with a RST.
    void reset();

    /// Closes; whoever waits is woken.
    void close();

    asio::any_io_executor get_executor() { return socket_.get_executor(); }
    bool is_open() const { return socket_.is_open(); }
    std::string remote_address() const;
    bool is_resumed() const;
    std::string tls_version() const;
    std::string server_name() const;
    std::string client_subject() const;

private:
    enum class step { done, wait_to_read, wait_to_write, failed };

    static BIO_METHOD* bio_method();
    static int bio_read(BIO* bio, char* data, std::size_t size, std::size_t* count);
    static int bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* count);
    static long bio_control(BIO* bio, int command, long number, void* pointer);

    transferred receive(void* data, std::size_t size);
    transferred send(const void* data, std::size_t size);
    step after(int result);
    step try_read(asio::mutable_buffer target, transferred& outcome);
    asio::awaitable<error_code> wait(step reason);

    asio::ip::tcp::socket socket_;
    journal& counts_;
    openssl::connection tls_;
    error_code failure_;
    unsigned turns_ = 0; ///< Reads and writes since this last waited.
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_TRANSPORT_HPP
