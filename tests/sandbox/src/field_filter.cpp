//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "field_filter.hpp"

#include "text.hpp"

#include <utility>

namespace cyclos::sandbox {

field_filter::field_filter(const std::vector<std::string>& fields)
{
    for (const auto& field : fields)
        add(field, false);
}

void field_filter::add(std::string_view path, bool excluding)
{
    auto name = take_until(path, '.');
    if (name.starts_with('-') || name.starts_with('!')) {
        excluding = true;
        name.remove_prefix(1);
    }
    auto& members = excluding ? excluded_ : included_;
    auto& member = members.try_emplace(std::string(name), field_filter()).first->second;
    if (!path.empty())
        member.add(path, excluding);
}

bool field_filter::is_selected(std::string_view name) const
{
    const auto excluded = excluded_.find(name);
    return (included_.empty() || included_.contains(name)) &&
           (excluded == excluded_.end() || !excluded->second.is_leaf());
}

void field_filter::apply(boost::json::value& value) const
{
    if (is_leaf())
        return;
    if (auto* elements = value.if_array()) {
        for (auto& element : *elements)
            apply(element);
    }
    else if (auto* members = value.if_object()) {
        boost::json::object kept;
        for (auto& [name, member] : *members) {
            if (!is_selected(name))
                continue;
            for (const auto* rules : {&included_, &excluded_})
                if (const auto rule = rules->find(std::string_view(name)); rule != rules->end())
                    rule->second.apply(member);
            kept.emplace(name, std::move(member));
        }
        *members = std::move(kept);
    }
}

} // namespace cyclos::sandbox
