//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_CONTENT_HPP
#define CYCLOS_SANDBOX_CONTENT_HPP

#include <cyclos/sandbox/pattern.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>

namespace cyclos::sandbox {

/** Bytes of any number.

    What is not held (@ref options::replace_with_pattern) is made up: past the end of what is kept, the byte at an
    offset is `pattern_byte(offset)`. So a large upload that followed the pattern
    comes back as it was.
*/
class content
{
public:
    content() = default;

    /// Holds all of @p bytes.
    explicit content(std::string bytes)
        : size_(bytes.size())
        , kept_(std::make_shared<const std::string>(std::move(bytes)))
    {}

    /// As long as @p size says, beginning with @p kept.
    content(std::uint64_t size, std::string kept)
        : size_(size)
        , kept_(std::make_shared<const std::string>(std::move(kept)))
    {}

    /// Nothing but the pattern.
    static content synthetic(std::uint64_t size) { return {size, {}}; }

    std::uint64_t size() const noexcept { return size_; }

    /// What is held: all of it, or how it begins.
    const std::string& kept() const noexcept { return *kept_; }

    bool is_whole() const noexcept { return kept_->size() == size_; }

    /// Fills @p target from @p offset on; the caller stays within @ref size.
    void read(std::uint64_t offset, std::span<char> target) const noexcept
    {
        if (offset < kept_->size()) {
            const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(target.size(), kept_->size() - offset));
            std::memcpy(target.data(), kept_->data() + offset, count);
            target = target.subspan(count);
            offset += count;
        }
        fill_pattern(offset, target);
    }

private:
    std::uint64_t size_ = 0;
    std::shared_ptr<const std::string> kept_ = std::make_shared<const std::string>();
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_CONTENT_HPP
