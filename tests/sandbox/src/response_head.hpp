//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_RESPONSE_HEAD_HPP
#define CYCLOS_SANDBOX_SRC_RESPONSE_HEAD_HPP

#include "reply.hpp"

#include <cyclos/sandbox/misbehaviour.hpp>
#include <cyclos/sandbox/options.hpp>

#include <string>

namespace cyclos::sandbox {

/// Status line and header section of a response, with the empty line.
/// @param script null if no script applies.
std::string response_head(const reply& response, bool keep_alive, const options& opts,
                          const misbehaviour* script);

/// Whether a response with that status has a body, which may be empty.
constexpr bool has_body(unsigned status) noexcept
{
    return status >= 200 && status != 204 && status != 304;
}

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_RESPONSE_HEAD_HPP
