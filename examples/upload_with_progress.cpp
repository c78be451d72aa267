//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Uploads a file as a profile image, and prints the progress. Ctrl-C cancels the upload.
//
//   upload_with_progress URL USERNAME PASSWORD FILE [CA_FILE]

#include <cyclos/images.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>

#include <csignal>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <utility>

namespace asio = boost::asio;

asio::awaitable<void> upload(cyclos::config config, std::filesystem::path file)
{
    cyclos::client client{co_await asio::this_coro::executor, std::move(config)};

    // Called for each block, so it prints only if the percentage has changed.
    std::uint64_t shown = 0;
    const cyclos::progress_hook show_progress = [&](const cyclos::transfer_progress& progress) {
        const std::uint64_t total = progress.total.value_or(0);
        const std::uint64_t percent = total == 0 ? 100 : progress.bytes * 100 / total;
        if (percent != std::exchange(shown, percent)) {
            std::cout << percent << " %\n" << std::flush;
        }
    };
    const auto images = cyclos::images_api{client}.with({.progress = &show_progress});
    const auto stored = co_await images.upload_user_image("self", cyclos::file_source(file));
    std::cout << "stored as " << stored.id << '\n';
}

int main(int argc, char** argv)
try {
    if (argc < 5) {
        std::cerr << "usage: upload_with_progress URL USERNAME PASSWORD FILE [CA_FILE]\n";
        return 2;
    }
    cyclos::config config{argv[1], cyclos::credentials::basic(argv[2], argv[3])};
    if (argc > 5) {
        config.tls.ca_file = argv[5];
    }
    asio::cancellation_signal cancel;
    asio::io_context context;
    asio::signal_set interrupt{context, SIGINT};
    interrupt.async_wait([&](const boost::system::error_code& ec, int) {
        if (!ec) {
            cancel.emit(asio::cancellation_type::terminal);
        }
    });
    std::exception_ptr failure;
    asio::co_spawn(context, upload(std::move(config), argv[4]),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr thrown) {
                       failure = std::move(thrown);
                       interrupt.cancel();
                   }));
    context.run();
    if (failure) {
        std::rethrow_exception(failure);
    }
    return 0;
}
catch (const cyclos::error& e) {
    // The message says whether none, a part or all of the request was sent, like e.sent().
    std::cerr << "upload_with_progress: " << e.what() << '\n';
    return 1;
}
