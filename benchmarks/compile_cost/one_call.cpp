//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// A program with one call of the library.

#include <cyclos/images.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <iostream>
#include <string>

boost::asio::awaitable<void> show(std::string url, std::string id)
{
    cyclos::client client{co_await boost::asio::this_coro::executor, cyclos::config{url}};
    cyclos::images_api images{client};
    const auto details = co_await images.view_image(id);
    std::cout << details.name.value_or("image") << '\n';
}

int main(int argc, char** argv)
{
    if (argc < 3) {
        return 2;
    }
    boost::asio::io_context context;
    boost::asio::co_spawn(context, show(argv[1], argv[2]), [](const std::exception_ptr& failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    });
    context.run();
}
