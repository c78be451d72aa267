//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_REQUEST_HPP
#define CYCLOS_SANDBOX_SRC_REQUEST_HPP

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::sandbox {

/// The request line and the header section of a request, and the address of the client.
struct request
{
    boost::beast::http::verb method = boost::beast::http::verb::unknown;
    std::string_view target = {};
    const boost::beast::http::fields& headers;
    bool has_body = false;
    std::optional<std::uint64_t> content_length = {};
    std::string remote_address = {};

    /// Returns the value of a header field, or an empty string if there is none.
    /// @throws error_reply with status 400 if there is more than one.
    std::string_view header(boost::beast::http::field name) const;
    std::string_view header(std::string_view name) const;

    bool has_header(boost::beast::http::field name) const
    {
        return headers.find(name) != headers.end();
    }
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_REQUEST_HPP
