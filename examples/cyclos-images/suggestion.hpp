//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_SUGGESTION_HPP
#define CYCLOS_TOOL_SUGGESTION_HPP

#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// The candidate that is most similar to a misspelt word; empty if none is similar enough.
std::string_view closest_match(std::string_view word, const std::vector<std::string>& candidates);

} // namespace tool

#endif // CYCLOS_TOOL_SUGGESTION_HPP
