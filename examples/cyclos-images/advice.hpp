//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_ADVICE_HPP
#define CYCLOS_TOOL_ADVICE_HPP

#include "settings.hpp"

#include <cyclos/error.hpp>

#include <string>
#include <string_view>

namespace tool {

inline constexpr std::string_view check_the_path =
    "; is the path of --url right? That of a Cyclos API ends with /api, behind the network's name if there is one";

/** @{
    An error in words for a person at a terminal, with what helps against the commonest mistakes.

    @param from What is secret of them is blotted out of whatever others said.
*/
std::string describe(const cyclos::api_error& error, const caller& from);
std::string describe(const cyclos::error& error, const caller& from);
/// @}

/// Of an upload that was begun: whether the server can have stored it. Empty for anything else.
std::string what_became_of_it(const cyclos::error& error);

} // namespace tool

#endif // CYCLOS_TOOL_ADVICE_HPP
