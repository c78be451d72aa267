//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/freed_memory.hpp"

#include "integration/support/sanitized.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <malloc.h>

namespace cyclos::test {

namespace {

thread_local freed_memory* watcher = nullptr;

} // namespace

freed_memory::freed_memory(std::vector<std::string_view> wanted)
    : wanted_(std::move(wanted))
{
    watcher = this;
}

freed_memory::~freed_memory()
{
    watcher = nullptr;
}

void freed_memory::look(const void* block) noexcept
{
    ++blocks_;
    const std::string_view bytes{static_cast<const char*>(block),
                                 malloc_usable_size(const_cast<void*>(block))};
    growth_ -= static_cast<long long>(bytes.size());
    for (const std::string_view text : wanted_) {
        if (bytes.find(text) != std::string_view::npos) {
            ++found_;
            return;
        }
    }
}

#if defined(CYCLOS_TESTS_SANITIZED)
const bool freed_memory::available = false;
#else
const bool freed_memory::available = true;
#endif

} // namespace cyclos::test

#if !defined(CYCLOS_TESTS_SANITIZED)

namespace {

/// Overwrites the previous content of the block: it would be found again in a block that its next
/// owner does not write completely.
void* overwritten(void* block) noexcept
{
    if (block != nullptr) {
        std::memset(block, 0xA5, malloc_usable_size(block));
        if (cyclos::test::watcher != nullptr) {
            cyclos::test::watcher->count_allocation(malloc_usable_size(block));
        }
    }
    return block;
}

void* allocated(void* block)
{
    if (block == nullptr) {
        throw std::bad_alloc{};
    }
    return overwritten(block);
}

void give_back(void* block) noexcept
{
    if (block != nullptr && cyclos::test::watcher != nullptr) {
        cyclos::test::watcher->look(block);
    }
    std::free(block);
}

// Allocation functions for OpenSSL, which does not use `new` and `delete`.

void* ssl_allocate(std::size_t size, const char* /*file*/, int /*line*/)
{
    return overwritten(std::malloc(size));
}

void ssl_give_back(void* block, const char* /*file*/, int /*line*/)
{
    give_back(block);
}

void* ssl_reallocate(void* block, std::size_t size, const char* file, int line)
{
    void* const other = size > 0 ? ssl_allocate(size, file, line) : nullptr;
    if (other != nullptr && block != nullptr) {
        std::memcpy(other, block, std::min(size, malloc_usable_size(block)));
    }
    if (other != nullptr || size == 0) {
        ssl_give_back(block, file, line);
    }
    return other;
}

// OpenSSL accepts them only before its first allocation.
[[maybe_unused]] const bool hooked =
    CRYPTO_set_mem_functions(&ssl_allocate, &ssl_reallocate, &ssl_give_back) == 1;

} // namespace

// The array and nothrow forms call these.

void* operator new(std::size_t size)
{
    return allocated(std::malloc(size));
}

void* operator new(std::size_t size, std::align_val_t alignment)
{
    const auto unit = static_cast<std::size_t>(alignment);
    return allocated(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}

void operator delete(void* block) noexcept
{
    give_back(block);
}

void operator delete(void* block, std::size_t /*size*/) noexcept
{
    give_back(block);
}

void operator delete(void* block, std::align_val_t /*alignment*/) noexcept
{
    give_back(block);
}

void operator delete(void* block, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept
{
    give_back(block);
}

#endif
