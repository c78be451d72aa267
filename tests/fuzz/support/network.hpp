//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_FUZZ_NETWORK_HPP
#define CYCLOS_FUZZ_NETWORK_HPP

#include "integration/support/launch.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace cyclos::fuzz {

/** The server's end of a connection. No function blocks. It counts the bytes of both directions, to
    check the reports of the client.
*/
class wire
{
public:
    explicit wire(test::descriptor socket)
        : socket_(std::move(socket))
    {}

    /// Sends as much as the buffer takes.
    void send(std::string_view bytes);

    /// Receives the available bytes. True if there were any.
    bool drain();

    /// Closes the sending side.
    void finish();

    /// Closes the connection: an error for the client if received bytes were not read.
    void reset();

    /// Neither closed nor reset.
    bool open() const noexcept { return !finished_ && socket_; }
    bool was_reset() const noexcept { return !socket_; }

    /// The bytes sent, without TLS records.
    const std::string& sent() const noexcept { return sent_; }

    /// The bytes received and read, without TLS records.
    const std::string& received() const noexcept { return received_; }

    /// The number of bytes that the client has sent, read or not.
    std::size_t arrived() const;

    /// @name TLS
    /// @{

    /// Uses TLS from now on, as far as bytes have arrived; true once the handshake is complete.
    bool shake_hands(SSL_CTX* context);

    /// Sends bytes outside TLS: no client may accept any of what follows, unless they belong before
    /// TLS.
    void send_raw(std::string_view bytes);

    /// Sends close_notify.
    void say_goodbye();

    bool secure() const noexcept { return ssl_ && SSL_is_init_finished(ssl_.get()) == 1; }
    bool said_goodbye() const noexcept { return goodbye_; }

    /// @}

private:
    struct ssl_deleter
    {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    std::size_t put(std::string_view bytes);
    bool take(std::string& target);
    void flush_records();

    test::descriptor socket_;
    std::unique_ptr<SSL, ssl_deleter> ssl_;
    std::string sent_;
    std::string received_;
    std::size_t lost_ = 0; // unread when the connection was reset
    bool finished_ = false;
    bool spoilt_ = false; // bytes were sent outside TLS
    bool goodbye_ = false;
};

/// The target of the client's connections while an object of this class exists.
class network
{
public:
    network();
    network(const network&) = delete;
    network& operator=(const network&) = delete;
    ~network();

    /// The only instance.
    static network& current();

    /// The client's end of a new connection.
    boost::asio::ip::tcp::socket open(const boost::asio::any_io_executor& executor);

    /// The opened connections, in their order.
    std::deque<wire>& wires() noexcept { return wires_; }

private:
    std::deque<wire> wires_;
};

} // namespace cyclos::fuzz

#endif // CYCLOS_FUZZ_NETWORK_HPP
