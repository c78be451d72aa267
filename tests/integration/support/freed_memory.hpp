//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_FREED_MEMORY_HPP
#define CYCLOS_TESTS_FREED_MEMORY_HPP

#include <cstddef>
#include <string_view>
#include <vector>

namespace cyclos::test {

/** Searches all blocks that this thread frees with `delete` or through OpenSSL while it exists. For
    that, `new` and `delete` of the program and OpenSSL's functions are replaced, except under a
    sanitizer, which has its own. Each block is overwritten when it is allocated, so a text that is
    found was written by its owner, and not by another test or the server before.
*/
class freed_memory
{
public:
    /// @param wanted Texts in static storage that outlive the object.
    explicit freed_memory(std::vector<std::string_view> wanted);
    freed_memory(const freed_memory&) = delete;
    freed_memory& operator=(const freed_memory&) = delete;
    ~freed_memory();

    /// Blocks that held one of the texts.
    std::size_t found() const noexcept { return found_; }

    /// Blocks searched.
    std::size_t blocks() const noexcept { return blocks_; }

    /// Bytes that this thread has allocated meanwhile, less those that it has given back.
    long long growth() const noexcept { return growth_; }

    static const bool available;

    /// @cond internal
    void look(const void* block) noexcept;
    void count_allocation(std::size_t size) noexcept { growth_ += static_cast<long long>(size); }
    /// @endcond

private:
    std::vector<std::string_view> wanted_;
    std::size_t found_ = 0;
    std::size_t blocks_ = 0;
    long long growth_ = 0;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_FREED_MEMORY_HPP
