//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_MAKE_API_ERROR_HPP
#define CYCLOS_DETAIL_CLIENT_MAKE_API_ERROR_HPP

#include <cyclos/api_error.hpp>
#include <cyclos/detail/config.hpp>

#include <exception>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** Makes the @ref api_error of a response that is not a success, of the class for its status.

    Never fails because of the body: members that have another type than in the API are absent.

    @param response The response. The error keeps the first 4 KiB of its body.
    @param context  The context of the operation. Identifiers from the body are added to its detail.
*/
CYCLOS_DECL std::exception_ptr make_api_error(const error_response& response,
                                              error_context context);

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/make_api_error.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_MAKE_API_ERROR_HPP
