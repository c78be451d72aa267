//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_NOTIFIER_HPP
#define CYCLOS_DETAIL_BASE_NOTIFIER_HPP

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

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

namespace asio = boost::asio;

class notifier;

/// The execution context of an executor.
inline asio::execution_context& context_of(const asio::any_io_executor& executor)
{
    return asio::query(executor, asio::execution::context);
}

/** The list of all notifiers of an execution context. When the context is destroyed, it destroys
    the coroutines that are still suspended in a notifier.

    Such a coroutine is part of a cycle: the handler owns the coroutine frame, the notifier owns the
    handler, and the coroutine frame contains the notifier. Nothing else would break the cycle.
*/
class notifier_registry : public asio::execution_context::service
{
public:
    using key_type = notifier_registry;
    static inline asio::execution_context::id id;

    explicit notifier_registry(asio::execution_context& context)
        : asio::execution_context::service(context)
    {}

    /// The registry of an executor's context. The look-up costs more than a notifier does, so store
    /// the result.
    static notifier_registry& of(const asio::any_io_executor& executor)
    {
        return asio::use_service<notifier_registry>(context_of(executor));
    }

    inline void add(notifier& n) noexcept;
    inline void remove(notifier& n) noexcept;

private:
    inline void shutdown() noexcept override;

    std::mutex mutex_;
    notifier* first_ = nullptr;
};

/** A type-erased completion handler that resumes a coroutine.

    Asio's coroutine handlers are the size of one or two pointers, so this stores them in place,
    without a heap allocation.
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
        const wait_handler previous{std::move(*this)};
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
        void (*destroy)(void* target) noexcept;
        void (*invoke)(void* target);
        asio::any_io_executor (*executor)(const void* target);
    };

    template <class Handler>
    static Handler extract(void* from) noexcept
    {
        Handler& handler = *static_cast<Handler*>(from);
        Handler extracted{std::move(handler)};
        handler.~Handler(); // NOLINT(bugprone-use-after-move): the moved-from object must be
                            // destroyed as well
        return extracted;
    }

    template <class Handler>
    static constexpr operations operations_of{
        [](void* from, void* to) noexcept { ::new (to) Handler(extract<Handler>(from)); },
        [](void* target) noexcept { static_cast<Handler*>(target)->~Handler(); },
        [](void* target) {
            // The handler is moved to the stack first: invoking it may destroy the coroutine, and
            // the notifier with it.
            extract<Handler>(target)();
        },
        [](const void* target) -> asio::any_io_executor {
            return asio::get_associated_executor(*static_cast<const Handler*>(target));
        }};

    const operations* operations_ = nullptr;
    alignas(void*) unsigned char memory_[3 * sizeof(void*)];
};

/** Suspends a coroutine until an event that concerns it: the end of a read, a granted connection, a
    deadline, a cancellation.

    This is the *state machine + notifier* pattern of the library. A state machine (such as
    net::connection or http::attempt) is driven by ordinary function calls. It starts asynchronous
    operations, whose completion handlers update its state and call notify(). The operation's one
    coroutine loops:

        while (!machine.advance()) {
            co_await wakeup.wait();
        }

    So waiting needs no coroutine frame for each nested step, and neither wait() nor notify()
    allocates memory or sets a timer.

    Rules:
    - A notification carries no value. It may be spurious, so the coroutine checks the state and
      waits again if nothing changed.
    - A notification without a waiting coroutine is dropped, so the state must be checked before
      each wait. Only cancellation is remembered.
    - Nothing is synchronized: the coroutine and everything that notifies it run on one strand.
    - notify() resumes the coroutine inside the call, which may destroy the caller. Use
      notify_later() if anything is done afterwards.
    - Handlers that may outlive the coroutine hold a pointer to the notifier that is reset at the
      end (@ref deadline_timer, @ref abandon_on_exit, connection::detach()).
*/
class notifier
{
public:
    explicit notifier(const asio::any_io_executor& executor)
        : notifier(notifier_registry::of(executor))
    {}

    explicit notifier(notifier_registry& registry)
        : registry_(registry)
    {
        registry_.add(*this);
    }

    notifier(const notifier&) = delete;
    notifier& operator=(const notifier&) = delete;

    ~notifier() { registry_.remove(*this); }

    /// An awaitable that suspends until the next notification. Cancelling it is a notification,
    /// too, and is remembered (see cancelled()).
    auto wait()
    {
        // An operation that is awaited directly needs no coroutine frame of its own.
        return asio::async_initiate<const asio::deferred_t&, void()>(
            [this](auto&& handler) { start_wait(std::forward<decltype(handler)>(handler)); },
            asio::deferred);
    }

    /// Resumes the waiting coroutine, if any, inside this call. It must be the last action of the
    /// caller.
    void notify()
    {
        if (handler_) {
            resume(std::move(handler_));
        }
    }

    /// Resumes the waiting coroutine, if any, later, through the queue of its executor.
    void notify_later()
    {
        if (handler_) {
            // The slot stays connected until the coroutine runs, so that a cancellation in between
            // is not lost.
            const auto executor = handler_.executor();
            asio::post(executor, [slot = slot_, handler = std::move(handler_)]() mutable {
                clear_slot(slot);
                handler();
            });
        }
    }

    /// Includes cancellations that arrive while the coroutine is not suspended here: they are taken
    /// from the coroutine's own cancellation state.
    void follow(const asio::cancellation_state& state) noexcept { cancellation_state_ = state; }

    /// Whether the coroutine was cancelled, now or earlier.
    bool cancelled() const noexcept
    {
        return cancelled_ || cancellation_state_.cancelled() != asio::cancellation_type::none;
    }

private:
    friend notifier_registry;

    template <class Handler>
    void start_wait(Handler handler)
    {
        slot_ = asio::get_associated_cancellation_slot(handler);
        handler_ = wait_handler{std::move(handler)};
        if (slot_.is_connected()) {
            slot_.assign([this](asio::cancellation_type type) {
                if (type != asio::cancellation_type::none) {
                    cancelled_ = true;
                    notify_later();
                }
            });
        }
    }

    static void clear_slot(asio::cancellation_slot& slot)
    {
        if (slot.is_connected()) {
            slot.clear();
        }
    }

    void resume(wait_handler handler)
    {
        clear_slot(slot_);
        handler();
    }

    notifier_registry& registry_;
    notifier* next_ = nullptr;
    notifier* previous_ = nullptr;
    wait_handler handler_;
    asio::cancellation_slot slot_; // of the current wait
    asio::cancellation_state cancellation_state_;
    bool cancelled_ = false;
};

inline void notifier_registry::add(notifier& n) noexcept
{
    const std::lock_guard lock{mutex_};
    n.next_ = first_;
    if (first_ != nullptr) {
        first_->previous_ = &n;
    }
    first_ = &n;
}

inline void notifier_registry::remove(notifier& n) noexcept
{
    const std::lock_guard lock{mutex_};
    if (n.next_ != nullptr) {
        n.next_->previous_ = n.previous_;
    }
    if (n.previous_ != nullptr) {
        n.previous_->next_ = n.next_;
    }
    else if (first_ == &n) {
        first_ = n.next_;
    }
}

inline void notifier_registry::shutdown() noexcept
{
    // Destroying a coroutine removes its notifier from the list, and possibly others. So each
    // iteration searches the list from its start, and the coroutine is destroyed without the mutex.
    for (;;) {
        wait_handler abandoned;
        {
            const std::lock_guard lock{mutex_};
            notifier* n = first_;
            while (n != nullptr && !n->handler_) {
                n = n->next_;
            }
            if (n == nullptr) {
                return;
            }
            abandoned = std::move(n->handler_);
        }
    }
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_NOTIFIER_HPP
