//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HEADER_FIELDS_HPP
#define CYCLOS_HEADER_FIELDS_HPP

#include <cyclos/detail/arena.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/beast/core/string.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The header fields of a response, in the order in which they were received.
class header_fields
{
public:
    /// No fields.
    header_fields() = default;

    /// @cond internal
    /// @param memory Memory for the fields. It must outlive the object.
    explicit header_fields(detail::arena* memory)
        : text_(detail::arena_allocator<char>{memory})
        , entries_(detail::arena_allocator<entry>{memory})
    {}
    /// @endcond

    /// The value of the first field with this name; empty if there is none. Names are
    /// case-insensitive.
    std::string_view operator[](std::string_view name) const noexcept
    {
        for (const entry& e : entries_) {
            if (boost::beast::iequals(name_of(e), name)) {
                return value_of(e);
            }
        }
        return {};
    }

    /// Whether there is a field with this name.
    bool contains(std::string_view name) const noexcept { return (*this)[name].data() != nullptr; }

    /// The number of fields.
    std::size_t size() const noexcept { return entries_.size(); }

    /// The name of the n-th field, as received. @pre `n < size()`
    std::string_view name(std::size_t n) const noexcept { return name_of(entries_[n]); }

    /// The value of the n-th field. @pre `n < size()`
    std::string_view value(std::size_t n) const noexcept { return value_of(entries_[n]); }

    /// Adds a field at the end. It invalidates all views.
    void append(std::string_view name, std::string_view value)
    {
        if (entries_.empty()) { // room for most header sections, so that they never grow
            text_.reserve(typical_text_size);
            entries_.reserve(typical_fields);
        }
        entry e;
        e.name = static_cast<std::uint32_t>(text_.size());
        e.name_size = static_cast<std::uint32_t>(name.size());
        e.value_size = static_cast<std::uint32_t>(value.size());
        text_ += name;
        text_ += value;
        entries_.push_back(e);
    }

    /// Removes all fields.
    void clear() noexcept
    {
        text_.clear();
        entries_.clear();
    }

    /// @cond internal
    /// The memory that a typical header section needs, in bytes.
    static constexpr std::size_t usual_size() noexcept
    {
        return typical_text_size + 1 + typical_fields * sizeof(entry);
    }
    /// @endcond

private:
    struct entry
    {
        std::uint32_t name = 0; // offset in text_
        std::uint32_t name_size = 0;
        std::uint32_t value_size = 0; // the value follows the name
    };

    // With the terminating zero, it is a multiple of the alignment of an entry.
    static constexpr std::size_t typical_text_size = 335;
    static constexpr std::size_t typical_fields = 12;

    std::string_view name_of(const entry& e) const noexcept
    {
        return std::string_view{text_}.substr(e.name, e.name_size);
    }

    std::string_view value_of(const entry& e) const noexcept
    {
        return std::string_view{text_}.substr(e.name + e.name_size, e.value_size);
    }

    // All names and values in one string: one allocation instead of one per field.
    std::basic_string<char, std::char_traits<char>, detail::arena_allocator<char>> text_;
    std::vector<entry, detail::arena_allocator<entry>> entries_;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_HEADER_FIELDS_HPP
