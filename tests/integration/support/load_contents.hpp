//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_LOAD_CONTENTS_HPP
#define CYCLOS_TESTS_LOAD_CONTENTS_HPP

#include "integration/support/pattern_source.hpp"

#include <cyclos/image_content.hpp>
#include <cyclos/sandbox/server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cyclos::test {

/// The contents that the chaos tests and the soak test transfer: below, at and above the sizes of
/// TLS records and blocks.
constexpr std::array<std::size_t, 5> load_sizes{0, 1, 5'000, 131'072, 400'000};

inline std::string load_content_id(std::size_t n)
{
    return "content-" + std::to_string(n);
}

inline std::string load_content_name(std::size_t n)
{
    return "content " + std::to_string(n);
}

/// Stores a content of each size on the server.
inline void add_load_contents(sandbox::server& server)
{
    for (std::size_t n = 0; n < load_sizes.size(); ++n) {
        server.store().add_image({.id = load_content_id(n),
                                  .kind = "custom",
                                  .name = load_content_name(n),
                                  .content = sandbox::content::synthetic(load_sizes[n])});
    }
}

/// Options of a server under load: it remembers what is stored, but neither bytes nor requests.
inline sandbox::options load_server_options()
{
    sandbox::options result;
    result.max_kept_body = 1024;
    result.replace_with_pattern = true;
    return result;
}

/// A source of one of the sizes, with known or unknown length.
inline pattern_source load_source(std::size_t n, bool known_length)
{
    pattern_source source{load_sizes[n]};
    if (!known_length) {
        source.announced_length.reset();
    }
    return source;
}

/// Reads a content to its end, and tells whether it is the one of this size.
inline boost::asio::awaitable<bool> read_load_content(image_content content, std::size_t n,
                                                      std::size_t block_size)
{
    std::vector<unsigned char> block(block_size);
    std::uint64_t position = 0;
    bool same = true;
    while (const std::size_t bytes = co_await content.read_some(boost::asio::buffer(block))) {
        for (std::size_t i = 0; i < bytes; ++i) {
            same = same && block[i] == sandbox::pattern_byte(position + i);
        }
        position += bytes;
    }
    co_return same&& position == load_sizes[n];
}

} // namespace cyclos::test

#endif // CYCLOS_TESTS_LOAD_CONTENTS_HPP
