//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The first program of a user of the package. It calls a server that does not exist, and succeeds
// if the library reports that.

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>

namespace {

boost::asio::awaitable<void> show(cyclos::client& client)
{
    cyclos::images_api images{client};
    auto details = co_await images.view_image("1", {.fields = "id,name"});
    std::cout << details.name.value_or("image") << '\n';
}

} // namespace

int main()
{
    boost::asio::io_context context;
    cyclos::client client{context, cyclos::config{"http://127.0.0.1:1/api"}};

    int status = 1;
    boost::asio::co_spawn(context, show(client), [&status](std::exception_ptr failure) {
        try {
            if (failure)
                std::rethrow_exception(failure);
        }
        catch (const cyclos::error& e) {
            std::cout << e.what() << '\n';
            const bool refused =
                e.phase() == cyclos::phase::connecting && e.sent() == cyclos::sent_state::none;
            status = refused ? 0 : 1;
        }
    });
    context.run();
    return status;
}
