//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_WHOLE_TEXT_HPP
#define CYCLOS_DETAIL_WHOLE_TEXT_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

/** A string that a body is read into until its end, which may not be known.

    Memory is taken as bytes come: whoever says how many there will be may lie, and need not send them.

    It grows to one byte more than the limit, which shows that the body exceeds it, and no further. The limit is that of
    the caller, or what a string can hold if that is less: with 32 bits it is 2 GiB.
*/
class whole_text
{
public:
    explicit whole_text(std::uint64_t limit)
        : limit_(std::min<std::uint64_t>(limit, text_.max_size() - 1))
    {}

    std::uint64_t limit() const noexcept { return limit_; }
    bool exceeds_limit() const noexcept { return size_ > limit_; }

    /// How long the body will be, as far as that is true.
    void expect(std::uint64_t length) noexcept { expected_ = length; }

    /// Where the next bytes go.
    boost::asio::mutable_buffer room()
    {
        if (size_ == text_.size()) {
            text_.resize(expected_ > size_ ? grown(believed, expected_) : grown(usual, limit_ + 1));
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
    /// The next size of the memory: twice what there is, from the first size up to the last.
    std::size_t grown(std::uint64_t first, std::uint64_t last) const noexcept
    {
        return static_cast<std::size_t>(
            std::clamp<std::uint64_t>(std::uint64_t{size_} * 2, (std::min)(first, last), last));
    }

    // What is taken at first: where a length was said, and where not.
    static constexpr std::uint64_t believed = 1024 * 1024;
    static constexpr std::uint64_t usual = 16 * 1024;

    std::string text_;
    std::uint64_t limit_;
    std::uint64_t expected_ = 0;
    std::size_t size_ = 0;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_WHOLE_TEXT_HPP
