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

/** The server's end of a connection. Nothing here blocks or waits.

    It counts what has come in both directions, so that what the client says can be held against it.
*/
class wire
{
public:
    explicit wire(test::descriptor socket)
        : socket_(std::move(socket))
    {}

    /// Sends what there is room for.
    void send(std::string_view bytes);

    /// Takes what has come. True if there was anything.
    bool drain();

    /// Sends no more.
    void finish();

    /// Closes the connection: an error for the client where it has sent what was not taken.
    void reset();

    /// Neither finished nor reset.
    bool open() const noexcept { return !finished_ && socket_; }
    bool was_reset() const noexcept { return !socket_; }

    /// What was sent, without the records of TLS.
    const std::string& sent() const noexcept { return sent_; }

    /// What was received and taken, without the records of TLS.
    const std::string& received() const noexcept { return received_; }

    /// The bytes that the client has sent, taken or not.
    std::size_t arrived() const;

    /// @name TLS
    /// @{

    /// Speaks TLS from now on, as far as what has come allows; true once the handshake is done.
    bool shake_hands(SSL_CTX* context);

    /// Sends bytes past TLS: no client may take any of what follows, unless they are what is spoken
    /// before TLS.
    void send_raw(std::string_view bytes);

    /// Says that no more records will come.
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
    std::size_t lost_ = 0; // what was not taken when the connection was reset
    bool finished_ = false;
    bool spoilt_ = false; // bytes went past TLS
    bool goodbye_ = false;
};

/// Where the client's connections lead while there is an object of this class: to wires.
class network
{
public:
    network();
    network(const network&) = delete;
    network& operator=(const network&) = delete;
    ~network();

    /// The one that there is.
    static network& current();

    /// The client's end of a new connection.
    boost::asio::ip::tcp::socket open(const boost::asio::any_io_executor& executor);

    /// The connections that were opened, in their order.
    std::deque<wire>& wires() noexcept { return wires_; }

private:
    std::deque<wire> wires_;
};

} // namespace cyclos::fuzz

#endif // CYCLOS_FUZZ_NETWORK_HPP
