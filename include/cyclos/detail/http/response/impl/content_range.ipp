//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_CONTENT_RANGE_IPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_CONTENT_RANGE_IPP

#include <cyclos/detail/http/response/content_range.hpp>

#include <cyclos/detail/base/whole_number.hpp>

#include <boost/beast/core/string.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

CYCLOS_DECL std::optional<content_range> parse_content_range(std::string_view value)
{
    constexpr std::string_view unit = "bytes ";
    const auto dash = value.find('-');
    const auto slash = value.find('/');
    if (!boost::beast::iequals(value.substr(0, unit.size()), unit) || dash == value.npos ||
        slash == value.npos || dash > slash) {
        return std::nullopt;
    }
    using cyclos::detail::whole_number;
    const auto first = whole_number<std::uint64_t>(value.substr(unit.size(), dash - unit.size()));
    const auto last = whole_number<std::uint64_t>(value.substr(dash + 1, slash - dash - 1));
    const auto total = whole_number<std::uint64_t>(value.substr(slash + 1));
    if (!first || !last || !total || *first > *last || *last >= *total) {
        return std::nullopt;
    }
    return content_range{*first, *last, *total};
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_CONTENT_RANGE_IPP
