//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_ADVICE_HPP
#define CYCLOS_TOOL_ADVICE_HPP

#include "settings.hpp"

#include <cyclos/api_error.hpp>

#include <string>
#include <string_view>

namespace tool {

inline constexpr std::string_view check_path_advice =
    "; check the path in --url: that of a Cyclos API ends with /api, after the name of the network "
    "if there is one";

/** @{
    Describes an error for a person at a terminal, with advice on the most common mistakes.

    @param caller Its secrets are redacted in text of the server, of proxies and of certificates.
*/
std::string describe(const cyclos::api_error& error, const caller_identity& caller);
std::string describe(const cyclos::error& error, const caller_identity& caller);
/// @}

/// Describes whether the server may have stored an upload. Returns an empty string for other
/// operations.
std::string describe_upload_state(const cyclos::error& error);

} // namespace tool

#endif // CYCLOS_TOOL_ADVICE_HPP
