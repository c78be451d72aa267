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
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Whether the call has a header field of this name.
inline bool has_header(const http::call_terms* terms, std::string_view name)
{
    return terms != nullptr && std::ranges::any_of(terms->headers, [name](const auto& header) {
               return boost::beast::iequals(header.first, name);
           });
}

CYCLOS_DECL std::string make_common_fields(const config& settings, const origin& server,
                                           const http::call_terms* terms)
{
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
    const bool own_user_agent =
        std::ranges::none_of(
            settings.headers,
            [](const auto& header) { return boost::beast::iequals(header.first, "User-Agent"); }) &&
        !has_header(terms, "User-Agent");
    if (own_user_agent && !settings.user_agent.empty()) {
        add("User-Agent", settings.user_agent);
    }
    const bool own_channel = terms == nullptr || terms->channel.empty();
    const std::string& channel = own_channel ? settings.channel : terms->channel;
    if (!channel.empty()) {
        add("Channel", channel);
    }
    for (const auto& [name, value] : settings.headers) {
        if (!has_header(terms, name)) {
            add(name, value);
        }
    }
    if (terms != nullptr) {
        for (const auto& [name, value] : terms->headers) {
            add(name, value);
        }
    }
    return fields;
}

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
        result->headers.clear();
        for (const auto& [name, value] : options.headers) {
            http::require_sendable_header("headers", name, value);
            result->headers.emplace_back(name, value);
        }
    }
    if (!options.channel.empty()) {
        http::require_header_value("channel", options.channel);
        result->channel = options.channel;
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
    return result;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_HANDLE_CONTEXT_IPP
