//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_RESULT_HPP
#define CYCLOS_RESULT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>
#include <cyclos/operation.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/assert.hpp>

#include <concepts>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

/** A caught error that keeps its dynamic type.

    An exception object stays at its address while an `exception_ptr` refers to it. A pointer to it
    therefore saves rethrowing the exception for each access. There are no move operations, so a
    moved-from result still holds its error.
*/
class failure
{
public:
    /// @param exception The current exception.
    /// @param caught The same exception, as it was caught.
    failure(std::exception_ptr exception, const error& caught) noexcept
        : exception_(std::move(exception))
        , error_(&caught)
    {}

    failure(const failure&) noexcept = default;
    failure& operator=(const failure&) noexcept = default;

    const error& get() const noexcept { return *error_; }
    [[noreturn]] void rethrow() const { std::rethrow_exception(exception_); }

private:
    std::exception_ptr exception_;
    const error* error_;
};

} // namespace detail

/** The value of an operation or its @ref error, for code that does without exceptions.

    The error keeps its dynamic type. as_result() makes the result of an operation.

    @code
    auto details = co_await cyclos::as_result(images.view_image(id));
    if (details) {
        show(details->width, details->height);
    } else if (auto* missing = details.as<cyclos::not_found>()) {
        show(missing->details().key);
    } else {
        show(details.error().what());
    }
    @endcode

    @tparam T The type of the value, or void.

    @par Thread safety
    Distinct objects: safe, also copies that share an error. Shared objects: unsafe.
*/
template <class T>
class [[nodiscard]] result
{
    struct nothing
    {};

    using stored = std::conditional_t<std::is_void_v<T>, nothing, T>;
    using reference = std::add_lvalue_reference_t<T>;
    using const_reference = std::add_lvalue_reference_t<std::add_const_t<T>>;

public:
    using value_type = T;

    /** Holds neither a value nor an error.

        Asio needs this constructor: up to Boost 1.81 at least, `co_spawn` passes a
        default-constructed result to the handler if the coroutine ended with an exception.
    */
    result() noexcept {}

    /// Holds a value.
    template <class U = stored>
        requires(!std::is_void_v<T> && !std::same_as<std::remove_cvref_t<U>, result> &&
                 !std::derived_from<std::remove_cvref_t<U>, cyclos::error> &&
                 std::convertible_to<U, stored>)
    result(U&& value)
        : state_(std::in_place_index<1>, std::forward<U>(value))
    {}

    /// Holds an error with the static type `Error`.
    template <std::derived_from<cyclos::error> Error>
    result(Error value)
    {
        try {
            throw std::move(value);
        }
        catch (const cyclos::error& caught) {
            state_.template emplace<2>(std::current_exception(), caught);
        }
    }

    /// Holds a caught error.
    explicit result(detail::failure caught) noexcept
        : state_(std::in_place_index<2>, std::move(caught))
    {}

    /// A `result<void>` without an error.
    static result success() noexcept
        requires std::is_void_v<T>
    {
        result done;
        done.state_.template emplace<1>();
        return done;
    }

    /// Whether it holds a value; for `result<void>`, whether the operation succeeded.
    bool has_value() const noexcept { return state_.index() == 1; }

    /// @copydoc has_value
    explicit operator bool() const noexcept { return has_value(); }

    /** @{
        The value.

        @throws cyclos::error, with its dynamic type, if the result holds an error.
        @throws std::logic_error if it holds neither a value nor an error.
    */
    reference value() &
    {
        require_value();
        if constexpr (!std::is_void_v<T>) {
            return std::get<1>(state_);
        }
    }

    const_reference value() const&
    {
        require_value();
        if constexpr (!std::is_void_v<T>) {
            return std::get<1>(state_);
        }
    }

    T value() &&
    {
        require_value();
        if constexpr (!std::is_void_v<T>) {
            return std::get<1>(std::move(state_));
        }
    }
    /// @}

    /// @{
    /// The value. @pre `has_value()`
    reference operator*() & noexcept
        requires(!std::is_void_v<T>)
    {
        return *operator->();
    }

    const_reference operator*() const& noexcept
        requires(!std::is_void_v<T>)
    {
        return *operator->();
    }

    // clang-format off: it joins a requires-clause after && with the next function
    T operator*() &&
        requires(!std::is_void_v<T>)
    {
        return std::move(*operator->());
    }

    stored* operator->() noexcept
        requires(!std::is_void_v<T>)
    {
        BOOST_ASSERT(has_value());
        return std::get_if<1>(&state_);
    }
    // clang-format on

    const stored* operator->() const noexcept
        requires(!std::is_void_v<T>)
    {
        BOOST_ASSERT(has_value());
        return std::get_if<1>(&state_);
    }
    /// @}

    /// The error. The reference is valid while this object or a copy of it exists.
    /// @throws std::logic_error if the result holds no error.
    const cyclos::error& error() const
    {
        if (const auto* failed = std::get_if<2>(&state_)) {
            return failed->get();
        }
        throw std::logic_error("cyclos::result: there is no error");
    }

    /// The error if it is of this class, such as `not_found`, or derived from it; otherwise null.
    template <std::derived_from<cyclos::error> Error>
    const Error* as() const noexcept
    {
        const auto* failed = std::get_if<2>(&state_);
        return failed ? dynamic_cast<const Error*>(&failed->get()) : nullptr;
    }

private:
    void require_value() const
    {
        if (const auto* failed = std::get_if<2>(&state_)) {
            failed->rethrow();
        }
        if (!has_value()) {
            throw std::logic_error("cyclos::result: there is neither value nor error");
        }
    }

    std::variant<std::monostate, stored, detail::failure> state_;
};

namespace detail {

template <class T, class Executor>
boost::asio::awaitable<result<T>, Executor>
catch_error(boost::asio::awaitable<T, Executor> operation)
{
    const boost::asio::cancellation_state state =
        co_await boost::asio::this_coro::cancellation_state;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(operation);
            co_return result<T>::success();
        }
        else {
            co_return result<T>{co_await std::move(operation)};
        }
    }
    catch (const error& caught) {
        co_return result<T>{detail::failure{std::current_exception(), caught}};
    }
    catch (const boost::system::system_error& caught) {
        // If a coroutine is cancelled before it awaits the operation, Asio throws this code instead
        // of starting it.
        if (caught.code() != boost::asio::error::operation_aborted ||
            state.cancelled() == boost::asio::cancellation_type::none) {
            throw;
        }
    }
    co_return result<T>{error{errc::cancelled, error_context{}}};
}

} // namespace detail

/** Turns the outcome of an operation into a @ref result.

    @param awaited The operation, or any other awaitable.
    @return An operation that completes with a result.

    @code
    cyclos::result<cyclos::image_view> details = co_await cyclos::as_result(images.view_image(id));
    @endcode

    @par Exceptions
    Only a @ref cyclos::error becomes a result. Other exceptions, such as `std::bad_alloc`, are
    rethrown.

    @par Cancellation
    As the cancellation of @ref operation. A cancelled operation has a result with errc::cancelled,
    even if it was cancelled before it started.
*/
template <class T, class Executor>
operation<result<T>, Executor> as_result(boost::asio::awaitable<T, Executor> awaited)
{
    return detail::catch_error(std::move(awaited));
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_RESULT_HPP
