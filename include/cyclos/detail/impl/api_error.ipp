//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_API_ERROR_IPP
#define CYCLOS_DETAIL_IMPL_API_ERROR_IPP

#include <cyclos/api_error.hpp>

#include <cstddef>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

// At most this much of an error body is kept in an exception.
inline constexpr std::size_t max_kept_body = 4096;

} // namespace detail

CYCLOS_DECL api_error::api_error(const detail::error_response& response, std::string server_code,
                                 error_context context)
    : error(error_code(static_cast<int>(response.status), http_status_category()),
            std::move(context))
    , status_(response.status)
    , content_type_(response.content_type)
    , body_(response.body.substr(0, detail::max_kept_body))
    , server_code_(std::move(server_code))
    , retry_after_(response.retry_after)
{}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_API_ERROR_IPP
