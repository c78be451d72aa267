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

/// The user that a request is authenticated as.
struct identity
{
    const sandbox::user* user = nullptr; ///< Null: a guest.
    std::string session_token = {};      ///< Empty unless the request contains a session token.
    bool is_basic = false;               ///< Whether the request contains basic credentials.

    bool is_guest() const noexcept { return user == nullptr; }

    /// Whether the user has the permission to change the data of the user with this id.
    bool can_manage(std::string_view user_id) const noexcept
    {
        return user && (user->administrator || (user->id == user_id && user->manages_images));
    }

    /// Whether the user has the permission to see the private data of the user with this id.
    bool can_view(std::string_view user_id) const noexcept
    {
        return user && (user->administrator || user->id == user_id);
    }
};

/// Checks the credentials and the channel of a request.
/// @throws error_reply with the response of Cyclos if it does not accept them.
identity authenticate(state& server_state, const request& req);

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_AUTHENTICATION_HPP
