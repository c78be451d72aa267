//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_TEXT_ARGUMENT_HPP
#define CYCLOS_NET_TEXT_ARGUMENT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/error.hpp>

#include <concepts>
#include <string_view>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

/** A text that is passed to a function, such as a `std::string_view` is.

    A null pointer is refused with errc::invalid_config. That is what std::getenv() gives for a variable which is not
    set, and to make a `std::string_view` of it is undefined.
*/
class text_argument
{
public:
    text_argument(const char* text) // NOLINT(google-explicit-constructor): it stands for what it is made of
        : text_(text != nullptr ? std::string_view{text} : refuse())
    {}

    template <class Text>
        requires std::convertible_to<const Text&, std::string_view> && (!std::convertible_to<const Text&, const char*>)
    text_argument(const Text& text) // NOLINT(google-explicit-constructor)
        : text_(text)
    {}

    operator std::string_view() const noexcept { return text_; } // NOLINT(google-explicit-constructor)

private:
    [[noreturn]] static std::string_view refuse()
    {
        error_context where;
        where.detail = "a text is a null pointer, such as that of an environment variable which is not set";
        throw error(errc::invalid_config, std::move(where));
    }

    std::string_view text_;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_NET_TEXT_ARGUMENT_HPP
