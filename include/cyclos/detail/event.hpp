//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_EVENT_HPP
#define CYCLOS_DETAIL_EVENT_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

#include <mutex>
#include <new>
#include <type_traits>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

namespace asio = boost::asio;

class event;

/// The execution context of an executor.
inline asio::execution_context& context_of(const asio::any_io_executor& executor)
{
    return asio::query(executor, asio::execution::context);
}

/** Knows every event of an execution context, so that a context that is destroyed destroys
    the coroutines which still wait.

    A waiting coroutine is owned by its handler, the handler by the event, and the event by
    the coroutine: nobody else would end that circle.
*/
class event_registry : public asio::execution_context::service
{
public:
    using key_type = event_registry;
    static inline asio::execution_context::id id;

    explicit event_registry(asio::execution_context& context)
        : asio::execution_context::service(context)
    {}

    /// The one of the context of an executor. To look for it costs more than an event does.
    static event_registry& of(const asio::any_io_executor& executor)
    {
        return asio::use_service<event_registry>(context_of(executor));
    }

    inline void add(event& e) noexcept;
    inline void remove(event& e) noexcept;

private:
    inline void shutdown() noexcept override;

    std::mutex mutex_;
    event* first_ = nullptr;
};

/** The handler of a wait, whatever its type: it resumes the coroutine.

    A handler of a coroutine is a pointer or two, so it has its place here, and not on the heap.
*/
class wait_handler
{
public:
    wait_handler() = default;

    template <class Handler>
    explicit wait_handler(Handler handler) noexcept
        : operations_(&operations_of<Handler>)
    {
        static_assert(sizeof(Handler) <= sizeof memory_ && alignof(Handler) <= alignof(void*));
        static_assert(std::is_nothrow_move_constructible_v<Handler>);
        ::new (static_cast<void*>(memory_)) Handler(std::move(handler));
    }

    wait_handler(wait_handler&& other) noexcept
        : operations_(std::exchange(other.operations_, nullptr))
    {
        if (operations_ != nullptr) {
            operations_->move(other.memory_, memory_);
        }
    }

    wait_handler& operator=(wait_handler&& other) noexcept
    {
        const wait_handler dropped{std::move(*this)};
        operations_ = std::exchange(other.operations_, nullptr);
        if (operations_ != nullptr) {
            operations_->move(other.memory_, memory_);
        }
        return *this;
    }

    ~wait_handler()
    {
        if (operations_ != nullptr) {
            operations_->destroy(memory_);
        }
    }

    explicit operator bool() const noexcept { return operations_ != nullptr; }

    asio::any_io_executor executor() const { return operations_->executor(memory_); }

    void operator()() { std::exchange(operations_, nullptr)->invoke(memory_); }

private:
    struct operations
    {
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void* what) noexcept;
        void (*invoke)(void* what);
        asio::any_io_executor (*executor)(const void* what);
    };

    template <class Handler>
    static Handler take(void* from) noexcept
    {
        Handler& which = *static_cast<Handler*>(from);
        Handler taken{std::move(which)};
        which.~Handler(); // NOLINT(bugprone-use-after-move): what is left of it has to go too
        return taken;
    }

    template <class Handler>
    static constexpr operations operations_of{
        [](void* from, void* to) noexcept { ::new (to) Handler(take<Handler>(from)); },
        [](void* what) noexcept { static_cast<Handler*>(what)->~Handler(); },
        [](void* what) { take<Handler>(what)(); }, // what it was in may go with the coroutine
        [](const void* what) -> asio::any_io_executor {
            return asio::get_associated_executor(*static_cast<const Handler*>(what));
        }};

    const operations* operations_ = nullptr;
    alignas(void*) unsigned char memory_[3 * sizeof(void*)];
};

/** Where one coroutine waits for whatever happens to it: a read that ended, a connection that
    was granted, a deadline, a cancellation.

    What happened is not told: the coroutine looks at the state that it waits for, and waits
    again. Nothing here is synchronised: the coroutine and everybody who notifies it run on
    one strand. Neither a wait nor a notification touches the heap or a timer.
*/
class event
{
public:
    explicit event(const asio::any_io_executor& executor)
        : event(event_registry::of(executor))
    {}

    explicit event(event_registry& registry)
        : registry_(registry)
    {
        registry_.add(*this);
    }

    event(const event&) = delete;
    event& operator=(const event&) = delete;

    ~event() { registry_.remove(*this); }

    /// To be awaited: suspends until the next notification. A cancellation is a notification that is remembered.
    auto wait()
    {
        // An operation that is awaited as it is takes no coroutine of its own.
        return asio::async_initiate<const asio::deferred_t&, void()>(
            [this](auto&& handler) { start(std::forward<decltype(handler)>(handler)); }, asio::deferred);
    }

    /// Resumes the waiting coroutine, if there is one, from inside this call: it must be the caller's last act.
    void notify()
    {
        if (waiting_) {
            resume(std::move(waiting_));
        }
    }

    /// Resumes the waiting coroutine, if there is one, from its executor's queue.
    void notify_later()
    {
        if (waiting_) {
            // Until it runs again, a cancellation still has to reach it.
            const auto executor = waiting_.executor();
            asio::post(executor, [slot = slot_, handler = std::move(waiting_)]() mutable {
                clear(slot);
                handler();
            });
        }
    }

    /// Takes note of the cancellations that come while the coroutine does not wait here, from its own state.
    void follow(const asio::cancellation_state& state) noexcept { state_ = state; }

    /// Whether the coroutine has been cancelled, now or earlier.
    bool cancelled() const noexcept { return cancelled_ || state_.cancelled() != asio::cancellation_type::none; }

private:
    friend event_registry;

    template <class Handler>
    void start(Handler handler)
    {
        slot_ = asio::get_associated_cancellation_slot(handler);
        waiting_ = wait_handler{std::move(handler)};
        if (slot_.is_connected()) {
            slot_.assign([this](asio::cancellation_type type) {
                if (type != asio::cancellation_type::none) {
                    cancelled_ = true;
                    notify_later();
                }
            });
        }
    }

    static void clear(asio::cancellation_slot& slot)
    {
        if (slot.is_connected()) {
            slot.clear();
        }
    }

    void resume(wait_handler handler)
    {
        clear(slot_);
        handler();
    }

    event_registry& registry_;
    event* next_ = nullptr;
    event* previous_ = nullptr;
    wait_handler waiting_;
    asio::cancellation_slot slot_; // of the wait
    asio::cancellation_state state_;
    bool cancelled_ = false;
};

inline void event_registry::add(event& e) noexcept
{
    const std::lock_guard lock{mutex_};
    e.next_ = first_;
    if (first_ != nullptr) {
        first_->previous_ = &e;
    }
    first_ = &e;
}

inline void event_registry::remove(event& e) noexcept
{
    const std::lock_guard lock{mutex_};
    if (e.next_ != nullptr) {
        e.next_->previous_ = e.previous_;
    }
    if (e.previous_ != nullptr) {
        e.previous_->next_ = e.next_;
    }
    else if (first_ == &e) {
        first_ = e.next_;
    }
}

inline void event_registry::shutdown() noexcept
{
    // A coroutine that goes takes its event off the list, and perhaps other events with it,
    // so the list is read anew each time, and nothing is destroyed under the lock.
    for (;;) {
        wait_handler doomed;
        {
            const std::lock_guard lock{mutex_};
            event* e = first_;
            while (e != nullptr && !e->waiting_) {
                e = e->next_;
            }
            if (e == nullptr) {
                return;
            }
            doomed = std::move(e->waiting_);
        }
    }
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_EVENT_HPP
