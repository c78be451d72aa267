//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_MULTIPART_HPP
#define CYCLOS_DETAIL_HTTP_REQUEST_MULTIPART_HPP

#include <cyclos/detail/config.hpp>

#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** The bytes before and after the content of a `multipart/form-data` body with one file (RFC 7578).

    Names are escaped as the WHATWG specifies for form data: quotes, carriage returns and line feeds
    become `%22`, `%0D` and `%0A`. Other control characters are percent-encoded as well, and bytes
    that are not valid UTF-8 are replaced by U+FFFD. All other characters are sent as UTF-8.
*/
class multipart
{
public:
    /** Builds the opening and the closing for one file.

        @param field The name of the form field.
        @param file_name The name of the file.
        @param media_type The media type of the file. It must not contain line breaks, because it is
        not escaped.
        @param boundary The boundary of the parts, a new random one by default.
    */
    CYCLOS_DECL multipart(std::string_view field, std::string_view file_name,
                          std::string_view media_type, std::string boundary = random_boundary());

    /// The value of the `Content-Type` field of the request.
    std::string content_type() const { return "multipart/form-data; boundary=" + boundary_; }

    /// The bytes before the content: the first delimiter and the header fields of the part.
    const std::string& opening() const noexcept { return opening_; }

    /// The bytes after the content: the closing delimiter.
    const std::string& closing() const noexcept { return closing_; }

    /** A boundary with more than 128 random bits.

        No content contains it by accident, and an attacker who supplies the content cannot guess it
        to end the part early.

        @throws cyclos::error if OpenSSL has no random numbers.
    */
    CYCLOS_DECL static std::string random_boundary();

private:
    std::string boundary_;
    std::string opening_;
    std::string closing_;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/request/impl/multipart.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_REQUEST_MULTIPART_HPP
