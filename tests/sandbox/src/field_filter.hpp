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

/// The parameter `fields`: which members of a result to return.
class field_filter
{
public:
    /// Such as `a`, `b.b1`, `c.-c1`, `-d` and `!e`.
    explicit field_filter(const std::vector<std::string>& fields);

    /// Removes what was not asked for. Of an array, each element is filtered.
    void apply(boost::json::value& value) const;

private:
    field_filter() = default;

    void add(std::string_view path, bool excluding);
    bool keeps(std::string_view name) const;
    bool is_leaf() const noexcept { return only_.empty() && except_.empty(); }

    std::map<std::string, field_filter, std::less<>> only_;   ///< Where there is any, nothing else is kept.
    std::map<std::string, field_filter, std::less<>> except_; ///< A leaf goes; otherwise something within it does.
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_FIELD_FILTER_HPP
