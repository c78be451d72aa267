//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The same request by hand: Beast messages over its TLS stream, one connection, and the name read
// from the JSON.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

asio::awaitable<void> show(std::string host, std::string id)
{
    asio::ssl::context tls{asio::ssl::context::tls_client};
    tls.set_default_verify_paths();
    tls.set_verify_mode(asio::ssl::verify_peer);

    const auto executor = co_await asio::this_coro::executor;
    asio::ip::tcp::resolver resolver{executor};
    const auto addresses = co_await resolver.async_resolve(host, "https", asio::use_awaitable);

    beast::ssl_stream<beast::tcp_stream> stream{executor, tls};
    stream.set_verify_callback(asio::ssl::host_name_verification{host});
    if (!SSL_set_tlsext_host_name(stream.native_handle(), host.c_str())) {
        throw std::runtime_error("no server name");
    }
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds{30});
    co_await beast::get_lowest_layer(stream).async_connect(addresses, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);

    http::request<http::empty_body> request{http::verb::get, "/api/images/" + id, 11};
    request.set(http::field::host, host);
    request.set(http::field::accept, "application/json");
    co_await http::async_write(stream, request, asio::use_awaitable);

    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    co_await http::async_read(stream, buffer, response, asio::use_awaitable);
    if (response.result() != http::status::ok) {
        throw std::runtime_error("status " + std::to_string(response.result_int()));
    }
    const boost::json::value details = boost::json::parse(response.body());
    std::cout << details.at("name").as_string().c_str() << '\n';
}

int main(int argc, char** argv)
{
    if (argc < 3) {
        return 2;
    }
    asio::io_context context;
    asio::co_spawn(context, show(argv[1], argv[2]), [](const std::exception_ptr& failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    });
    context.run();
}
