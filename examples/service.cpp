//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// A service on several threads that uses one client for all of its requests. GET /ID streams the
// image with that id. On SIGTERM, the service shuts down gracefully: it completes the requests that
// it is handling.
//
//   service URL USERNAME PASSWORD [CA_FILE]

#include <cyclos/images.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <iostream>
#include <utility>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

/// Handles one request. @return Whether the connection can be kept open.
asio::awaitable<bool> handle_request(tcp::socket& socket, cyclos::images_api images,
                                     http::request<http::empty_body> request)
{
    auto content = co_await cyclos::as_result(images.get_image_content(request.target().substr(1)));
    http::response<http::empty_body> head;
    head.keep_alive(request.keep_alive());
    if (content) {
        head.set(http::field::content_type, content->content_type());
        if (const auto length = content->content_length()) {
            head.content_length(*length); // without a length, the body ends with the connection
        }
    }
    else {
        head.result(content.as<cyclos::not_found>()         ? http::status::not_found
                    : content.error().is_rejected_locally() ? http::status::bad_request
                                                            : http::status::bad_gateway);
        head.content_length(0);
    }
    http::response_serializer<http::empty_body> serializer{head};
    co_await http::async_write_header(socket, serializer, asio::use_awaitable);
    if (content && request.method() != http::verb::head) {
        co_await content->write_to(socket); // an exception closes the connection
    }
    co_return !head.need_eof();
}

/// Handles the requests of one connection. A production service also needs an idle timeout.
asio::awaitable<void> serve(tcp::socket socket, cyclos::images_api images,
                            asio::io_context& in_flight)
{
    socket.set_option(tcp::no_delay{true}); // send the header section without delay
    boost::beast::flat_buffer buffer;
    for (bool more = true; more;) {
        http::request<http::empty_body> request;
        co_await http::async_read(socket, buffer, request, asio::use_awaitable);
        const auto guard = asio::make_work_guard(in_flight);
        more = co_await handle_request(socket, images, std::move(request));
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, cyclos::client& client,
                             asio::io_context& in_flight)
{
    for (std::size_t n = 0; acceptor.is_open(); ++n) {
        // A call on the executor of a shard uses that shard, without a switch to another strand.
        const auto shard = client.shard_executor(n);
        auto [failure, socket] =
            co_await acceptor.async_accept(shard, asio::as_tuple(asio::use_awaitable));
        if (!failure) {
            asio::co_spawn(shard, serve(std::move(socket), cyclos::images_api{client}, in_flight),
                           asio::detached);
        }
    }
}

int main(int argc, char** argv)
try {
    if (argc < 4) {
        std::cerr << "usage: service URL USERNAME PASSWORD [CA_FILE]\n";
        return 2;
    }
    cyclos::config config{argv[1], cyclos::credentials::basic(argv[2], argv[3])};
    config.shards = 4; // one strand for each thread
    if (argc > 4) {
        config.tls.ca_file = argv[4];
    }
    // Counts the requests in flight: it runs no handlers, but each request holds a work guard, so
    // run_for() returns when the last one is complete.
    asio::io_context in_flight;
    asio::thread_pool threads{4};
    cyclos::client client{threads, std::move(config)};
    tcp::acceptor acceptor{asio::make_strand(threads),
                           tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    asio::signal_set signals{threads, SIGINT, SIGTERM};
    auto signal = signals.async_wait(asio::use_future);
    std::cout << "http://127.0.0.1:" << acceptor.local_endpoint().port() << '\n' << std::flush;
    asio::co_spawn(acceptor.get_executor(), accept(acceptor, client, in_flight), asio::detached);

    signal.get();
    asio::post(acceptor.get_executor(), asio::use_future([&] { acceptor.close(); })).get();
    std::cout << "no more connections are accepted\n" << std::flush;
    in_flight.run_for(std::chrono::seconds{30});
    threads.stop(); // only idle connections are left
    threads.join();
    return 0;
}
catch (const std::exception& e) {
    std::cerr << "service: " << e.what() << '\n';
    return 1;
}
