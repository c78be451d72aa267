//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_BASIC_AUTHORIZATION_IPP
#define CYCLOS_DETAIL_NET_IMPL_BASIC_AUTHORIZATION_IPP

#include <cyclos/detail/net/basic_authorization.hpp>

#include <openssl/evp.h>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

CYCLOS_DECL secret basic_authorization(std::string_view username, std::string_view password)
{
    secret pair{username};
    pair += ":";
    pair += password;
    const std::string_view text = pair.view();
    // OpenSSL appends a null character.
    cyclos::detail::wiped_bytes encoded(4 * ((text.size() + 2) / 3) + 1);
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    secret result{"Basic "};
    result += {encoded.data(), static_cast<std::size_t>(size)};
    return result;
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_BASIC_AUTHORIZATION_IPP
