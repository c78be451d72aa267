//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_MAKE_API_ERROR_HPP
#define CYCLOS_IMPL_MAKE_API_ERROR_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>

#include <exception>

namespace cyclos::inline CYCLOS_ABI::detail {

/** The @ref api_error, of the class that the status names, of a response that is no success.

    It takes any body: of what is not as the API says, what could be read is kept.

    @param response The response; only the first kibibytes of its body are kept.
    @param where    The circumstances of the operation.
*/
CYCLOS_DECL std::exception_ptr make_api_error(const error_response& response, error_context where);

} // namespace cyclos::inline CYCLOS_ABI::detail

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/make_api_error.ipp>
#endif

#endif // CYCLOS_IMPL_MAKE_API_ERROR_HPP
