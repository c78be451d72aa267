//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "response_head.hpp"

#include "text.hpp"

#include <boost/beast/http/status.hpp>

#include <chrono>

namespace cyclos::sandbox {

std::string response_head(const reply& response, bool keep_alive, const options& opts,
                          const misbehaviour* script)
{
    std::string head;
    head.reserve(512);
    head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    if (script && !script->reason.empty())
        head.append(script->reason);
    else
        head.append(std::string_view(boost::beast::http::obsolete_reason(
            boost::beast::http::int_to_status(response.status))));
    head.append("\r\n");

    const auto add = [&](std::string_view name, std::string_view value) {
        const auto is_same = [name](const std::string& other) { return iequals(other, name); };
        if (!script || std::ranges::none_of(script->omit_headers, is_same))
            head.append(name).append(": ").append(value).append("\r\n");
    };
    add("Server", "cyclos-sandbox");
    if (!response.content_type.empty())
        add("Content-Type", response.content_type);
    for (const auto& [name, value] : response.headers)
        add(name, value);
    const auto body_framing = script ? script->framing : framing::content_length;
    if (has_body(response.status) && body_framing == framing::content_length)
        add("Content-Length", std::to_string(response.body_length.value_or(response.body.size())));
    else if (has_body(response.status) && body_framing == framing::chunked)
        add("Transfer-Encoding", "chunked");
    if (!keep_alive)
        add("Connection", "close");
    else if (opts.announce_keep_alive)
        add("Keep-Alive",
            "timeout=" +
                std::to_string(std::chrono::ceil<std::chrono::seconds>(opts.idle_timeout).count()));
    if (script) {
        for (const auto& [name, value] : script->headers)
            head.append(name).append(": ").append(value).append("\r\n");
        head.append(script->raw_headers);
    }
    head.append("\r\n");
    return head;
}

} // namespace cyclos::sandbox
