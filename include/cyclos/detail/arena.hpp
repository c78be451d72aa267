//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_ARENA_HPP
#define CYCLOS_DETAIL_ARENA_HPP

#include <cyclos/detail/config.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <new>

namespace cyclos::inline CYCLOS_ABI::detail {

/** Allocates from a buffer, and from the heap once that is full.

    Memory in the buffer is free again after release(), not before. The standard's monotonic_buffer_resource does the
    same, but Apple has it from macOS 14 only, and Boost's is in a library that would have to be linked.
*/
class arena
{
public:
    arena(unsigned char* buffer, std::size_t size) noexcept
        : begin_(buffer)
        , next_(buffer)
        , end_(buffer + size)
    {}

    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;
    ~arena() = default;

    void* allocate(std::size_t size, std::size_t alignment)
    {
        void* place = next_;
        std::size_t room = static_cast<std::size_t>(end_ - next_);
        if (std::align(alignment, size, place, room) == nullptr) {
            return ::operator new(size);
        }
        next_ = static_cast<unsigned char*>(place) + size;
        return place;
    }

    void deallocate(void* memory) noexcept
    {
        if (!contains(memory)) {
            ::operator delete(memory);
        }
    }

    /// Frees the buffer. @pre Nothing that was allocated is in use.
    void release() noexcept { next_ = begin_; }

    /// Whether memory is a part of the buffer.
    bool contains(const void* memory) const noexcept
    {
        const auto* const byte = static_cast<const unsigned char*>(memory);
        return !std::less<>{}(byte, begin_) && std::less<>{}(byte, end_);
    }

private:
    unsigned char* begin_;
    unsigned char* next_;
    unsigned char* end_;
};

/// Allocates from an arena, or from the heap without one. A copy of a container is on the heap.
template <class T>
class arena_allocator
{
public:
    using value_type = T;
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

    arena_allocator() = default;

    explicit arena_allocator(arena* memory) noexcept
        : arena_(memory)
    {}

    template <class Other>
    arena_allocator(const arena_allocator<Other>& other) noexcept
        : arena_(other.memory())
    {}

    T* allocate(std::size_t n)
    {
        // Containers never ask for more than their max_size(), so the product does not overflow.
        const std::size_t size = n * sizeof(T);
        return static_cast<T*>(arena_ != nullptr ? arena_->allocate(size, alignof(T)) : ::operator new(size));
    }

    void deallocate(T* memory, std::size_t /*n*/) noexcept
    {
        if (arena_ != nullptr) {
            arena_->deallocate(memory);
        }
        else {
            ::operator delete(memory);
        }
    }

    arena_allocator select_on_container_copy_construction() const noexcept { return {}; }

    arena* memory() const noexcept { return arena_; }

    template <class Other>
    friend bool operator==(const arena_allocator& a, const arena_allocator<Other>& b) noexcept
    {
        return a.memory() == b.memory();
    }

private:
    arena* arena_ = nullptr;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_ARENA_HPP
