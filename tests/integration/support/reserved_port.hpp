//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_RESERVED_PORT_HPP
#define CYCLOS_TESTS_RESERVED_PORT_HPP

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace cyclos::test {

/** A port of 127.0.0.1 that the system picked, and that nobody else is given while the object is
    there.

    It is bound and does not listen, so connections to it are refused. A server
    that sets SO_REUSEADDR, as nearly all do, can bind it and listen all the same:
    there is no moment in between when somebody else could take the port.
*/
class reserved_port
{
public:
    reserved_port()
    {
        socket_.open(boost::asio::ip::tcp::v4());
        socket_.set_option(boost::asio::socket_base::reuse_address{true});
        socket_.bind({boost::asio::ip::address_v4::loopback(), 0});
    }

    unsigned short number() const { return socket_.local_endpoint().port(); }

private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_{context_};
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_RESERVED_PORT_HPP
