//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// A custom source: an image that is generated while it is sent, and is never in memory as a whole.
//
//   custom_source URL USERNAME PASSWORD [CA_FILE]

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace asio = boost::asio;
using namespace std::string_literals;

/** A GIF of 126 × 4096 pixels that fades from black to white.

    Each row begins with the clear code, which resets the table of the LZW compression. This keeps
    all codes at 8 bits, so each byte of the file can be computed from its position alone.
*/
class fading_gif final : public cyclos::body_source
{
public:
    asio::awaitable<void> open() override { co_return; }
    std::optional<std::uint64_t> length() const override { return size_; }
    std::string file_name() const override { return "fading.gif"; }
    std::string media_type() const override { return "image/gif"; }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
    {
        const std::size_t bytes = std::min(target.size(), size_ - position_);
        std::generate_n(static_cast<char*>(target.data()), bytes,
                        [this] { return byte_at(position_++); });
        co_return bytes;
    }

    // The library can retry an upload from a rewindable source, if config.retry.retry_uploads is
    // set.
    bool rewindable() const override { return true; }
    asio::awaitable<void> rewind() override
    {
        position_ = 0;
        co_return;
    }

private:
    static constexpr std::size_t rows = 4096;
    static constexpr std::size_t row_size = 2 + 126; // length byte, clear code, pixels

    static std::string make_head()
    {
        const std::string size = "\x7E\0\0\x10"s;
        std::string head = "GIF89a"s + size + "\xF6\0\0"s;
        for (int shade = 0; shade < 128; ++shade) {
            head.append(3, static_cast<char>(2 * shade)); // red, green and blue
        }
        return head + ",\0\0\0\0"s + size + "\0\x07"s;
    }

    char byte_at(std::size_t position) const
    {
        if (position < head_.size()) {
            return head_[position];
        }
        const std::size_t row = (position - head_.size()) / row_size;
        const std::size_t column = (position - head_.size()) % row_size;
        if (row == rows) {
            return tail_[column];
        }
        const std::size_t shade = row * 128 / rows;
        return static_cast<char>(column == 0 ? row_size - 1 : column == 1 ? 128 : shade);
    }

    const std::string head_ = make_head();
    const std::string tail_ = "\x01\x81\0;"s;
    const std::size_t size_ = head_.size() + rows * row_size + tail_.size();
    std::size_t position_ = 0;
};

asio::awaitable<void> upload(cyclos::config config)
{
    cyclos::client client{co_await asio::this_coro::executor, std::move(config)};
    const cyclos::images_api images{client};
    const auto stored = co_await images.upload_user_image("self", fading_gif{});
    std::cout << "stored as " << stored.id << '\n';
}

int main(int argc, char** argv)
try {
    if (argc < 4) {
        std::cerr << "usage: custom_source URL USERNAME PASSWORD [CA_FILE]\n";
        return 2;
    }
    cyclos::config config{argv[1], cyclos::credentials::basic(argv[2], argv[3])};
    if (argc > 4) {
        config.tls.ca_file = argv[4];
    }
    asio::io_context context;
    auto done = asio::co_spawn(context, upload(std::move(config)), asio::use_future);
    context.run();
    done.get();
    return 0;
}
catch (const std::exception& e) {
    std::cerr << "custom_source: " << e.what() << '\n';
    return 1;
}
