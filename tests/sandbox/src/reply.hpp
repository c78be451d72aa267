//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_REPLY_HPP
#define CYCLOS_SANDBOX_SRC_REPLY_HPP

#include <cyclos/sandbox/content.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos::sandbox {

/// A response, without the header fields that concern framing and the connection.
struct reply
{
    unsigned status = 200;
    std::string content_type = {}; ///< Empty: the response has none.
    std::vector<std::pair<std::string, std::string>> headers = {};
    content body = {};
    std::uint64_t body_offset = 0;                 ///< The first byte of @ref body to send.
    std::optional<std::uint64_t> body_length = {}; ///< Number of bytes to send; not set: all.
};

/// Thrown by operations to respond with an error.
struct error_reply
{
    sandbox::reply reply = {};
};

reply empty_reply(unsigned status);
reply json_reply(unsigned status, const boost::json::value& body);

// Responses with the error bodies of the API.
reply bad_request(std::string_view message);
reply unauthorized(std::string_view code, boost::json::object details = {});
reply forbidden(std::string_view code, boost::json::object details = {});
reply not_found(std::string_view entity_type, std::string_view key);
reply conflict(std::string_view code);
reply input_error(std::string_view code, boost::json::object details = {});

/// An input error that concerns one property.
reply invalid_property(std::string_view property, std::string_view message);

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_REPLY_HPP
