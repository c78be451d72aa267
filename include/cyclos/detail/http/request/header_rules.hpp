//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_HEADER_RULES_HPP
#define CYCLOS_DETAIL_HTTP_REQUEST_HEADER_RULES_HPP

#include <cyclos/detail/config.hpp>

#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Checks a header field of the user's.

    @param setting The name of the setting or argument, for the message.
    @throws cyclos::error with errc::invalid_argument if it may not be sent: see @ref header. The
    message does not contain the value.
*/
CYCLOS_DECL void require_sendable_header(std::string_view setting, std::string_view name,
                                         std::string_view value);

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/request/impl/header_rules.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_REQUEST_HEADER_RULES_HPP
