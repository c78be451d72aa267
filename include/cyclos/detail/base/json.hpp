//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_JSON_HPP
#define CYCLOS_DETAIL_BASE_JSON_HPP

#include <cyclos/detail/config.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A tolerant mapping from JSON to structs. Boost.JSON's own conversion rejects unknown members, but
// each version of the API adds members.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// The text without a leading byte order mark, which some programs write (RFC 8259, section 8.1,
/// lets parsers ignore it).
CYCLOS_DECL std::string_view without_byte_order_mark(std::string_view text) noexcept;

/** A parsed JSON document.

    The first 8 KiB of its memory are part of the object, thus on the stack. Most responses fit into
    that, so they are parsed without any heap allocation.
*/
class json_document
{
public:
    CYCLOS_DECL explicit json_document(std::string_view text);

    json_document(const json_document&) = delete;
    json_document& operator=(const json_document&) = delete;

    /// The parse error, or success. On an error, the root is null.
    const boost::system::error_code& error() const noexcept { return error_; }

    const boost::json::value& root() const noexcept { return root_; }

private:
    // Uninitialized: clearing it would cost more than most parses.
    alignas(std::max_align_t) unsigned char buffer_[8192];
    boost::json::monotonic_resource memory_;
    boost::system::error_code error_;
    boost::json::value root_;
};

/// A value has an unexpected type. The message names its path and the problem, for example
/// `images[2].width: not a number`.
class json_mismatch : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// How to treat a value of an unexpected type.
enum class on_mismatch {
    fail, ///< Throw a @ref json_mismatch.
    skip, ///< Treat the value as absent.
};

/** A value together with its path in the document.

    It holds pointers to the value and to the reader of the enclosing value: pass it down, do not
    store it.
*/
class json_reader
{
public:
    json_reader(const boost::json::value& root, on_mismatch policy) noexcept
        : value_(&root)
        , policy_(policy)
    {}

    const boost::json::value& value() const noexcept { return *value_; }

    /// The reader of an element of this array.
    json_reader element(const boost::json::value& value, std::size_t index) const noexcept
    {
        return {value, *this, {}, index};
    }

    /// The reader of a member of this object.
    json_reader member(const boost::json::value& value, std::string_view key) const noexcept
    {
        return {value, *this, key, 0};
    }

    /// Reads a member into `out`. If the member is absent or null, `out` is unchanged.
    template <class T>
    void read(std::string_view key, T& out) const
    {
        if (const auto* found = find(key)) {
            read_json(member(*found, key), out);
        }
    }

    /// Reads a string that may also be encoded as an integer, as identifiers are.
    CYCLOS_DECL void read_text(std::string_view key, std::optional<std::string>& out) const;

    /// Handles a value of an unexpected type according to the policy: throws, or returns false.
    CYCLOS_DECL bool mismatch(const char* problem) const;

private:
    json_reader(const boost::json::value& value, const json_reader& parent, std::string_view key,
                std::size_t index) noexcept
        : value_(&value)
        , parent_(&parent)
        , key_(key)
        , index_(index)
        , policy_(parent.policy_)
    {}

    CYCLOS_DECL const boost::json::value* find(std::string_view key) const noexcept;
    CYCLOS_DECL void append_path(std::string& path) const;

    const boost::json::value* value_;
    const json_reader* parent_ = nullptr;
    std::string_view key_; // empty for an element of an array
    std::size_t index_ = 0;
    on_mismatch policy_;
    mutable std::size_t next_ = 0; // position after the last member found
};

// Each overload reads a value into `out` and returns true. On a mismatch it returns the result of
// mismatch(). The models add overloads of their own.

CYCLOS_DECL bool read_json(const json_reader& in, bool& out);

/// Reads an integer from 0 to `limit`. Any other number is no mismatch: the value counts as absent,
/// since the API specifies no bounds, and negative numbers often mean "no limit".
CYCLOS_DECL bool read_whole(const json_reader& in, std::uint64_t limit, std::uint64_t& out);

template <std::unsigned_integral Integer>
bool read_json(const json_reader& in, Integer& out)
{
    std::uint64_t value = 0;
    if (!read_whole(in, (std::numeric_limits<Integer>::max)(), value)) {
        return false;
    }
    out = static_cast<Integer>(value);
    return true;
}

/// Strings, and types that are constructed from strings, such as the enumerations.
template <std::constructible_from<std::string_view> Text>
bool read_json(const json_reader& in, Text& out)
{
    const auto* text = in.value().if_string();
    if (!text) {
        return in.mismatch("not a string");
    }
    out = Text{std::string_view{text->data(), text->size()}};
    return true;
}

template <class T>
bool read_json(const json_reader& in, std::optional<T>& out)
{
    if (!read_json(in, out.emplace())) {
        out.reset();
    }
    return out.has_value();
}

template <class T>
bool read_json(const json_reader& in, std::shared_ptr<const T>& out)
{
    auto value = std::make_shared<T>();
    if (!read_json(in, *value)) {
        return false;
    }
    out = std::move(value);
    return true;
}

template <class T>
bool read_json(const json_reader& in, std::vector<T>& out)
{
    const auto* array = in.value().if_array();
    if (!array) {
        return in.mismatch("not an array");
    }
    out.clear();
    out.reserve(array->size());
    std::size_t index = 0;
    for (const auto& element : *array) {
        if (T value{}; read_json(in.element(element, index++), value)) {
            out.push_back(std::move(value));
        }
    }
    return true;
}

/// Reads an array whose positions have a meaning: a null or skipped element becomes a null pointer.
template <class T>
bool read_json(const json_reader& in, std::vector<std::shared_ptr<const T>>& out)
{
    const auto* array = in.value().if_array();
    if (!array) {
        return in.mismatch("not an array");
    }
    out.assign(array->size(), nullptr);
    for (std::size_t index = 0; index < array->size(); ++index) {
        if (const auto& element = (*array)[index]; !element.is_null()) {
            read_json(in.element(element, index), out[index]);
        }
    }
    return true;
}

/// A member with the value null is treated as absent.
template <class T>
bool read_json(const json_reader& in, std::map<std::string, T>& out)
{
    const auto* object = in.value().if_object();
    if (!object) {
        return in.mismatch("not an object");
    }
    out.clear();
    for (const auto& pair : *object) {
        const std::string_view key{pair.key().data(), pair.key().size()};
        if (T value{}; !pair.value().is_null() && read_json(in.member(pair.value(), key), value)) {
            out.emplace(key, std::move(value));
        }
    }
    return true;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/base/impl/json.ipp>
#endif

#endif // CYCLOS_DETAIL_BASE_JSON_HPP
