//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_SETTINGS_HPP
#define CYCLOS_TOOL_SETTINGS_HPP

#include "invocation.hpp"
#include "secrets.hpp"

#include <cyclos/config.hpp>

#include <string>

namespace tool {

/// What of the environment stands in for options that are not given.
namespace variable {

inline constexpr char url[] = "CYCLOS_URL";
inline constexpr char username[] = "CYCLOS_USERNAME";
inline constexpr char password[] = "CYCLOS_PASSWORD";
inline constexpr char session_token[] = "CYCLOS_SESSION_TOKEN";
inline constexpr char access_client_token[] = "CYCLOS_ACCESS_CLIENT_TOKEN";

} // namespace variable

/// Who the user is to the server.
enum class identity { guest, user, session, access_client };

/// What an explanation has to know of the user.
struct caller
{
    identity who = identity::guest;
    secrets hidden = {}; ///< What they told nobody but the server.
};

/** Completes what the command line says from the environment.

    A credential that is given as an option sets aside what the environment says of other kinds. The password is read
    from its file.

    This may wait for a terminal or a pipe, which only signals end: nothing has been begun then.

    @throws refusal where the base URL is missing, there is more than one kind of credentials, or one is incomplete.
*/
void complete_from_environment(connection_options& given);

/// Who they make of the user, and what to keep secret of them. @pre They are complete.
caller caller_of(const connection_options& given);

/// Who one is, in words. @pre They are complete.
std::string describe_credentials(const connection_options& given);

/// What the library makes of them. @pre They are complete. @throws refusal, cyclos::error
cyclos::config make_config(const connection_options& given);

} // namespace tool

#endif // CYCLOS_TOOL_SETTINGS_HPP
