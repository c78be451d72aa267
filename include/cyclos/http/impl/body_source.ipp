//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_BODY_SOURCE_IPP
#define CYCLOS_HTTP_IMPL_BODY_SOURCE_IPP

#include <cyclos/http/body_source.hpp>

#include <cyclos/net/error.hpp>

namespace cyclos::inline CYCLOS_ABI {

CYCLOS_DECL boost::asio::awaitable<void> body_source::rewind()
{
    error_context where;
    where.detail = "it cannot be read again";
    throw error(errc::source_failed, std::move(where));
    co_return;
}

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_HTTP_IMPL_BODY_SOURCE_IPP
