//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_MULTIPART_IPP
#define CYCLOS_HTTP_IMPL_MULTIPART_IPP

#include <cyclos/http/multipart.hpp>

#include <cyclos/net/error.hpp>

#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

inline std::string escape_form_name(std::string_view name)
{
    std::string text;
    text.reserve(name.size());
    for (const char c : name) {
        switch (c) {
        case '"': text += "%22"; break;
        case '\r': text += "%0D"; break;
        case '\n': text += "%0A"; break;
        default: text += c; break;
        }
    }
    return text;
}

} // namespace detail

CYCLOS_DECL std::string multipart::random_boundary()
{
    std::array<unsigned char, 18> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
        const error_code why{static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category()};
        error_context where;
        where.detail = "random numbers";
        throw error(why, std::move(where));
    }
    std::array<unsigned char, 25> text{};
    EVP_EncodeBlock(text.data(), random.data(), static_cast<int>(random.size()));
    std::string boundary = "cyclos-";
    for (const char c : std::string_view{reinterpret_cast<const char*>(text.data()), 24}) {
        // Of the characters of base64, a boundary without quotes takes all but slash and plus.
        boundary += c == '/' || c == '+' ? '_' : c;
    }
    return boundary;
}

CYCLOS_DECL multipart::multipart(std::string_view field, std::string_view file_name, std::string_view media_type,
                                 std::string boundary)
    : boundary_(std::move(boundary))
{
    opening_ = "--" + boundary_ + "\r\nContent-Disposition: form-data; name=\"" + detail::escape_form_name(field) +
               "\"; filename=\"" + detail::escape_form_name(file_name) + "\"\r\nContent-Type: ";
    opening_ += media_type;
    opening_ += "\r\n\r\n";
    closing_ = "\r\n--" + boundary_ + "--\r\n";
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_MULTIPART_IPP
