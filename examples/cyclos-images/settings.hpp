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

/// The environment variables with the defaults of options.
namespace variable {

inline constexpr char url[] = "CYCLOS_URL";
inline constexpr char username[] = "CYCLOS_USERNAME";
inline constexpr char password[] = "CYCLOS_PASSWORD";
inline constexpr char session_token[] = "CYCLOS_SESSION_TOKEN";
inline constexpr char access_client_token[] = "CYCLOS_ACCESS_CLIENT_TOKEN";

} // namespace variable

/// The kind of the credentials.
enum class credential_kind { guest, user, session, access_client };

/// The properties of the user that explanations of errors need.
struct caller_identity
{
    credential_kind kind = credential_kind::guest;
    tool::secrets secrets = {}; ///< Must not be printed.
};

/** Completes the options from the environment, and reads the password file.

    If the command line contains credentials, credentials of other kinds in the environment are
    ignored.

    This function may block on a terminal or a pipe. It must be called before the tool catches
    signals, so that they can end the process.

    @throws command_rejected if the base URL is missing, there is more than one kind of credentials,
    or the credentials are incomplete.
*/
void complete_from_environment(connection_options& options);

/// The kind of the credentials and their secrets. @pre The options are complete.
caller_identity identify_caller(const connection_options& options);

/// Describes the credentials, without secrets. @pre The options are complete.
std::string describe_credentials(const connection_options& options);

/// The configuration of the client. @pre The options are complete.
/// @throws command_rejected if the proxy is invalid; cyclos::error if the credentials are.
cyclos::config make_config(const connection_options& options);

} // namespace tool

#endif // CYCLOS_TOOL_SETTINGS_HPP
