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

/// Routes a request by its request line and header section. Errors are returned as responses, not
/// thrown.
decision route(state& server_state, const request& req, const std::string& content_base);

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_ROUTES_HPP
