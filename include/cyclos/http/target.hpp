//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_TARGET_HPP
#define CYCLOS_HTTP_TARGET_HPP

#include <cyclos/detail/config.hpp>

#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

/// Throws errc::invalid_argument for an argument of an operation.
[[noreturn]] CYCLOS_DECL void refuse(std::string_view name, std::string_view why);

} // namespace detail

/** Builds the target of a request: a path of percent-encoded segments, and a query.

    @code
    target t{"/api"};
    t.literal("marketplace").segment("P-1@demo").literal("images").query("fields", "id");
    // /api/marketplace/P-1%40demo/images?fields=id
    @endcode
*/
class target
{
public:
    /// @param prefix The path of the base URL, encoded, without a slash at its end.
    explicit target(std::string_view prefix)
    {
        text_.reserve(prefix.size() + 64); // enough for most
        text_ += prefix;
    }

    /// Appends a segment that needs no encoding.
    target& literal(std::string_view segment)
    {
        text_ += '/';
        text_ += segment;
        return *this;
    }

    /** Appends a segment from outside. All but the unreserved characters of RFC 3986 is encoded.

        @param name What the segment is called in an error.
        @throws cyclos::error with errc::invalid_argument where the segment is empty, `.` or `..`: servers and
        proxies take those for something else.
    */
    CYCLOS_DECL target& segment(std::string_view name, std::string_view value);

    /// Appends a parameter. All but the unreserved characters of its value is encoded, a `+` too.
    CYCLOS_DECL target& query(std::string_view name, std::string_view value);

    const std::string& text() const& noexcept { return text_; }
    std::string&& text() && noexcept { return std::move(text_); }

private:
    std::string text_;
    bool has_query_ = false;
};

/** Throws errc::invalid_argument where a text that reaches a header could end that header.

    @param name What the text is called in the error.
*/
CYCLOS_DECL void require_header_value(std::string_view name, std::string_view value);

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/target.ipp>
#endif

#endif // CYCLOS_HTTP_TARGET_HPP
