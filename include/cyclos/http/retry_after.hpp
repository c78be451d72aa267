//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_RETRY_AFTER_HPP
#define CYCLOS_HTTP_RETRY_AFTER_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

/** The wait that a `Retry-After` field asks for: seconds, or a date of RFC 9110's preferred form.

    @param now What a date is compared with; one that has passed is no wait.
    @return Nothing where it is neither.
*/
CYCLOS_DECL std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                                  std::chrono::system_clock::time_point now);

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/retry_after.ipp>
#endif

#endif // CYCLOS_HTTP_RETRY_AFTER_HPP
