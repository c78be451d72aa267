//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_CONFIG_IPP
#define CYCLOS_DETAIL_IMPL_CONFIG_IPP

#include <cyclos/config.hpp>

#include <cyclos/detail/base/durations.hpp>
#include <cyclos/detail/base/file_queue.hpp>
#include <cyclos/detail/http/request/header_rules.hpp>
#include <cyclos/detail/http/request/target.hpp>
#include <cyclos/detail/net/authority.hpp>
#include <cyclos/error.hpp>

#include <boost/beast/core/string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

[[noreturn]] inline void reject_config(errc code, std::string reason)
{
    error_context context;
    context.detail = std::move(reason);
    throw error(code, std::move(context));
}

inline void require_not_negative(std::string_view name, std::chrono::milliseconds value)
{
    if (value.count() < 0) {
        reject_config(errc::invalid_config, std::string{name} + ": is negative");
    }
}

/// Whether a path segment is `.` or `..`, percent-encoded or not.
inline bool is_dot_segment(std::string_view encoded)
{
    std::size_t dots = 0;
    for (; !encoded.empty(); ++dots) {
        if (encoded.front() == '.') {
            encoded.remove_prefix(1);
        }
        else if (encoded.starts_with("%2e") || encoded.starts_with("%2E")) {
            encoded.remove_prefix(3);
        }
        else {
            return false;
        }
    }
    return dots == 1 || dots == 2;
}

inline bool has_dot_segment(std::string_view encoded_path)
{
    while (!encoded_path.empty()) {
        const std::size_t end = (std::min)(encoded_path.find('/'), encoded_path.size());
        if (is_dot_segment(encoded_path.substr(0, end))) {
            return true;
        }
        encoded_path.remove_prefix((std::min)(end + 1, encoded_path.size()));
    }
    return false;
}

} // namespace detail

CYCLOS_DECL base_url parse_base_url(std::string_view url)
{
    const auto reject = [](std::string reason) {
        detail::reject_config(errc::invalid_config, "base_url: " + std::move(reason));
    };
    if (url.empty()) {
        reject("is empty");
    }
    const net::url_parts parts = net::split_url(url);
    base_url result;
    result.origin.tls = boost::beast::iequals(parts.scheme, "https://");
    if (parts.scheme.empty()) {
        reject("is no absolute URL, such as https://host/api");
    }
    if (!result.origin.tls && !boost::beast::iequals(parts.scheme, "http://")) {
        reject("the scheme has to be https or http");
    }
    if (auto problem = net::parse_authority(parts.authority, result.origin); !problem.empty()) {
        reject(std::move(problem));
    }
    // Boost.URL parses the rest, with a placeholder host: its versions differ on hosts.
    const std::string text = "https://host" + std::string{parts.rest};
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) {
        reject("the path holds a character that a URL may not have there");
    }
    if (parsed->has_query() || parsed->has_fragment()) {
        reject("has a query or a fragment");
    }
    const std::string_view path{parsed->encoded_path().data(), parsed->encoded_path().size()};
    // Servers and proxies disagree on how to resolve such a segment.
    if (detail::has_dot_segment(path)) {
        reject("the path has a segment that is . or ..");
    }
    result.path = path;
    while (result.path.ends_with('/')) {
        result.path.pop_back();
    }
    return result;
}

CYCLOS_DECL bool is_loopback(std::string_view host)
{
    const auto address = net::parse_address(host);
    return address ? address->is_loopback() : boost::beast::iequals(host, "localhost");
}

namespace detail {

/// A timeout, and its name in errors.
struct named_timeout
{
    std::string_view name;
    std::chrono::milliseconds timeout_config::* value;
};

inline constexpr named_timeout named_timeouts[] = {
    {"timeouts.acquire", &timeout_config::acquire},
    {"timeouts.resolve", &timeout_config::resolve},
    {"timeouts.connect", &timeout_config::connect},
    {"timeouts.handshake", &timeout_config::handshake},
    {"timeouts.response_header", &timeout_config::response_header},
    {"timeouts.inactivity", &timeout_config::inactivity},
    {"timeouts.source", &timeout_config::source},
    {"timeouts.provider", &timeout_config::provider},
    {"timeouts.total", &timeout_config::total},
};
static_assert(std::size(named_timeouts) * sizeof(std::chrono::milliseconds) ==
                  sizeof(timeout_config),
              "each timeout has a line in the table above");

/// Visits every duration of a configuration with its name.
template <class Config, class Visitor>
void for_each_duration(Config& settings, Visitor visit)
{
    visit("pool.idle_timeout", settings.pool.idle_timeout);
    visit("pool.max_age", settings.pool.max_age);
    visit("pool.tcp_keep_alive", settings.pool.tcp_keep_alive);
    for (const named_timeout& each : named_timeouts) {
        visit(each.name, settings.timeouts.*each.value);
    }
    visit("uploads.continue_timeout", settings.uploads.continue_timeout);
    visit_retry_durations(settings.retry, visit);
}

} // namespace detail

CYCLOS_DECL void validate(const config& settings)
{
    const base_url base = parse_base_url(settings.base_url);
    if (!base.origin.tls && !settings.allow_plain_http && !is_loopback(base.origin.host)) {
        detail::reject_config(errc::insecure_transport, "base_url: " + base.origin.to_string());
    }
    try {
        for (const detail::header_setting& each : detail::header_settings) {
            http::require_header_value(each.name, settings.*each.value);
        }
        for (const auto& [name, value] : settings.headers) {
            http::require_sendable_header("headers", name, value);
        }
    }
    catch (const error& e) { // of an argument: here it is the configuration that is invalid
        detail::reject_config(errc::invalid_config, e.context().detail);
    }
    if (!base.origin.tls && !settings.tls.pinned_public_keys.empty()) {
        detail::reject_config(errc::invalid_config,
                              "tls.pinned_public_keys: the base URL is not https");
    }
    if (settings.pool.max_connections == 0) {
        detail::reject_config(errc::invalid_config, "pool.max_connections: is 0");
    }
    if (settings.shards == 0 || settings.shards > settings.pool.max_connections) {
        detail::reject_config(errc::invalid_config,
                              "shards: is 0, or more than pool.max_connections");
    }
    if (settings.serial_executor && settings.shards > 1) {
        detail::reject_config(errc::invalid_config, "shards: a serial executor has one");
    }
    if (settings.pool.min_connections > settings.pool.max_connections) {
        detail::reject_config(errc::invalid_config,
                              "pool.min_connections: is more than pool.max_connections");
    }
    if (settings.file_threads == 0 || settings.file_threads > detail::file_queue::max_threads) {
        detail::reject_config(errc::invalid_config, "file_threads: is 0, or more than 64");
    }
    if (settings.max_header_size < 1024) {
        detail::reject_config(errc::invalid_config, "max_header_size: is less than 1024");
    }
    if (!(settings.retry_budget >= 0)) {
        detail::reject_config(errc::invalid_config, "retry_budget: is negative");
    }
    if (settings.proxy.host.empty() != settings.proxy.port.empty()) {
        detail::reject_config(errc::invalid_config, "proxy: host and port go together");
    }
    if (!settings.proxy.host.empty()) {
        // Unlike in a URL, an IPv6 address may have a zone, and must not have brackets.
        const bool is_address = net::parse_address(settings.proxy.host).has_value();
        const std::string host = is_address ? "address" : settings.proxy.host;
        cyclos::origin ignored;
        std::string problem = net::parse_authority(host + ':' + settings.proxy.port, ignored);
        if (host.starts_with('[')) {
            problem = "the host stands in brackets";
        }
        // SOCKS5 has one byte for each of these lengths.
        constexpr std::size_t socks_limit = 255;
        if (settings.proxy.kind == proxy_kind::socks5 &&
            (settings.proxy.username.size() > socks_limit ||
             settings.proxy.password.view().size() > socks_limit ||
             base.origin.host.size() > socks_limit)) {
            problem = "SOCKS5 allows 255 bytes for the user name, the password and the host";
        }
        if (!problem.empty()) {
            detail::reject_config(errc::invalid_config, "proxy: " + std::move(problem));
        }
    }
    for (const resolve_override& each : settings.resolve) {
        const auto is_address = [](const std::string& text) {
            return net::parse_address(text).has_value();
        };
        cyclos::origin ignored;
        std::string problem = net::parse_authority(each.host + ':' + each.port, ignored);
        if (each.port.empty() || each.addresses.empty() ||
            !std::ranges::all_of(each.addresses, is_address)) {
            problem = "needs a host, a port, and addresses";
        }
        if (!problem.empty()) {
            detail::reject_config(errc::invalid_config, "resolve: " + std::move(problem));
        }
    }
    detail::for_each_duration(settings, detail::require_not_negative);
}

namespace detail {

CYCLOS_DECL config validated(config settings)
{
    validate(settings);
    for_each_duration(settings, [](std::string_view, std::chrono::milliseconds& value) {
        value = clamped(value);
    });
    return settings;
}

} // namespace detail

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_CONFIG_IPP
