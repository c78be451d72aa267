//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Copies the images of an advertisement from one Cyclos server to another. Each image is
// streamed in constant memory, without a file.
//
//   copy_between_servers FROM_URL FROM_TOKEN AD TO_URL TO_TOKEN AD [CA_FILE]
//
// The tokens must be tokens of access clients.

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace asio = boost::asio;

cyclos::config make_config(const std::string& url, const std::string& token,
                           const std::string& ca_file)
{
    cyclos::config config{url, cyclos::credentials::access_client(token)};
    config.tls.ca_file = ca_file;
    return config;
}

asio::awaitable<void> copy_images(std::vector<std::string> arguments)
{
    const auto executor = co_await asio::this_coro::executor;
    const std::string ca_file = arguments.size() > 6 ? arguments[6] : "";
    cyclos::client source_client{executor, make_config(arguments[0], arguments[1], ca_file)};
    cyclos::client target_client{executor, make_config(arguments[3], arguments[4], ca_file)};
    const cyclos::images_api source{source_client};
    const cyclos::images_api target{target_client};

    const auto images = co_await source.list_ad_images(arguments[2], {.fields = "id,name"});
    // With a concurrency of 1, the copies have the order of the originals: Cyclos orders the images
    // of an advertisement by upload.
    const auto copies = co_await cyclos::upload_all(
        images, 1, [&](const cyclos::image& image) -> asio::awaitable<cyclos::uploaded_image> {
            co_return co_await target.upload_ad_image(
                arguments[5], co_await source.get_image_content(image.id.value()),
                {.name = image.name.value_or("")});
        });
    for (std::size_t i = 0; i < copies.size(); ++i) {
        std::cout << images[i].id.value() << " -> " << copies[i].value().id << '\n';
    }
}

int main(int argc, char** argv)
try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 6) {
        std::cerr
            << "usage: copy_between_servers FROM_URL FROM_TOKEN AD TO_URL TO_TOKEN AD [CA_FILE]\n";
        return 2;
    }
    asio::io_context context;
    auto done = asio::co_spawn(context, copy_images(arguments), asio::use_future);
    context.run();
    done.get();
    return 0;
}
catch (const std::exception& e) {
    std::cerr << "copy_between_servers: " << e.what() << '\n';
    return 1;
}
