//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_AUTHENTICATION_HPP
#define CYCLOS_SANDBOX_SRC_AUTHENTICATION_HPP

#include "request.hpp"
#include "state.hpp"

#include <string>

namespace cyclos::sandbox {

/// Who sends a request.
struct identity
{
    const user* who = nullptr;      ///< None: a guest.
    std::string session_token = {}; ///< Where that is how they say who they are.
    bool is_basic = false;

    bool is_guest() const noexcept { return who == nullptr; }

    /// Whether they may change what belongs to a user.
    bool manages(std::string_view user_id) const noexcept
    {
        return who && (who->administrator || (who->id == user_id && who->manages_images));
    }

    /// Whether they see what is only for that user.
    bool is_or_manages(std::string_view user_id) const noexcept
    {
        return who && (who->administrator || who->id == user_id);
    }
};

/// Throws the error that a server answers to credentials or a channel that it does not take.
identity authenticate(state& known, const request& from);

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_AUTHENTICATION_HPP
