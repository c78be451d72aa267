//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_ENDLESS_SERVER_HPP
#define CYCLOS_TESTS_ENDLESS_SERVER_HPP

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include <sys/socket.h>

namespace cyclos::test {

/** A server without TLS that responds to one request with a beginning, and repeats a text after
    that for as long as the client reads.
*/
class endless_server
{
public:
    endless_server(std::string begin, std::string more)
        : begin_(std::move(begin))
    {
        while (more_.size() < 8192) {
            more_ += more;
        }
        // A small buffer, so that unread data is not held here.
        acceptor_.set_option(boost::asio::socket_base::send_buffer_size{64 * 1024});
        thread_ = std::thread{[this] { run(); }};
    }

    endless_server(const endless_server&) = delete;
    endless_server& operator=(const endless_server&) = delete;

    ~endless_server()
    {
        // Shutting down the sockets ends blocked accepts and writes.
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        if (const int client = client_; client >= 0) {
            ::shutdown(client, SHUT_RDWR);
        }
        thread_.join();
    }

    std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/api";
    }

    /// The bytes written to the socket.
    std::uint64_t sent() const noexcept { return sent_; }

    /// Whether the client has ended the connection.
    bool ended() const noexcept { return ended_; }

private:
    void run()
    {
        boost::system::error_code ec;
        boost::asio::ip::tcp::socket socket{context_};
        acceptor_.accept(socket, ec);
        if (ec) {
            return;
        }
        client_ = socket.native_handle();
        std::string request;
        boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n", ec);
        for (const std::string* next = &begin_; !ec; next = &more_) {
            sent_ += boost::asio::write(socket, boost::asio::buffer(*next), ec);
        }
        client_ = -1;
        ended_ = true;
    }

    std::string begin_;
    std::string more_;
    std::atomic<std::uint64_t> sent_ = 0;
    std::atomic<bool> ended_ = false;
    std::atomic<int> client_ = -1;
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_{context_,
                                             {boost::asio::ip::address_v4::loopback(), 0}};
    std::thread thread_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_ENDLESS_SERVER_HPP
