//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_PATTERN_SOURCE_HPP
#define CYCLOS_TESTS_PATTERN_SOURCE_HPP

#include <cyclos/file_source.hpp>
#include <cyclos/sandbox/pattern.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace cyclos::test {

/** A source of any size that takes no memory: its bytes are those of pattern(). It can announce a
    wrong length, return small pieces, and call a function before each read, for example to throw.
*/
class pattern_source final : public body_source
{
public:
    explicit pattern_source(std::uint64_t size)
        : announced_length(size)
        , actual_length(size)
    {}

    std::optional<std::uint64_t> announced_length; ///< The value of length().
    std::uint64_t actual_length;                   ///< The number of bytes that it returns.
    std::size_t max_read_size = SIZE_MAX;
    std::function<void(std::uint64_t)> before_read =
        {}; ///< Called with the offset before each read.

    boost::asio::awaitable<void> open() override { co_return; }
    std::optional<std::uint64_t> length() const override { return announced_length; }
    std::string file_name() const override { return "pattern.bin"; }
    std::string media_type() const override { return "image/x-pattern"; }

    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override
    {
        if (before_read) {
            before_read(position_);
        }
        const auto bytes = static_cast<std::size_t>(
            std::min<std::uint64_t>({target.size(), max_read_size, actual_length - position_}));
        sandbox::fill_pattern(position_, std::span{static_cast<char*>(target.data()), bytes});
        position_ += bytes;
        co_return bytes;
    }

private:
    std::uint64_t position_ = 0;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_PATTERN_SOURCE_HPP
