//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_DEADLINE_QUEUE_HPP
#define CYCLOS_DETAIL_BASE_DEADLINE_QUEUE_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Base class of the elements of a @ref deadline_queue. It stores its index in the heap, so that
/// removal needs no search.
class deadline_entry
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    deadline_entry() = default;
    deadline_entry(const deadline_entry&) = delete;
    deadline_entry& operator=(const deadline_entry&) = delete;

    /// The deadline of the element; time_point::max() while it is in no queue.
    time_point deadline() const noexcept { return deadline_; }

private:
    template <class>
    friend class deadline_queue;

    static constexpr std::size_t not_queued = static_cast<std::size_t>(-1);

    time_point deadline_ = (time_point::max)();
    std::size_t index_ = not_queued;
};

/** An intrusive binary heap of elements that it does not own, ordered by deadline.

    Insertion and removal take O(log n). They take O(1) if deadlines increase in the order of
    insertion and the element that was inserted last is removed first. That is the usual case in a
    pool with few waiters.
*/
template <class T>
class deadline_queue
{
public:
    using time_point = deadline_entry::time_point;

    bool empty() const noexcept { return heap_.empty(); }

    /// The element with the earliest deadline. @pre The queue is not empty.
    T& front() const noexcept { return *heap_.front(); }

    /// The earliest deadline; time_point::max() if the queue is empty.
    time_point next() const noexcept { return empty() ? (time_point::max)() : entry(0).deadline_; }

    /// Inserts an element. A deadline of time_point::max() never expires: such an element is not
    /// stored. @pre The element is in no queue.
    void insert(T& element, time_point deadline)
    {
        if (deadline == (time_point::max)()) {
            return;
        }
        heap_.push_back(&element);
        entry(heap_.size() - 1).deadline_ = deadline;
        sift_up(heap_.size() - 1);
    }

    /// Removes an element if it is in the queue.
    void erase(T& element) noexcept
    {
        deadline_entry& removed = element;
        const std::size_t hole = std::exchange(removed.index_, deadline_entry::not_queued);
        removed.deadline_ = (time_point::max)();
        if (hole == deadline_entry::not_queued) {
            return;
        }
        T* const last = heap_.back();
        heap_.pop_back();
        if (hole < heap_.size()) {
            heap_[hole] = last;
            sift_up(hole);
            sift_down(static_cast<deadline_entry&>(*last).index_);
        }
    }

private:
    deadline_entry& entry(std::size_t index) const noexcept { return *heap_[index]; }

    void sift_up(std::size_t index) noexcept
    {
        T* const moving = heap_[index];
        const time_point deadline = static_cast<deadline_entry*>(moving)->deadline_;
        while (index > 0 && deadline < entry((index - 1) / 2).deadline_) {
            place_at(heap_[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }
        place_at(moving, index);
    }

    void sift_down(std::size_t index) noexcept
    {
        T* const moving = heap_[index];
        const time_point deadline = static_cast<deadline_entry*>(moving)->deadline_;
        for (;;) {
            std::size_t child = 2 * index + 1;
            if (child + 1 < heap_.size() && entry(child + 1).deadline_ < entry(child).deadline_) {
                ++child;
            }
            if (child >= heap_.size() || deadline <= entry(child).deadline_) {
                break;
            }
            place_at(heap_[child], index);
            index = child;
        }
        place_at(moving, index);
    }

    void place_at(T* element, std::size_t index) noexcept
    {
        heap_[index] = element;
        static_cast<deadline_entry*>(element)->index_ = index;
    }

    std::vector<T*> heap_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_DEADLINE_QUEUE_HPP
