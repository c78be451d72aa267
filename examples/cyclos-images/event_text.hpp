//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_EVENT_TEXT_HPP
#define CYCLOS_TOOL_EVENT_TEXT_HPP

#include <cyclos/events.hpp>

#include <string>

namespace tool {

/// Describes an event of the library. Returns an empty string for events that do not interest
/// users.
std::string describe(const cyclos::client_event& event);

} // namespace tool

#endif // CYCLOS_TOOL_EVENT_TEXT_HPP
