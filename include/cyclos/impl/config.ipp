//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_CONFIG_IPP
#define CYCLOS_IMPL_CONFIG_IPP

#include <cyclos/config.hpp>

#include <cyclos/detail/durations.hpp>
#include <cyclos/detail/file_queue.hpp>
#include <cyclos/http/target.hpp>
#include <cyclos/net/authority.hpp>
#include <cyclos/net/error.hpp>

#include <boost/beast/core/string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

[[noreturn]] inline void refuse_config(errc code, std::string why)
{
    error_context where;
    where.detail = std::move(why);
    throw error(code, std::move(where));
}

inline void require_not_negative(std::string_view name, std::chrono::milliseconds value)
{
    if (value.count() < 0) {
        refuse_config(errc::invalid_config, std::string{name} + ": is negative");
    }
}

/// Whether a segment of a path is `.` or `..`, encoded or not.
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
    const auto refuse = [](std::string why) {
        detail::refuse_config(errc::invalid_config, "base_url: " + std::move(why));
    };
    if (url.empty()) {
        refuse("is empty");
    }
    const net::url_parts parts = net::divide_url(url);
    base_url result;
    result.origin.tls = boost::beast::iequals(parts.scheme, "https://");
    if (parts.scheme.empty()) {
        refuse("is no absolute URL, such as https://host/api");
    }
    if (!result.origin.tls && !boost::beast::iequals(parts.scheme, "http://")) {
        refuse("the scheme has to be https or http");
    }
    if (auto problem = net::read_authority(parts.authority, result.origin); !problem.empty()) {
        refuse(std::move(problem));
    }
    // What is left is for Boost.URL, with a host that all of its versions read in the same way.
    const std::string text = "https://host" + std::string{parts.rest};
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) {
        refuse("the path holds a character that a URL may not have there");
    }
    if (parsed->has_query() || parsed->has_fragment()) {
        refuse("has a query or a fragment");
    }
    const std::string_view path{parsed->encoded_path().data(), parsed->encoded_path().size()};
    // Servers and proxies do not agree on what is asked for, then.
    if (detail::has_dot_segment(path)) {
        refuse("the path has a segment that is . or ..");
    }
    result.path = path;
    while (result.path.ends_with('/')) {
        result.path.pop_back();
    }
    return result;
}

CYCLOS_DECL bool is_loopback(std::string_view host)
{
    const auto address = net::read_address(host);
    return address ? address->is_loopback() : boost::beast::iequals(host, "localhost");
}

namespace detail {

/// Every duration of a configuration, by its name. One that is added has to be here.
template <class Config, class Visitor>
void for_each_duration(Config& settings, Visitor visit)
{
    visit("pool.idle_timeout", settings.pool.idle_timeout);
    visit("pool.max_age", settings.pool.max_age);
    visit("timeouts.acquire", settings.timeouts.acquire);
    visit("timeouts.resolve", settings.timeouts.resolve);
    visit("timeouts.connect", settings.timeouts.connect);
    visit("timeouts.handshake", settings.timeouts.handshake);
    visit("timeouts.first_byte", settings.timeouts.first_byte);
    visit("timeouts.stall", settings.timeouts.stall);
    visit("timeouts.source", settings.timeouts.source);
    visit("timeouts.provider", settings.timeouts.provider);
    visit("timeouts.total", settings.timeouts.total);
    visit("uploads.continue_timeout", settings.uploads.continue_timeout);
    visit("retry.base_delay", settings.retry.base_delay);
    visit("retry.max_delay", settings.retry.max_delay);
    visit("retry.max_retry_after", settings.retry.max_retry_after);
}

} // namespace detail

CYCLOS_DECL void validate(const config& settings)
{
    const base_url base = parse_base_url(settings.base_url);
    if (!base.origin.tls && !settings.allow_plain_http && !is_loopback(base.origin.host)) {
        detail::refuse_config(errc::insecure_transport, "base_url: " + base.origin.to_string());
    }
    try {
        http::require_header_value("channel", settings.channel);
        http::require_header_value("user_agent", settings.user_agent);
    }
    catch (const error& refused) {
        detail::refuse_config(errc::invalid_config, refused.context().detail);
    }
    if (settings.pool.max_connections == 0) {
        detail::refuse_config(errc::invalid_config, "pool.max_connections: is 0");
    }
    if (settings.shards == 0 || settings.shards > settings.pool.max_connections) {
        detail::refuse_config(errc::invalid_config, "shards: is 0, or more than pool.max_connections");
    }
    if (settings.serial_executor && settings.shards > 1) {
        detail::refuse_config(errc::invalid_config, "shards: a serial executor has one");
    }
    if (settings.pool.min_connections > settings.pool.max_connections) {
        detail::refuse_config(errc::invalid_config, "pool.min_connections: is more than pool.max_connections");
    }
    if (settings.file_threads == 0 || settings.file_threads > detail::file_queue::most_threads) {
        detail::refuse_config(errc::invalid_config, "file_threads: is 0, or more than 64");
    }
    if (settings.max_head_size < 1024) {
        detail::refuse_config(errc::invalid_config, "max_head_size: is less than 1024");
    }
    if (!(settings.retry.budget >= 0)) {
        detail::refuse_config(errc::invalid_config, "retry.budget: is negative");
    }
    if (settings.proxy.host.empty() != settings.proxy.port.empty()) {
        detail::refuse_config(errc::invalid_config, "proxy: host and port go together");
    }
    if (!settings.proxy.host.empty()) {
        // An IPv6 address may have a zone here, and has no brackets.
        const bool is_address = net::read_address(settings.proxy.host).has_value();
        const std::string host = is_address ? "address" : settings.proxy.host;
        net::origin read;
        std::string problem = net::read_authority(host + ':' + settings.proxy.port, read);
        if (host.starts_with('[')) {
            problem = "the host stands in brackets";
        }
        if (!problem.empty()) {
            detail::refuse_config(errc::invalid_config, "proxy: " + std::move(problem));
        }
    }
    detail::for_each_duration(settings, detail::require_not_negative);
}

namespace detail {

CYCLOS_DECL config validated(config settings)
{
    validate(settings);
    for_each_duration(settings, [](std::string_view, std::chrono::milliseconds& value) { value = clamped(value); });
    return settings;
}

} // namespace detail

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_IMPL_CONFIG_IPP
