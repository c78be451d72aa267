//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_HANDLE_CONTEXT_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_HANDLE_CONTEXT_IPP

#include <cyclos/detail/client/handle_context.hpp>

#include <cyclos/detail/base/durations.hpp>
#include <cyclos/detail/http/request/header_rules.hpp>
#include <cyclos/detail/http/request/target.hpp>

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Whether a list of header fields has one of this name.
inline bool has_header(const std::vector<std::pair<std::string, std::string>>& headers,
                       std::string_view name)
{
    return std::ranges::any_of(
        headers, [name](const auto& header) { return boost::beast::iequals(header.first, name); });
}

CYCLOS_DECL std::string make_common_fields(const config& settings, const origin& server,
                                           const http::call_terms* terms)
{
    const http::call_terms none;
    const http::call_terms& call = terms != nullptr ? *terms : none;
    // Encoded content is rejected, so ask the server not to encode it. Apache and Tomcat send
    // Keep-Alive: timeout=N only if the request has the HTTP/1.0 field Connection: keep-alive.
    std::string fields = "Host: " + server.authority(false) +
                         "\r\nConnection: keep-alive\r\nAccept-Encoding: identity\r\n";
    const auto add = [&fields](std::string_view name, std::string_view value) {
        fields += name;
        fields += ": ";
        fields += value;
        fields += "\r\n";
    };
    // Fields of the call replace those of the configuration, and config::headers the other
    // settings.
    for (const header_setting& each : header_settings) {
        const std::string& value = settings.*each.value;
        const bool is_replaced =
            has_header(settings.headers, each.field) || has_header(call.headers, each.field);
        if (!value.empty() && !is_replaced) {
            add(each.field, value);
        }
    }
    for (const auto& [name, value] : settings.headers) {
        if (!has_header(call.headers, name)) {
            add(name, value);
        }
    }
    for (const auto& [name, value] : call.headers) {
        add(name, value);
    }
    return fields;
}

// call_options::channel becomes a header field of the call. Users cannot set it as one.
inline constexpr std::string_view channel_field = "Channel";

inline void require_not_negative_option(std::string_view name, std::chrono::milliseconds value)
{
    if (value.count() < 0) {
        http::detail::reject_argument(name, "is negative");
    }
}

CYCLOS_DECL std::shared_ptr<const http::call_terms> make_terms(const config& settings,
                                                               const origin& server,
                                                               const http::call_terms* terms,
                                                               const call_options& options)
{
    auto result = terms != nullptr ? std::make_shared<http::call_terms>(*terms)
                                   : std::make_shared<http::call_terms>();
    if (options.timeout) {
        require_not_negative_option("timeout", *options.timeout);
        result->timeout = clamped(*options.timeout);
    }
    if (!options.tag.empty()) {
        result->tag = options.tag;
    }
    if (!options.headers.empty()) {
        std::erase_if(result->headers,
                      [](const auto& header) { return header.first != channel_field; });
        for (const auto& [name, value] : options.headers) {
            http::require_sendable_header("headers", name, value);
            result->headers.emplace_back(name, value);
        }
    }
    if (!options.channel.empty()) {
        http::require_header_value("channel", options.channel);
        std::erase_if(result->headers,
                      [](const auto& header) { return header.first == channel_field; });
        result->headers.emplace_back(channel_field, options.channel);
    }
    if (options.retry) {
        visit_retry_durations(*options.retry, require_not_negative_option);
        result->retry = options.retry;
        visit_retry_durations(
            *result->retry,
            [](std::string_view, std::chrono::milliseconds& value) { value = clamped(value); });
    }
    if (options.progress != nullptr) {
        result->progress = *options.progress;
    }
    result->no_wait = result->no_wait || options.no_wait;
    result->common_fields = make_common_fields(settings, server, result.get());
    http::call_terms login;
    std::ranges::copy_if(result->headers, std::back_inserter(login.headers),
                         [](const auto& header) { return header.first != channel_field; });
    result->login_fields = make_common_fields(settings, server, &login);
    return result;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_HANDLE_CONTEXT_IPP
