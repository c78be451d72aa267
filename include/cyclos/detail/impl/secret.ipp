//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_SECRET_IPP
#define CYCLOS_DETAIL_IMPL_SECRET_IPP

#include <cyclos/secret.hpp>

#include <openssl/crypto.h>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

CYCLOS_DECL void wipe(void* data, std::size_t size) noexcept
{
    OPENSSL_cleanse(data, size);
}

} // namespace detail

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_SECRET_IPP
