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

/** A free port of 127.0.0.1 that is not given to another process while the object exists. It is
    bound and does not listen, so connections to it are refused. A server that sets SO_REUSEADDR, as
    nearly all do, can still bind it and listen: no other process can take the port in between.
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
