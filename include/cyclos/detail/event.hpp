//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_EVENT_HPP
#define CYCLOS_DETAIL_EVENT_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mutex>
#include <optional>
#include <utility>

namespace cyclos::detail {

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

    inline void add(event& e) noexcept;
    inline void remove(event& e) noexcept;

private:
    inline void shutdown() noexcept override;

    std::mutex mutex_;
    event* first_ = nullptr;
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
        : registry_(asio::use_service<event_registry>(context_of(executor)))
    {
        registry_.add(*this);
    }

    event(const event&) = delete;
    event& operator=(const event&) = delete;

    ~event() { registry_.remove(*this); }

    /// Suspends until the next notification. A cancellation is a notification that is remembered.
    asio::awaitable<void> wait()
    {
        return asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
            [this](auto&& handler) { start(std::forward<decltype(handler)>(handler)); }, asio::use_awaitable);
    }

    /// Resumes the waiting coroutine, if there is one, from inside this call: it must be the caller's last act.
    void notify()
    {
        if (waiting_) {
            resume(take());
        }
    }

    /// Resumes the waiting coroutine, if there is one, from its executor's queue.
    void notify_later()
    {
        if (waiting_) {
            auto executor = asio::get_associated_executor(*waiting_);
            // Until it runs again, a cancellation still has to reach it.
            asio::post(executor, [handler = take()]() mutable { resume(std::move(handler)); });
        }
    }

    /// Takes note of the cancellations that come while the coroutine does not wait here, from its own state.
    void follow(const asio::cancellation_state& state) noexcept { state_ = state; }

    /// Whether the coroutine has been cancelled, now or earlier.
    bool cancelled() const noexcept { return cancelled_ || state_.cancelled() != asio::cancellation_type::none; }

private:
    friend event_registry;

    using handler_type = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;

    void start(handler_type handler)
    {
        auto slot = asio::get_associated_cancellation_slot(handler);
        waiting_.emplace(std::move(handler));
        if (slot.is_connected()) {
            slot.assign([this](asio::cancellation_type type) {
                if (type != asio::cancellation_type::none) {
                    cancelled_ = true;
                    notify_later();
                }
            });
        }
    }

    handler_type take()
    {
        handler_type handler = std::move(*waiting_);
        waiting_.reset();
        return handler;
    }

    static void resume(handler_type handler)
    {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
            slot.clear();
        }
        std::move(handler)();
    }

    event_registry& registry_;
    event* next_ = nullptr;
    event* previous_ = nullptr;
    std::optional<handler_type> waiting_;
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
        std::optional<event::handler_type> doomed;
        {
            const std::lock_guard lock{mutex_};
            event* e = first_;
            while (e != nullptr && !e->waiting_) {
                e = e->next_;
            }
            if (e == nullptr) {
                return;
            }
            doomed.emplace(std::move(*e->waiting_));
            e->waiting_.reset();
        }
    }
}

} // namespace cyclos::detail

#endif // CYCLOS_DETAIL_EVENT_HPP
