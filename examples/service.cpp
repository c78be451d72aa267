//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// A service on several threads that uses one client for all of its requests: GET /ID passes on the image of that id, as
// it comes. SIGTERM ends the service in order: what is being answered is answered to its end.
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

/// Answers a request, and gives whether there may be another one on the connection.
asio::awaitable<bool> answer(tcp::socket& socket, cyclos::images_api images, http::request<http::empty_body> request)
{
    auto content = co_await cyclos::as_result(images.get_image_content(request.target().substr(1)));
    http::response<http::empty_body> head;
    head.keep_alive(request.keep_alive());
    if (content) {
        head.set(http::field::content_type, content->content_type());
        if (const auto length = content->content_length()) {
            head.content_length(*length); // otherwise it ends with the connection
        }
    }
    else {
        head.result(content.as<cyclos::not_found>() ? http::status::not_found
                    : content.error().is_refused()  ? http::status::bad_request
                                                    : http::status::bad_gateway);
        head.content_length(0);
    }
    http::response_serializer<http::empty_body> serializer{head};
    co_await http::async_write_header(socket, serializer, asio::use_awaitable);
    if (content && request.method() != http::verb::head) {
        co_await content->write_to(socket); // where it breaks off, so does the connection
    }
    co_return !head.need_eof();
}

/// Answers the requests of a connection. A service out there would also end those on which nothing comes for long.
asio::awaitable<void> serve(tcp::socket socket, cyclos::images_api images, asio::io_context& in_flight)
{
    socket.set_option(tcp::no_delay{true}); // the head goes out by itself
    boost::beast::flat_buffer buffer;
    for (bool more = true; more;) {
        http::request<http::empty_body> request;
        co_await http::async_read(socket, buffer, request, asio::use_awaitable);
        const auto guard = asio::make_work_guard(in_flight);
        more = co_await answer(socket, images, std::move(request));
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, cyclos::client& client, asio::io_context& in_flight)
{
    for (std::size_t n = 0; acceptor.is_open(); ++n) {
        const auto shard = client.get_executor(n); // each connection has one, where its calls take no detour
        auto [failure, socket] = co_await acceptor.async_accept(shard, asio::as_tuple(asio::use_awaitable));
        if (!failure) {
            asio::co_spawn(shard, serve(std::move(socket), cyclos::images_api{client}, in_flight), asio::detached);
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
    asio::io_context in_flight; // runs nothing, but is out of work once no request is being answered
    asio::thread_pool threads{4};
    cyclos::client client{threads, std::move(config)};
    tcp::acceptor acceptor{asio::make_strand(threads), tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    asio::signal_set signals{threads, SIGINT, SIGTERM};
    auto signal = signals.async_wait(asio::use_future);
    std::cout << "http://127.0.0.1:" << acceptor.local_endpoint().port() << '\n' << std::flush;
    asio::co_spawn(acceptor.get_executor(), accept(acceptor, client, in_flight), asio::detached);

    signal.get();
    asio::post(acceptor.get_executor(), asio::use_future([&] { acceptor.close(); })).get();
    std::cout << "no more connections are taken\n" << std::flush;
    in_flight.run_for(std::chrono::seconds{30});
    threads.stop(); // what is left are connections on which nobody has asked for anything
    threads.join();
    return 0;
}
catch (const std::exception& e) {
    std::cerr << "service: " << e.what() << '\n';
    return 1;
}
