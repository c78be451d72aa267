//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_TEXT_ARGUMENT_HPP
#define CYCLOS_DETAIL_TEXT_ARGUMENT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>

#include <concepts>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** A string argument: accepts what converts to `std::string_view`, and checks for null pointers.

    A null pointer throws cyclos::error with errc::invalid_config. std::getenv() returns one if the
    variable is not set, and constructing a `std::string_view` from it is undefined behaviour.
*/
class text_argument
{
public:
    // NOLINTNEXTLINE(google-explicit-constructor): replaces std::string_view as a parameter type
    text_argument(const char* text)
        : text_(text != nullptr ? std::string_view{text} : reject_null())
    {}

    template <class Text>
        requires std::convertible_to<const Text&, std::string_view> &&
                 (!std::convertible_to<const Text&, const char*>)
    // NOLINTNEXTLINE(google-explicit-constructor)
    text_argument(const Text& text)
        : text_(text)
    {}

    // NOLINTNEXTLINE(google-explicit-constructor)
    operator std::string_view() const noexcept { return text_; }

private:
    [[noreturn]] static std::string_view reject_null()
    {
        error_context context;
        context.detail =
            "a text is a null pointer, such as that of an environment variable which is not set";
        throw error(errc::invalid_config, std::move(context));
    }

    std::string_view text_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_TEXT_ARGUMENT_HPP
