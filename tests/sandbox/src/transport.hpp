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

/** The byte stream of a connection, with or without TLS.

    OpenSSL reads and writes the socket directly, through a custom BIO. This avoids copies, and
    scripts can end a connection in any incorrect way.

    Not thread-safe. Only one coroutine may read and write at a time.
*/
class transport
{
public:
    struct io_result
    {
        error_code ec = {};
        std::size_t bytes = 0;
    };

    /// @param context null: no TLS.
    transport(asio::ip::tcp::socket socket, SSL_CTX* context, journal& log);
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;

    asio::awaitable<error_code> handshake();

    /// Reads at least one byte. The end of the stream is an error, with or without close_notify.
    asio::awaitable<io_result> read_some(asio::mutable_buffer target);
    asio::awaitable<error_code> write(asio::const_buffer source);

    // These bypass TLS.
    asio::awaitable<error_code> write_raw(asio::const_buffer source);
    asio::awaitable<io_result> read_raw(asio::mutable_buffer target);
    asio::awaitable<error_code> wait_for_bytes();
    asio::awaitable<error_code> wait_for_error();

    /// Writes without waiting. @return False if not all bytes fit into the buffers of the system.
    bool try_write(std::string_view bytes);

    /// Sends a FIN, after a TLS close_notify if @p with_notify is set.
    void shut_down(bool with_notify);

    /// Closes the connection with an RST.
    void reset();

    /// Closes the connection. Pending operations complete with an error.
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

    io_result receive(void* data, std::size_t size);
    io_result send(const void* data, std::size_t size);
    step next_step(int ssl_result);
    step try_read(asio::mutable_buffer target, io_result& result);
    asio::awaitable<error_code> wait(step reason);

    asio::ip::tcp::socket socket_;
    journal& journal_;
    openssl::connection tls_;
    error_code last_error_;        ///< The last error of the socket or of TLS.
    unsigned sync_operations_ = 0; ///< Reads and writes since the last wait or yield.
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_TRANSPORT_HPP
