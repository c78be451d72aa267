//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Copies the images of an advertisement from one Cyclos to another: each in one expression, without touching a disk,
// and in constant memory.
//
//   copy_between_servers FROM_URL FROM_TOKEN AD TO_URL TO_TOKEN AD [CA_FILE]
//
// The tokens are those of access clients.

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

cyclos::config server(const std::string& url, const std::string& token, const std::string& ca_file)
{
    cyclos::config config{url, cyclos::credentials::access_client(token)};
    config.tls.ca_file = ca_file;
    return config;
}

asio::awaitable<void> copy_images(std::vector<std::string> words)
{
    const auto executor = co_await asio::this_coro::executor;
    const std::string ca_file = words.size() > 6 ? words[6] : "";
    cyclos::client here{executor, server(words[0], words[1], ca_file)};
    cyclos::client there{executor, server(words[3], words[4], ca_file)};
    const cyclos::images_api from{here};
    const cyclos::images_api to{there};

    const auto images = co_await from.list_ad_images(words[2], {.fields = "id,name"});
    // One after the other, as their order is that of the uploads. Where it does not matter, at_once may be more.
    const auto copies = co_await cyclos::upload_all(
        images, 1, [&](const cyclos::image& image) -> asio::awaitable<cyclos::uploaded_image> {
            co_return co_await to.upload_ad_image(words[5], co_await from.get_image_content(image.id.value()),
                                                  {.name = image.name.value_or("")});
        });
    for (std::size_t i = 0; i < copies.size(); ++i) {
        std::cout << images[i].id.value() << " -> " << copies[i].value().id << '\n';
    }
}

int main(int argc, char** argv)
try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 6) {
        std::cerr << "usage: copy_between_servers FROM_URL FROM_TOKEN AD TO_URL TO_TOKEN AD [CA_FILE]\n";
        return 2;
    }
    asio::io_context context;
    auto done = asio::co_spawn(context, copy_images(words), asio::use_future);
    context.run();
    done.get();
    return 0;
}
catch (const std::exception& e) {
    std::cerr << "copy_between_servers: " << e.what() << '\n';
    return 1;
}
