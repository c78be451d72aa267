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

/** The content of an image, of which only the first bytes may be in memory.

    After the bytes in memory, the byte at an offset is `pattern_byte(offset)`. If an upload
    consists of that pattern, it can be downloaded unchanged, however large it is: see
    @ref options::replace_with_pattern.

    Copies share the bytes.
*/
class content
{
public:
    content() = default;

    /// Keeps all bytes in memory.
    explicit content(std::string bytes)
        : size_(bytes.size())
        , kept_(std::make_shared<const std::string>(std::move(bytes)))
    {}

    /// Content of @p size bytes: @p kept, followed by the pattern.
    content(std::uint64_t size, std::string kept)
        : size_(size)
        , kept_(std::make_shared<const std::string>(std::move(kept)))
    {}

    /// Content that consists of the pattern only, and takes no memory.
    static content synthetic(std::uint64_t size) { return {size, {}}; }

    std::uint64_t size() const noexcept { return size_; }

    /// The bytes in memory: all of the content, or its beginning.
    const std::string& kept() const noexcept { return *kept_; }

    /// Whether all of the content is in memory.
    bool is_whole() const noexcept { return kept_->size() == size_; }

    /// Fills @p target with the bytes from @p offset on. @pre The range is within @ref size.
    void read(std::uint64_t offset, std::span<char> target) const noexcept
    {
        if (offset < kept_->size()) {
            const auto count = static_cast<std::size_t>(
                std::min<std::uint64_t>(target.size(), kept_->size() - offset));
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
