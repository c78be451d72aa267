//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_IMPL_MULTIPART_IPP
#define CYCLOS_DETAIL_HTTP_REQUEST_IMPL_MULTIPART_IPP

#include <cyclos/detail/http/request/multipart.hpp>

#include <cyclos/detail/base/utf8.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

/** Escapes a name as browsers do (WHATWG HTML, "multipart/form-data"), which covers quotes, CR and
    LF.

    Other control characters are escaped in the same way, and bytes that are not valid UTF-8 are
    replaced, because servers reject a form that contains them or truncate the name there.
*/
inline std::string escape_form_name(std::string_view name)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    text.reserve(name.size());
    while (!name.empty()) {
        const std::size_t size = cyclos::detail::utf8_size(name);
        const auto byte = static_cast<unsigned char>(name.front());
        if (size == 0) {
            text += cyclos::detail::replacement_character;
        }
        else if (byte < 0x20 || byte == 0x7f || byte == '"') {
            text += '%';
            text += digits[byte >> 4U];
            text += digits[byte & 15U];
        }
        else {
            text += name.substr(0, size);
        }
        name.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return text;
}

} // namespace detail

CYCLOS_DECL std::string multipart::random_boundary()
{
    std::array<unsigned char, 18> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
        const error_code reason{static_cast<int>(ERR_get_error()),
                                boost::asio::error::get_ssl_category()};
        error_context context;
        context.detail = "random numbers";
        throw error(reason, std::move(context));
    }
    std::array<unsigned char, 25> text{};
    EVP_EncodeBlock(text.data(), random.data(), static_cast<int>(random.size()));
    std::string boundary = "cyclos-";
    for (const char c : std::string_view{reinterpret_cast<const char*>(text.data()), 24}) {
        // The boundary parameter is sent without quotes, so it must be a token (RFC 9110, section
        // 5.6.2), which excludes '/'. '+' would be allowed and is replaced as a precaution. There
        // is no padding '=', because 18 bytes are a multiple of 3.
        boundary += c == '/' || c == '+' ? '_' : c;
    }
    return boundary;
}

CYCLOS_DECL multipart::multipart(std::string_view field, std::string_view file_name,
                                 std::string_view media_type, std::string boundary)
    : boundary_(std::move(boundary))
{
    opening_ = "--" + boundary_ + "\r\nContent-Disposition: form-data; name=\"" +
               detail::escape_form_name(field) + "\"; filename=\"" +
               detail::escape_form_name(file_name) + "\"\r\nContent-Type: ";
    opening_ += media_type;
    opening_ += "\r\n\r\n";
    closing_ = "\r\n--" + boundary_ + "--\r\n";
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_REQUEST_IMPL_MULTIPART_IPP
