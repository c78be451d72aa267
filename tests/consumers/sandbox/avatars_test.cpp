//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The service's own test against the embedded server of the installed package: found images,
// missing images, and a server that fails.

#include "avatars.hpp"

#include <cyclos/sandbox/pictures.hpp>
#include <cyclos/sandbox/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <iostream>

namespace {

namespace sandbox = cyclos::sandbox;

int failures = 0;

void check(bool holds, const char* expectation)
{
    if (!holds) {
        std::cerr << "failed: " << expectation << '\n';
        ++failures;
    }
}

boost::asio::awaitable<void> test(sandbox::server& server, cyclos::client& client)
{
    avatars service{client};

    const auto found = co_await service.find("demo");
    const auto picture = sandbox::inspect_picture(found.value_or(""));
    check(picture && picture->width == 32 && picture->height == 24,
          "the avatar is the image of demo, scaled to fit");

    server.store().remove_all_images();
    check(!co_await service.find("demo"), "there is no avatar without an image");

    server.misbehave({.method = "GET", .times = 1, .status = 503});
    unsigned status = 0;
    try {
        co_await service.find("demo");
    }
    catch (const cyclos::api_error& e) {
        status = e.status();
    }
    check(status == 503, "the service reports the error of the server");
    check(server.statistics().requests == 4, "no request was repeated");

    co_await client.close(std::chrono::seconds{1});
}

} // namespace

int main()
{
    sandbox::server server;
    cyclos::config config{server.url(), cyclos::credentials::basic("demo", "demo")};
    config.tls.ca_file = server.ca_file().string();

    boost::asio::io_context context;
    cyclos::client client{context, config};
    auto end = boost::asio::co_spawn(context, test(server, client), boost::asio::use_future);
    context.run();
    end.get();
    return failures == 0 ? 0 : 1;
}
