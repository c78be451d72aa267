//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CONNECT_HOOK_HPP
#define CYCLOS_CONNECT_HOOK_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <functional>
#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The peer to connect to: the server, or the proxy if there is one.
class connect_target
{
public:
    std::string host; ///< Host name, or an address without brackets.
    std::string port; ///< Port number.
};

/// A connected stream socket. TCP and Unix domain sockets convert to it.
using connected_socket = boost::asio::generic::stream_protocol::socket;

/** Opens the connections of a client, instead of the library: a coroutine that returns a connected
    socket. Use it for local addresses, socket options, tunnels, Unix domain sockets, and custom
    name services.

    @code
    config.connect =
        [](cyclos::connect_target target) -> asio::awaitable<cyclos::connected_socket> {
        const auto executor = co_await asio::this_coro::executor;
        asio::ip::tcp::resolver resolver{executor};
        const auto found =
            co_await resolver.async_resolve(target.host, target.port, asio::use_awaitable);
        asio::ip::tcp::socket socket{executor, asio::ip::tcp::v4()};
        socket.bind({asio::ip::make_address("192.0.2.7"), 0});
        co_await socket.async_connect(found.begin()->endpoint(), asio::use_awaitable);
        co_return std::move(socket);
    };
    @endcode

    The library runs TLS and HTTP on the socket, and sets `TCP_NODELAY`. If config::proxy is set,
    the target is the proxy, and the library opens the tunnel on the socket.

    It runs on the executor of a shard, one call for each connection that is being opened, and must
    not block. With several shards, calls run on several threads at the same time. It takes the
    place of the name look-up and of connecting: timeout_config::connect limits it
    (errc::connect_timeout), and timeout_config::resolve does not apply.

    If it does not return in time, or if the client is closed or destroyed, it is cancelled
    (terminal cancellation) and left behind: it is not waited for, and a socket that it returns
    later is closed. So it must own what it uses, also what the function refers to: it may run
    longer than the client.

    @par Exceptions
    The code of a `boost::system::system_error` is the error of the connection, with
    phase::connecting. Any other exception is errc::connect_hook_failed. As for every connection
    that could not be opened, all requests that wait get this error if no connection is open.
*/
using connect_hook = std::function<boost::asio::awaitable<connected_socket>(connect_target)>;

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_CONNECT_HOOK_HPP
