//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Saves thumbnails of all profile images of a user, four at a time. If one download fails, the
// others continue.
//
//   download_thumbnails URL USERNAME PASSWORD FOLDER [CA_FILE]

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

namespace asio = boost::asio;

/// Returns one of a few known extensions: text of the server must not become part of a file name.
const char* extension(std::string_view content_type)
{
    return content_type == "image/png" ? ".png" : content_type == "image/gif" ? ".gif" : ".jpg";
}

/// @return The number of thumbnails that could not be saved.
asio::awaitable<std::size_t> save_thumbnails(cyclos::config config, std::filesystem::path folder)
{
    cyclos::client client{co_await asio::this_coro::executor, std::move(config)};
    const cyclos::images_api images{client};

    const auto save = [&](const cyclos::image& image) -> asio::awaitable<std::uint64_t> {
        auto content =
            co_await images.get_image_content(image.id.value(), {.width = 128, .height = 128});
        const auto file =
            cyclos::safe_file_name(image.id.value() + extension(content.content_type()));
        co_return co_await content.save_to(folder / file);
    };
    const auto all = co_await images.list_user_images("self", {.fields = "id"});
    const auto saved = co_await cyclos::download_all(all, 4, save);

    std::size_t failed = 0;
    for (std::size_t i = 0; i < saved.size(); ++i) {
        std::cout << all[i].id.value() << ": ";
        if (saved[i]) {
            std::cout << *saved[i] << " bytes\n";
        }
        else {
            std::cout << saved[i].error().what() << '\n';
            ++failed;
        }
    }
    co_return failed;
}

int main(int argc, char** argv)
try {
    if (argc < 5) {
        std::cerr << "usage: download_thumbnails URL USERNAME PASSWORD FOLDER [CA_FILE]\n";
        return 2;
    }
    cyclos::config config{argv[1], cyclos::credentials::basic(argv[2], argv[3])};
    if (argc > 5) {
        config.tls.ca_file = argv[5];
    }
    asio::io_context context;
    auto failed =
        asio::co_spawn(context, save_thumbnails(std::move(config), argv[4]), asio::use_future);
    context.run();
    return failed.get() == 0 ? 0 : 1;
}
catch (const cyclos::error& e) {
    std::cerr << "download_thumbnails: " << e.what() << '\n';
    return 1;
}
