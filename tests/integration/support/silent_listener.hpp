//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_SILENT_LISTENER_HPP
#define CYCLOS_TESTS_SILENT_LISTENER_HPP

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

#include <sys/socket.h>

namespace cyclos::test {

/// A socket that listens on loopback and does not accept.
class silent_listener
{
public:
    silent_listener()
        : acceptor_(context_,
                    boost::asio::ip::tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0})
    {}

    boost::asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
    unsigned short port() const { return endpoint().port(); }
    std::string url() const { return "https://127.0.0.1:" + std::to_string(port()) + "/api"; }

    /// Fills the queue of connections, so that the system drops further ones.
    void fill()
    {
        ::listen(acceptor_.native_handle(), 0);
        for (int i = 0; i < 4; ++i) {
            auto& socket = fillers_.emplace_back(context_, boost::asio::ip::tcp::v4());
            socket.native_non_blocking(true);
            // The system's own function: Asio's waits for the connection, even on a non-blocking
            // socket.
            const auto address = acceptor_.local_endpoint();
            static_cast<void>(::connect(socket.native_handle(), address.data(),
                                        static_cast<socklen_t>(address.size())));
        }
    }

    /// Closes the socket, so that the system refuses connections.
    void close() { acceptor_.close(); }

private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::vector<boost::asio::ip::tcp::socket> fillers_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_SILENT_LISTENER_HPP
