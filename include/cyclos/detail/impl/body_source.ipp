//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_BODY_SOURCE_IPP
#define CYCLOS_DETAIL_IMPL_BODY_SOURCE_IPP

#include <cyclos/body_source.hpp>

#include <cyclos/error.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {

CYCLOS_DECL boost::asio::awaitable<void> body_source::rewind()
{
    error_context context;
    context.detail = "it cannot be read again";
    throw error(errc::source_failed, std::move(context));
    co_return;
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_BODY_SOURCE_IPP
