//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_ERROR_IPP
#define CYCLOS_IMPL_ERROR_IPP

#include <cyclos/error.hpp>

#include <cstddef>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

inline constexpr std::size_t kept_body = 4096;

} // namespace detail

CYCLOS_DECL api_error::api_error(const detail::error_response& response, std::string code_text, error_context context)
    : error(error_code(static_cast<int>(response.status), status_category()), std::move(context))
    , status_(response.status)
    , content_type_(response.content_type)
    , body_(response.body.substr(0, detail::kept_body))
    , code_text_(std::move(code_text))
    , retry_after_(response.retry_after)
{}

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_IMPL_ERROR_IPP
