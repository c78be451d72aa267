//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_CALL_HPP
#define CYCLOS_DETAIL_CLIENT_CALL_HPP

#include <cyclos/detail/client/identity.hpp>
#include <cyclos/detail/client/operation.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/request/request.hpp>
#include <cyclos/detail/http/source/source_reader.hpp>
#include <cyclos/transfer_config.hpp>

#include <memory>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** An operation that is being sent: the state that outlasts redirects and a refresh of the
    credentials.

    It lives in the coroutine of client_state::send(), which may send its request several times.
*/
class call
{
public:
    call(operation& target, identity& caller)
        : op(target)
        , user(caller)
    {}

    call(const call&) = delete;
    call& operator=(const call&) = delete;
    CYCLOS_DECL ~call();

    /// Keeps the source of a form so that it can be sent again. @return Whether that is possible:
    /// the source must be rewindable.
    CYCLOS_DECL bool keep_source(const upload_config& checks);

    /// The request to send next: a copy if it may have to be sent again.
    CYCLOS_DECL http::request next_request();

    operation& op;
    identity& user;
    http::exchange_state state;
    unsigned redirects_left = 0;
    bool may_refresh_credentials = false;     // at most once in each operation
    authorization_ptr authorization;          // null if the credentials of the user are constant
    authorization_ptr rejected_authorization; // set until another one is known
    std::shared_ptr<http::source_reader> kept_body;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/call.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_CALL_HPP
