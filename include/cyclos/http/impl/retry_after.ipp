//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP
#define CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP

#include <cyclos/http/retry_after.hpp>

#include <cyclos/detail/whole_number.hpp>
#include <cyclos/http/date.hpp>

#include <algorithm>

namespace cyclos::http {

CYCLOS_DECL std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                                  std::chrono::system_clock::time_point now)
{
    if (const auto seconds = cyclos::detail::whole_number<unsigned>(value)) {
        return std::chrono::seconds{*seconds};
    }
    if (const auto date = parse_date(value)) {
        return std::max(std::chrono::seconds::zero(), std::chrono::ceil<std::chrono::seconds>(*date - now));
    }
    return std::nullopt;
}

} // namespace cyclos::http

#endif // CYCLOS_HTTP_IMPL_RETRY_AFTER_IPP
