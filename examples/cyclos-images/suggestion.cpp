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

/// How many characters have to be added, removed or replaced to make one word of the other.
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

std::string_view closest(std::string_view word, const std::vector<std::string>& known)
{
    std::string_view best;
    std::size_t least = word.size() / 3 + 1; // of three characters two are to be right
    for (const std::string& each : known) {
        const std::size_t steps = distance(word, each);
        if (steps < least) {
            least = steps;
            best = each;
        }
    }
    return best;
}

} // namespace tool
