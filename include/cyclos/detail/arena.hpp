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

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** Allocates from a buffer, and from the heap when the buffer is full.

    deallocate() does not make memory of the buffer available again; release() does, for the whole
    buffer. `std::pmr::monotonic_buffer_resource` would do the same, but Apple supports it from
    macOS 14 only, and Boost's is in a library that would have to be linked.
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

    /// Makes the whole buffer available again. @pre No memory that was allocated from the buffer is
    /// in use.
    void release() noexcept { next_ = begin_; }

    /// Whether the memory is part of the buffer.
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

/// Allocates from an arena; without one, from the heap. Copies of a container use the heap.
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
        // Containers never request more than max_size() elements, so the product cannot overflow.
        const std::size_t size = n * sizeof(T);
        return static_cast<T*>(arena_ != nullptr ? arena_->allocate(size, alignof(T))
                                                 : ::operator new(size));
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

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_ARENA_HPP
