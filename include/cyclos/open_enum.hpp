//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_OPEN_ENUM_HPP
#define CYCLOS_OPEN_ENUM_HPP

#include <cyclos/detail/config.hpp>

#include <array>
#include <cstddef>
#include <iosfwd>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

/// An enumerator, and how the API spells it.
template <class Enum>
struct wire_name
{
    Enum value;
    std::string_view name;
};

/// Specialised for each enumeration of the API with a `table` of its @ref wire_name "names".
template <class Enum>
struct wire_names;

} // namespace detail

/// An enumeration of the API: each enumerator has a name on the wire.
template <class Enum>
concept wire_enum = std::is_enum_v<Enum> && requires { std::size(detail::wire_names<Enum>::table); };

/// How the API spells an enumerator, such as `contactInfo`; empty for what is none of the enumerators.
template <wire_enum Enum>
constexpr std::string_view to_string(Enum value) noexcept
{
    for (const auto& known : detail::wire_names<Enum>::table) {
        if (known.value == value) {
            return known.name;
        }
    }
    return {};
}

/** The enumerator that the API spells so; nothing where there is none. Case matters.

    @code
    auto kind = cyclos::from_string<cyclos::image_kind>("contactInfo");
    @endcode
*/
template <wire_enum Enum>
constexpr std::optional<Enum> from_string(std::string_view name) noexcept
{
    for (const auto& known : detail::wire_names<Enum>::table) {
        if (known.name == name) {
            return known.value;
        }
    }
    return std::nullopt;
}

/// All the enumerators, in the order of their declaration.
template <wire_enum Enum>
constexpr auto all_values() noexcept
{
    std::array<Enum, std::size(detail::wire_names<Enum>::table)> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = detail::wire_names<Enum>::table[i].value;
    }
    return values;
}

/** A value of an enumeration that a newer server may have extended.

    It holds an enumerator, or the text that stands for none of them, or nothing at all: that
    is what it holds where the server has left the value out.

    @code
    if (details.kind == cyclos::image_kind::profile) { ... }
    std::cout << details.kind;             // whatever the server said
    switch (details.kind.value()) { ... }  // throws where kind.known() is false
    @endcode
*/
template <wire_enum Enum>
class open_enum
{
public:
    using enum_type = Enum;

    /// Holds nothing.
    open_enum() noexcept = default;

    /// Holds an enumerator.
    open_enum(Enum value) noexcept
        : value_(value)
    {}

    /// Holds the enumerator that is spelled so, or else the text itself.
    explicit open_enum(std::string_view text)
        : value_(from_string<Enum>(text))
    {
        if (!value_) {
            text_ = text;
        }
    }

    /// Whether it holds nothing.
    bool empty() const noexcept { return !value_ && text_.empty(); }

    /// Whether it holds an enumerator.
    bool known() const noexcept { return value_.has_value(); }

    /// The enumerator. Throws `std::bad_optional_access` where it is not @ref known.
    Enum value() const { return value_.value(); }

    /// The enumerator, or another where it is not @ref known.
    Enum value_or(Enum other) const noexcept { return value_.value_or(other); }

    /// The text as the server spelled it; empty where there is nothing.
    std::string_view text() const noexcept { return value_ ? to_string(*value_) : std::string_view{text_}; }

    friend bool operator==(const open_enum&, const open_enum&) = default;
    friend bool operator==(const open_enum& left, Enum right) noexcept { return left.value_ == right; }

    /// Writes the text.
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const open_enum& value)
    {
        return out << value.text();
    }

private:
    std::optional<Enum> value_;
    std::string text_; // only of what is not known, so that equal values have equal members
};

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_OPEN_ENUM_HPP
