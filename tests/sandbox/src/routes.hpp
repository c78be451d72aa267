//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_ROUTES_HPP
#define CYCLOS_SANDBOX_SRC_ROUTES_HPP

#include "operation.hpp"

#include <string>

namespace cyclos::sandbox {

/// Decides on a request by its head. Never throws a @ref failure: it is an answer like any other.
decision route(state& known, const request& from, const std::string& content_base);

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_ROUTES_HPP
