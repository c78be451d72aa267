//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_WHOLE_TEXT_HPP
#define CYCLOS_DETAIL_BASE_WHOLE_TEXT_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** A string that receives a complete body, whose length may be unknown.

    Memory is allocated as data arrives. A peer can announce any length without sending the data, so
    the announced length is not allocated at once.

    The string grows to at most one byte more than the limit; that byte shows that the body exceeds
    the limit. The limit is that of the caller, or the maximum size of a string if that is less: 2
    GiB on 32-bit systems.
*/
class whole_text
{
public:
    explicit whole_text(std::uint64_t limit)
        : limit_(std::min<std::uint64_t>(limit, text_.max_size() - 1))
    {}

    std::uint64_t limit() const noexcept { return limit_; }
    bool exceeds_limit() const noexcept { return size_ > limit_; }

    /// Sets the announced length of the body. It is a hint only.
    void set_expected_length(std::uint64_t length) noexcept { expected_ = length; }

    /// Returns the buffer for the next read.
    boost::asio::mutable_buffer prepare()
    {
        if (size_ == text_.size()) {
            text_.resize(expected_ > size_ ? next_size(initial_with_length, expected_)
                                           : next_size(initial_without_length, limit_ + 1));
        }
        return boost::asio::buffer(text_.data() + size_, text_.size() - size_);
    }

    void received(std::size_t bytes) noexcept { size_ += bytes; }

    std::string take()
    {
        text_.resize(size_);
        return std::move(text_);
    }

private:
    /// The next size of the string: twice the current one, at least `first`, at most `last`.
    std::size_t next_size(std::uint64_t first, std::uint64_t last) const noexcept
    {
        return static_cast<std::size_t>(
            std::clamp<std::uint64_t>(std::uint64_t{size_} * 2, (std::min)(first, last), last));
    }

    // The initial allocation if the length was announced, and if it was not.
    static constexpr std::uint64_t initial_with_length = 1024 * 1024;
    static constexpr std::uint64_t initial_without_length = 16 * 1024;

    std::string text_;
    std::uint64_t limit_;
    std::uint64_t expected_ = 0;
    std::size_t size_ = 0;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_WHOLE_TEXT_HPP
