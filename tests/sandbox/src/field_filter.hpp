//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_FIELD_FILTER_HPP
#define CYCLOS_SANDBOX_SRC_FIELD_FILTER_HPP

#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::sandbox {

/// The query parameter `fields`, which selects the members of a result.
class field_filter
{
public:
    /// @param fields Examples: `a`, `b.b1`, `c.-c1`, `-d`, `!e`.
    explicit field_filter(const std::vector<std::string>& fields);

    /// Removes the members that are not selected. Applies to each element of an array.
    void apply(boost::json::value& value) const;

private:
    field_filter() = default;

    void add(std::string_view path, bool excluding);
    bool is_selected(std::string_view name) const;
    bool is_leaf() const noexcept { return included_.empty() && excluded_.empty(); }

    /// The selected members; all others are removed, unless this is empty.
    std::map<std::string, field_filter, std::less<>> included_;
    /// The members to remove (leaves), and those of which something is removed.
    std::map<std::string, field_filter, std::less<>> excluded_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_FIELD_FILTER_HPP
