//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Operations without coroutines: futures, callbacks and deferred operations.
//
//   callbacks_and_futures URL USERNAME PASSWORD [CA_FILE]

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <iostream>
#include <latch>
#include <vector>

namespace asio = boost::asio;

void call(cyclos::config config)
{
    asio::thread_pool threads{2};
    cyclos::client client{threads, std::move(config)};
    const cyclos::images_api images{client};
    const auto executor = client.get_executor();

    // A future. Block on it only in a thread that does not run the client: this one is not in the
    // pool.
    std::future<std::vector<cyclos::image>> list =
        asio::co_spawn(executor, images.list_user_images("self"), asio::use_future);
    std::cout << "images, by a future: " << list.get().size() << '\n';

    // A callback with an exception or a value. The executor of a client is a strand, so its
    // callbacks do not run concurrently.
    std::latch called{2};
    asio::co_spawn(executor, images.list_user_images("self"),
                   [&](std::exception_ptr failure, std::vector<cyclos::image> all) {
                       std::cout << "images, by a callback: " << (failure ? 0 : all.size()) << '\n';
                       called.count_down();
                   });

    // A callback with a result, which contains a value or an error of the library.
    asio::co_spawn(executor, cyclos::as_result(images.view_image("missing")),
                   [&](std::exception_ptr, cyclos::result<cyclos::image_view> details) {
                       std::cout << "missing: " << (details ? "found" : details.error().what())
                                 << '\n';
                       called.count_down();
                   });
    called.wait();

    // A deferred operation: a function object that starts it with any completion token.
    auto deferred = asio::co_spawn(executor, images.list_user_images("self"), asio::deferred);
    std::cout << "images, deferred: " << std::move(deferred)(asio::use_future).get().size() << '\n';

    // Close the client before join(): its idle connections are pending work of the thread pool.
    asio::co_spawn(executor, client.close(std::chrono::seconds{5}), asio::use_future).get();
    threads.join();
}

int main(int argc, char** argv)
try {
    if (argc < 4) {
        std::cerr << "usage: callbacks_and_futures URL USERNAME PASSWORD [CA_FILE]\n";
        return 2;
    }
    cyclos::config config{argv[1], cyclos::credentials::basic(argv[2], argv[3])};
    if (argc > 4) {
        config.tls.ca_file = argv[4];
    }
    call(std::move(config));
    return 0;
}
catch (const std::exception& e) {
    std::cerr << "callbacks_and_futures: " << e.what() << '\n';
    return 1;
}
