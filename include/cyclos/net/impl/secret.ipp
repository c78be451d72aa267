//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_SECRET_IPP
#define CYCLOS_NET_IMPL_SECRET_IPP

#include <cyclos/net/secret.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

CYCLOS_DECL void wipe(void* data, std::size_t size) noexcept
{
    OPENSSL_cleanse(data, size);
}

} // namespace detail

namespace net {

CYCLOS_DECL secret basic_authorization(std::string_view username, std::string_view password)
{
    secret pair{username};
    pair += ":";
    pair += password;
    const std::string_view text = pair.view();
    cyclos::detail::wiped_bytes encoded(4 * ((text.size() + 2) / 3) + 1); // OpenSSL ends it with a null character
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    secret result{"Basic "};
    result += {encoded.data(), static_cast<std::size_t>(size)};
    return result;
}

} // namespace net
} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_NET_IMPL_SECRET_IPP
