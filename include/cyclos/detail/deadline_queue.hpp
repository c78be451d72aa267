//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_DEADLINE_QUEUE_HPP
#define CYCLOS_DETAIL_DEADLINE_QUEUE_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace cyclos::inline CYCLOS_ABI::detail {

/// An element of a @ref deadline_queue: it knows its place, by which it is removed without a search.
class deadline_entry
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    deadline_entry() = default;
    deadline_entry(const deadline_entry&) = delete;
    deadline_entry& operator=(const deadline_entry&) = delete;

    /// When the element is due; the maximum while it is in no queue.
    time_point deadline() const noexcept { return deadline_; }

private:
    template <class>
    friend class deadline_queue;

    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    time_point deadline_ = (time_point::max)();
    std::size_t place_ = nowhere;
};

/** A binary heap of elements that it does not own, the earliest deadline first.

    Insertion and removal take O(log n). They take O(1) where deadlines grow in the order of their insertion, and what
    came last is removed first, which is what a pool on which little waits does.
*/
template <class T>
class deadline_queue
{
public:
    using time_point = deadline_entry::time_point;

    bool empty() const noexcept { return heap_.empty(); }

    /// The element that is due first; there has to be one.
    T& front() const noexcept { return *heap_.front(); }

    /// When the first element is due; the maximum if there is none.
    time_point next() const noexcept { return empty() ? (time_point::max)() : entry(0).deadline_; }

    /// Inserts an element that is in no queue. One that is never due is not kept.
    void insert(T& element, time_point deadline)
    {
        if (deadline == (time_point::max)()) {
            return;
        }
        heap_.push_back(&element);
        entry(heap_.size() - 1).deadline_ = deadline;
        rise(heap_.size() - 1);
    }

    /// Removes an element, if it is in the queue.
    void erase(T& element) noexcept
    {
        deadline_entry& gone = element;
        const std::size_t hole = std::exchange(gone.place_, deadline_entry::nowhere);
        gone.deadline_ = (time_point::max)();
        if (hole == deadline_entry::nowhere) {
            return;
        }
        T* const last = heap_.back();
        heap_.pop_back();
        if (hole < heap_.size()) {
            heap_[hole] = last;
            rise(hole);
            sink(static_cast<deadline_entry&>(*last).place_);
        }
    }

private:
    deadline_entry& entry(std::size_t place) const noexcept { return *heap_[place]; }

    void rise(std::size_t place) noexcept
    {
        T* const moving = heap_[place];
        const time_point deadline = static_cast<deadline_entry*>(moving)->deadline_;
        while (place > 0 && deadline < entry((place - 1) / 2).deadline_) {
            put(heap_[(place - 1) / 2], place);
            place = (place - 1) / 2;
        }
        put(moving, place);
    }

    void sink(std::size_t place) noexcept
    {
        T* const moving = heap_[place];
        const time_point deadline = static_cast<deadline_entry*>(moving)->deadline_;
        for (;;) {
            std::size_t child = 2 * place + 1;
            if (child + 1 < heap_.size() && entry(child + 1).deadline_ < entry(child).deadline_) {
                ++child;
            }
            if (child >= heap_.size() || deadline <= entry(child).deadline_) {
                break;
            }
            put(heap_[child], place);
            place = child;
        }
        put(moving, place);
    }

    void put(T* element, std::size_t place) noexcept
    {
        heap_[place] = element;
        static_cast<deadline_entry*>(element)->place_ = place;
    }

    std::vector<T*> heap_;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_DEADLINE_QUEUE_HPP
