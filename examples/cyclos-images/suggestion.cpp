//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace tool {
namespace {

/// The Levenshtein distance: the number of characters to insert, remove or replace.
std::size_t distance(std::string_view from, std::string_view to)
{
    std::vector<std::size_t> steps_to(to.size() + 1);
    std::iota(steps_to.begin(), steps_to.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = std::exchange(steps_to[0], i + 1);
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = steps_to[j + 1];
            steps_to[j + 1] = std::min({replaced, steps_to[j] + 1, steps_to[j + 1] + 1});
        }
    }
    return steps_to.back();
}

} // namespace

std::string_view closest_match(std::string_view word, const std::vector<std::string>& candidates)
{
    std::string_view best;
    std::size_t smallest = word.size() / 3 + 1; // accept one error per three characters
    for (const std::string& candidate : candidates) {
        const std::size_t steps = distance(word, candidate);
        if (steps < smallest) {
            smallest = steps;
            best = candidate;
        }
    }
    return best;
}

} // namespace tool
