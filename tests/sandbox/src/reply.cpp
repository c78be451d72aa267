//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "reply.hpp"

#include "text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace cyclos::sandbox {

namespace json = boost::json;

namespace {

reply reply_with_code(unsigned status, std::string_view code, json::object details)
{
    details["code"] = code;
    return json_reply(status, details);
}

} // namespace

reply empty_reply(unsigned status)
{
    return {.status = status};
}

reply json_reply(unsigned status, const json::value& body)
{
    // Names and keys contain any bytes that clients sent, but JSON must be UTF-8.
    return {.status = status,
            .content_type = "application/json",
            .body = content(to_utf8(json::serialize(body)))};
}

reply bad_request(std::string_view message)
{
    return reply_with_code(400, "general", {{"message", message}});
}

reply unauthorized(std::string_view code, json::object details)
{
    return reply_with_code(401, code, std::move(details));
}

reply forbidden(std::string_view code, json::object details)
{
    return reply_with_code(403, code, std::move(details));
}

reply not_found(std::string_view entity_type, std::string_view key)
{
    return json_reply(404, json::object{{"entityType", entity_type}, {"key", key}});
}

reply conflict(std::string_view code)
{
    return reply_with_code(409, code, {});
}

reply input_error(std::string_view code, json::object details)
{
    return reply_with_code(422, code, std::move(details));
}

reply invalid_property(std::string_view property, std::string_view message)
{
    json::object errors;
    errors[property] = json::array{message};
    return input_error("validation", {{"properties", json::array{property}},
                                      {"propertyErrors", std::move(errors)}});
}

} // namespace cyclos::sandbox
