//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_HANDLE_CONTEXT_HPP
#define CYCLOS_DETAIL_CLIENT_HANDLE_CONTEXT_HPP

#include <cyclos/call_options.hpp>
#include <cyclos/config.hpp>
#include <cyclos/detail/client/identity.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/call_terms.hpp>
#include <cyclos/origin.hpp>

#include <memory>
#include <string>
#include <string_view>

// What a handle adds to its calls: the user who calls, and the terms of the call.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// The context of the calls of a handle. It is constant, and shared by copies of the handle and by
/// its operations. A handle of the client's own user without options has none.
class handle_context
{
public:
    std::shared_ptr<identity> user;                ///< Null: the client's own user.
    std::shared_ptr<const http::call_terms> terms; ///< Null: those of the client.
};

using handle_context_ptr = std::shared_ptr<const handle_context>;

/// The header fields of every request that do not depend on the operation: the host, the user
/// agent, the channel and the fields of the user's.
/// @param terms Those of the call, which replace fields of the configuration. May be null.
CYCLOS_DECL std::string make_common_fields(const config& settings, const origin& server,
                                           const http::call_terms* terms);

/** The terms of a handle with further options. Options that are set replace those of the handle.

    @param terms Those of the handle; may be null.
    @throws cyclos::error with errc::invalid_argument if an option is invalid.
*/
CYCLOS_DECL std::shared_ptr<const http::call_terms> make_terms(const config& settings,
                                                               const origin& server,
                                                               const http::call_terms* terms,
                                                               const call_options& options);

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/handle_context.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_HANDLE_CONTEXT_HPP
