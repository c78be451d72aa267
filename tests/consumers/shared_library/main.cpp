//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Uses the library directly, and through a shared library that uses it too: exceptions of one are
// caught by the other.

#include "portrait.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

namespace {

const std::string url = std::getenv("CYCLOS_URL");
const std::string password = std::getenv("CYCLOS_PASSWORD");

boost::asio::awaitable<void> save_thumbnail(cyclos::client& client, std::string id)
{
    cyclos::images_api images{client};
    auto details = co_await images.view_image(id);
    auto content = co_await images.get_image_content(id, {.width = 200});
    co_await content.save_to("me-200.jpg");
    std::cout << details.name.value_or("image") << " is stored as " << id << '\n';
    co_await client.close(std::chrono::seconds{1});
}

bool wrong_password_is_caught()
{
    try {
        store_portrait(url, "alice", "not " + password, "me.jpg");
    }
    catch (const cyclos::unauthorized& e) {
        return e.details().code == cyclos::unauthorized_code::login;
    }
    return false;
}

// The error category has another address in the shared library.
bool bad_url_is_caught()
{
    try {
        store_portrait("nonsense", "alice", password, "me.jpg");
    }
    catch (const cyclos::error& e) {
        return e.code() == cyclos::errc::invalid_config;
    }
    return false;
}

} // namespace

int main()
{
    if (!bad_url_is_caught()) {
        std::cerr << "the URL was not refused with the code that it should\n";
        return 1;
    }
    if (!wrong_password_is_caught()) {
        std::cerr << "the wrong password was not refused\n";
        return 1;
    }
    const std::string id = store_portrait(url, "alice", password, "me.jpg");

    boost::asio::io_context context;
    cyclos::client client{context,
                          cyclos::config{url, cyclos::credentials::basic("alice", password)}};
    boost::asio::co_spawn(context, save_thumbnail(client, id), [](std::exception_ptr failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    });
    context.run();
}
