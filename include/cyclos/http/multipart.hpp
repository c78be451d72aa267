//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_MULTIPART_HPP
#define CYCLOS_HTTP_MULTIPART_HPP

#include <cyclos/detail/config.hpp>

#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

/** What stands before and after the one file of a `multipart/form-data` body (RFC 7578).

    Names are escaped as the form-data rules of the WHATWG say: quotes, carriage returns and line feeds become
    `%22`, `%0D` and `%0A`; everything else goes out as it is, in UTF-8.
*/
class multipart
{
public:
    /** Makes the frame for one file.

        @param field The name of the form's field.
        @param file_name The name of the file.
        @param media_type The file's media type. It must hold no line breaks.
        @param boundary What separates the parts; a new random one by default.
    */
    CYCLOS_DECL multipart(std::string_view field, std::string_view file_name, std::string_view media_type,
                          std::string boundary = random_boundary());

    /// The value of the request's `Content-Type` field.
    std::string content_type() const { return "multipart/form-data; boundary=" + boundary_; }

    const std::string& opening() const noexcept { return opening_; }
    const std::string& closing() const noexcept { return closing_; }

    /// More than 128 random bits: no body holds it by accident, and nobody can choose a body that does.
    CYCLOS_DECL static std::string random_boundary();

private:
    std::string boundary_;
    std::string opening_;
    std::string closing_;
};

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/multipart.ipp>
#endif

#endif // CYCLOS_HTTP_MULTIPART_HPP
