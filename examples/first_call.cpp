//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// A first call: prints the profile images of a user, or the error.
//
//   first_call URL USERNAME PASSWORD [CA_FILE]

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <iostream>
#include <utility>

namespace asio = boost::asio;

asio::awaitable<void> print_images(cyclos::config config)
{
    // The client is destroyed at the end of the coroutine, which closes its idle connections. They
    // are pending work of the context: while they are open, run() does not return.
    cyclos::client client{co_await asio::this_coro::executor, std::move(config)};
    const cyclos::images_api images{client};

    const auto all = co_await images.list_user_images("self", {.fields = "id,name,length"});
    for (const cyclos::image& image : all) {
        std::cout << image.id.value_or("?") << ' ' << image.name.value_or("without a name") << ", "
                  << image.length.value_or(0) << " bytes\n";
    }
    std::cout << all.size() << " in all\n";
}

int main(int argc, char** argv)
{
    if (argc < 4) {
        std::cerr << "usage: first_call URL USERNAME PASSWORD [CA_FILE]\n";
        return 2;
    }
    try {
        cyclos::config config{argv[1], cyclos::credentials::basic(argv[2], argv[3])};
        if (argc > 4) {
            config.tls.ca_file = argv[4];
        }
        asio::io_context context;
        auto done = asio::co_spawn(context, print_images(std::move(config)), asio::use_future);
        context.run();
        done.get();
        return 0;
    }
    catch (const cyclos::unauthorized&) {
        std::cerr << "first_call: the server does not know this user and password\n";
    }
    catch (const cyclos::error& e) {
        std::cerr << "first_call: " << e.what() << '\n';
        if (e.sent() == cyclos::sent_state::none) {
            std::cerr << "the server has seen nothing of the request\n";
        }
    }
    return 1;
}
