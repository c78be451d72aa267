//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_TARGET_HPP
#define CYCLOS_DETAIL_HTTP_REQUEST_TARGET_HPP

#include <cyclos/detail/config.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

/// Throws errc::invalid_argument for an argument of an operation.
[[noreturn]] CYCLOS_DECL void reject_argument(std::string_view name, std::string_view problem);

} // namespace detail

/** Builds a request target from percent-encoded path segments and query parameters.

    @code
    target t{"/api"};
    t.literal("marketplace").segment("P-1@demo").literal("images").query("fields", "id");
    // /api/marketplace/P-1%40demo/images?fields=id
    @endcode
*/
class target
{
public:
    /// @param prefix The path of the base URL, percent-encoded, without a trailing slash.
    explicit target(std::string_view prefix)
    {
        text_.reserve(prefix.size() + 64); // most targets need no second allocation
        text_ += prefix;
    }

    /// Appends a segment without encoding it.
    target& literal(std::string_view segment)
    {
        text_ += '/';
        text_ += segment;
        return *this;
    }

    /** Appends a segment that the caller of the library supplies. Percent-encodes all characters
        except the unreserved ones of RFC 3986.

        @param name The name of the segment in the error message.
        @throws cyclos::error with errc::invalid_argument if the segment is empty, `.` or `..`,
        which servers and proxies remove or resolve.
    */
    CYCLOS_DECL target& segment(std::string_view name, std::string_view value);

    /// Appends a query parameter. Percent-encodes all characters of the value except the unreserved
    /// ones, including `+`, which would be decoded as a space.
    CYCLOS_DECL target& query(std::string_view name, std::string_view value);

    const std::string& text() const& noexcept { return text_; }
    std::string&& text() && noexcept { return std::move(text_); }

private:
    std::string text_;
    bool has_query_ = false;
};

/** Checks that a text can be sent as the value of a header field.

    @param name The name of the text in the error message.
    @throws cyclos::error with errc::invalid_argument if it contains a control character other than
    a tab: CR and LF would start another field (header injection).
*/
CYCLOS_DECL void require_header_value(std::string_view name, std::string_view value);

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/request/impl/target.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_REQUEST_TARGET_HPP
