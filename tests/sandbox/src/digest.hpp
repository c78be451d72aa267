//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_DIGEST_HPP
#define CYCLOS_SANDBOX_SRC_DIGEST_HPP

#include "openssl.hpp"

#include <string>
#include <string_view>

namespace cyclos::sandbox {

/// An incremental SHA-256.
class sha256
{
public:
    sha256()
        : context_(EVP_MD_CTX_new())
    {
        openssl::check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1,
                       "SHA-256");
    }

    void update(std::string_view bytes)
    {
        openssl::check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1,
                       "SHA-256");
    }

    /// Returns the digest in lower-case hexadecimal.
    std::string finish()
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
        unsigned size = 0;
        openssl::check(EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) == 1, "SHA-256");
        std::string text;
        for (unsigned i = 0; i < size; ++i)
            for (const auto nibble : {bytes[i] >> 4, bytes[i] & 15})
                text += "0123456789abcdef"[nibble];
        return text;
    }

private:
    openssl::digest context_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_DIGEST_HPP
