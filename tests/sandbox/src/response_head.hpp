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

/// Status line and headers of an answer, the empty line included.
/// @param script null: none.
std::string response_head(const reply& what, bool keep_alive, const options& opts, const misbehaviour* script);

/// Whether an answer of that status has a body, even an empty one.
constexpr bool has_body(unsigned status) noexcept
{
    return status >= 200 && status != 204 && status != 304;
}

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_RESPONSE_HEAD_HPP
