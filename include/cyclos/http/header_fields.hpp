//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_HEADER_FIELDS_HPP
#define CYCLOS_HTTP_HEADER_FIELDS_HPP

#include <cyclos/detail/arena.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/beast/core/string.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::inline CYCLOS_ABI {

/// The header fields of a response, in the order in which they came.
class header_fields
{
public:
    header_fields() = default;

    /// @param memory Has to outlive the object.
    explicit header_fields(detail::arena* memory)
        : text_(detail::arena_allocator<char>{memory})
        , entries_(detail::arena_allocator<entry>{memory})
    {}

    /// The value of the first field of that name, whatever its case; empty where there is none.
    std::string_view operator[](std::string_view name) const noexcept
    {
        for (const entry& e : entries_) {
            if (boost::beast::iequals(name_of(e), name)) {
                return value_of(e);
            }
        }
        return {};
    }

    /// Whether there is a field of that name.
    bool contains(std::string_view name) const noexcept { return (*this)[name].data() != nullptr; }

    std::size_t size() const noexcept { return entries_.size(); }
    std::string_view name(std::size_t n) const noexcept { return name_of(entries_[n]); }
    std::string_view value(std::size_t n) const noexcept { return value_of(entries_[n]); }

    void append(std::string_view name, std::string_view value)
    {
        if (entries_.empty()) { // enough for most heads
            text_.reserve(usual_text);
            entries_.reserve(usual_fields);
        }
        entry e;
        e.name = static_cast<std::uint32_t>(text_.size());
        e.name_size = static_cast<std::uint32_t>(name.size());
        e.value_size = static_cast<std::uint32_t>(value.size());
        text_ += name;
        text_ += value;
        entries_.push_back(e);
    }

    void clear() noexcept
    {
        text_.clear();
        entries_.clear();
    }

    /// The memory that a usual head takes.
    static constexpr std::size_t usual_size() noexcept { return usual_text + 1 + usual_fields * sizeof(entry); }

private:
    struct entry
    {
        std::uint32_t name = 0;
        std::uint32_t name_size = 0;
        std::uint32_t value_size = 0; // which follows the name
    };

    static constexpr std::size_t usual_text = 335; // with its end, a multiple of what an entry is aligned to
    static constexpr std::size_t usual_fields = 12;

    std::string_view name_of(const entry& e) const noexcept
    {
        return std::string_view{text_}.substr(e.name, e.name_size);
    }

    std::string_view value_of(const entry& e) const noexcept
    {
        return std::string_view{text_}.substr(e.name + e.name_size, e.value_size);
    }

    // All names and values: one allocation instead of one for each field.
    std::basic_string<char, std::char_traits<char>, detail::arena_allocator<char>> text_;
    std::vector<entry, detail::arena_allocator<entry>> entries_;
};

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_HTTP_HEADER_FIELDS_HPP
