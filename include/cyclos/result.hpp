//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_RESULT_HPP
#define CYCLOS_RESULT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/error.hpp>
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

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

/** An error in flight, with its dynamic type.

    The exception is at the same place as long as it is referred to, so a pointer to it saves
    throwing it once more for each look at it. Moving copies: a result that was moved from still
    holds its error.
*/
class failure
{
public:
    /// @param exception What `caught` was caught as.
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

/** A value, or the @ref error that came instead of it, for code that does not want exceptions.

    The error keeps its class. @ref as_result makes results of operations.

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

    /** Holds neither value nor error.

        It is there for Asio: up to Boost 1.81 at least, `co_spawn` hands a handler such an object beside the
        exception of a coroutine.
    */
    result() noexcept {}

    /// Holds a value.
    template <class U = stored>
        requires(!std::is_void_v<T> && !std::same_as<std::remove_cvref_t<U>, result> &&
                 !std::derived_from<std::remove_cvref_t<U>, cyclos::error> && std::convertible_to<U, stored>)
    result(U&& value)
        : state_(std::in_place_index<1>, std::forward<U>(value))
    {}

    /// Holds an error, with the class that is named here.
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

    /// Holds an error that was caught.
    explicit result(detail::failure caught) noexcept
        : state_(std::in_place_index<2>, std::move(caught))
    {}

    /// A result of type `result<void>` that says that it went well.
    static result success() noexcept
        requires std::is_void_v<T>
    {
        result done;
        done.state_.template emplace<1>();
        return done;
    }

    /// Whether it holds a value, or went well.
    bool has_value() const noexcept { return state_.index() == 1; }

    /// @copydoc has_value
    explicit operator bool() const noexcept { return has_value(); }

    /** @{
        The value. Where there is an error it is thrown, with its class; where there is neither,
        `std::logic_error` is.
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

    /// @{ The value, which has to be there.
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

    T operator*() && requires(!std::is_void_v<T>) { return std::move(*operator->()); }

                     stored* operator->() noexcept
                         requires(!std::is_void_v<T>)
    {
        BOOST_ASSERT(has_value());
        return std::get_if<1>(&state_);
    }

    const stored* operator->() const noexcept
        requires(!std::is_void_v<T>)
    {
        BOOST_ASSERT(has_value());
        return std::get_if<1>(&state_);
    }
    /// @}

    /// The error, as long as this object or a copy of it lives. Throws `std::logic_error` where there is none.
    const cyclos::error& error() const
    {
        if (const auto* failed = std::get_if<2>(&state_)) {
            return failed->get();
        }
        throw std::logic_error("cyclos::result: there is no error");
    }

    /// The error where it is of this class, such as `not_found`; null where it is another or there is none.
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
boost::asio::awaitable<result<T>, Executor> catch_error(boost::asio::awaitable<T, Executor> operation)
{
    const boost::asio::cancellation_state state = co_await boost::asio::this_coro::cancellation_state;
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
        // Asio throws it where a coroutine that was cancelled awaits something: the operation has not begun then.
        if (caught.code() != boost::asio::error::operation_aborted ||
            state.cancelled() == boost::asio::cancellation_type::none) {
            throw;
        }
    }
    co_return result<T>{error{errc::cancelled, error_context{}}};
}

} // namespace detail

/** Gives the outcome of an operation as a @ref result.

    Only a @ref error becomes a result. Anything else, such as `std::bad_alloc`, is thrown as ever.

    @par Cancellation
    As @ref operation says: if the result itself is passed to `asio::co_spawn`, all types are taken. A cancelled
    operation gives a result with errc::cancelled.

    @code
    cyclos::result<cyclos::image_view> details = co_await cyclos::as_result(images.view_image(id));
    @endcode
*/
template <class T, class Executor>
operation<result<T>, Executor> as_result(boost::asio::awaitable<T, Executor> awaited)
{
    return detail::catch_error(std::move(awaited));
}

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_RESULT_HPP
