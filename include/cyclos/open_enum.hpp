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

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

/// An enumerator and its name in the API.
template <class Enum>
struct wire_name
{
    Enum value;
    std::string_view name;
};

/// Has a specialisation with a `table` of @ref wire_name "names" for each enumeration of the API.
template <class Enum>
struct wire_names;

} // namespace detail

/// An enumeration of the API: each enumerator has a name in JSON and in query strings.
template <class Enum>
concept wire_enum =
    std::is_enum_v<Enum> && requires { std::size(detail::wire_names<Enum>::table); };

/// The name of an enumerator in the API, such as `contactInfo`; empty if the value is not one of
/// the enumerators.
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

/** The enumerator with this name in the API, if there is one. Case-sensitive.

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

/// All enumerators, in the order of their declaration.
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

    It holds an enumerator, or a text that is not the name of one, or nothing, if the server did not
    send the value.

    @code
    if (details.kind == cyclos::image_kind::profile) { ... }
    std::cout << details.kind;             // the name that the server sent
    switch (details.kind.value()) { ... }  // throws unless kind.is_known()
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

    /// Holds the enumerator with this name, or the text if there is no such enumerator.
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
    bool is_known() const noexcept { return value_.has_value(); }

    /// The enumerator.
    /// @throws std::bad_optional_access unless is_known().
    Enum value() const { return value_.value(); }

    /// The enumerator, or a default value unless is_known().
    Enum value_or(Enum default_value) const noexcept { return value_.value_or(default_value); }

    /// The name that the server sent; empty if it holds nothing.
    std::string_view text() const noexcept
    {
        return value_ ? to_string(*value_) : std::string_view{text_};
    }

    friend bool operator==(const open_enum&, const open_enum&) = default;
    friend bool operator==(const open_enum& left, Enum right) noexcept
    {
        return left.value_ == right;
    }

    /// Writes text().
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                                        const open_enum& value)
    {
        return out << value.text();
    }

private:
    std::optional<Enum> value_;
    std::string text_; // empty if value_ is set, so that equal values have equal members
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_OPEN_ENUM_HPP
