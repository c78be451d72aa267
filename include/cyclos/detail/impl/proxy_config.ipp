//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_PROXY_CONFIG_IPP
#define CYCLOS_DETAIL_IMPL_PROXY_CONFIG_IPP

#include <cyclos/proxy_config.hpp>

#include <cyclos/config.hpp>
#include <cyclos/detail/base/whole_number.hpp>
#include <cyclos/detail/net/authority.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

[[noreturn]] inline void reject_proxy(std::string reason)
{
    error_context context;
    context.detail = std::move(reason);
    throw error(errc::invalid_config, std::move(context));
}

/// Decodes a percent-encoded text.
inline wiped_bytes percent_decoded(std::string_view text)
{
    wiped_bytes decoded;
    while (!text.empty()) {
        std::size_t size = 1;
        unsigned char byte = static_cast<unsigned char>(text.front());
        if (byte == '%') {
            size = 3;
            const std::string_view digits = text.substr(1, 2);
            const char* const end = digits.data() + digits.size();
            if (digits.size() != 2 || std::from_chars(digits.data(), end, byte, 16).ptr != end) {
                reject_proxy("proxy: a percent sign stands for itself only as %25");
            }
        }
        decoded.push_back(static_cast<char>(byte));
        text.remove_prefix(size);
    }
    return decoded;
}

template <std::size_t Size>
bool has_prefix(const std::array<unsigned char, Size>& address,
                const std::array<unsigned char, Size>& network, std::size_t bits)
{
    if (bits > 8 * Size) {
        return false;
    }
    const std::size_t whole = bits / 8;
    const auto whole_end = address.begin() + static_cast<std::ptrdiff_t>(whole);
    if (!std::equal(address.begin(), whole_end, network.begin())) {
        return false;
    }
    const unsigned rest = static_cast<unsigned>(bits % 8);
    return rest == 0 || (address[whole] >> (8 - rest)) == (network[whole] >> (8 - rest));
}

/// Whether an address is in a network such as `10.0.0.0/8`.
inline bool is_in_network(const boost::asio::ip::address& address, std::string_view network)
{
    const std::size_t slash = network.find('/');
    const auto base = net::parse_address(network.substr(0, slash));
    const auto bits = whole_number<std::size_t>(network.substr(slash + 1));
    if (!base || !bits || base->is_v4() != address.is_v4()) {
        return false;
    }
    return address.is_v4()
               ? has_prefix(address.to_v4().to_bytes(), base->to_v4().to_bytes(), *bits)
               : has_prefix(address.to_v6().to_bytes(), base->to_v6().to_bytes(), *bits);
}

inline std::string_view without_final_dot(std::string_view name)
{
    return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

/// Whether a host has this name, or is below it.
inline bool is_in_domain(std::string_view host, std::string_view domain)
{
    if (domain.starts_with("*.")) {
        domain.remove_prefix(1);
    }
    if (domain.starts_with('.')) {
        domain.remove_prefix(1);
    }
    host = without_final_dot(host);
    domain = without_final_dot(domain);
    if (domain.empty() || host.size() < domain.size()) {
        return false;
    }
    const std::size_t before = host.size() - domain.size();
    return boost::beast::iequals(host.substr(before), domain) &&
           (before == 0 || host[before - 1] == '.');
}

/// Whether an entry of `NO_PROXY` is for this server.
inline bool is_listed(std::string_view entry, const origin& server)
{
    if (entry == "*") {
        return true;
    }
    std::string_view host = entry;
    std::string_view port;
    if (entry.starts_with('[')) {
        const std::size_t end = entry.find(']');
        if (end == std::string_view::npos) {
            return false;
        }
        host = entry.substr(1, end - 1);
        port = entry.substr(end + 1);
    }
    else if (std::ranges::count(entry, ':') == 1) {
        host = entry.substr(0, entry.find(':'));
        port = entry.substr(host.size());
    }
    if (!port.empty() && (port.front() != ':' || whole_number<std::uint16_t>(port.substr(1)) !=
                                                     whole_number<std::uint16_t>(server.port))) {
        return false;
    }
    if (const auto address = net::parse_address(server.host)) {
        return host.find('/') != host.npos ? is_in_network(*address, host)
                                           : net::parse_address(host) == address;
    }
    return is_in_domain(server.host, host);
}

inline bool is_without_proxy(std::string_view list, const origin& server)
{
    while (!list.empty()) {
        const std::size_t end = (std::min)(list.find_first_of(", \t"), list.size());
        if (end > 0 && is_listed(list.substr(0, end), server)) {
            return true;
        }
        list.remove_prefix((std::min)(end + 1, list.size()));
    }
    return false;
}

inline proxy_kind kind_of_scheme(std::string_view scheme)
{
    using boost::beast::iequals;
    if (iequals(scheme, "https://")) {
        return proxy_kind::https;
    }
    if (iequals(scheme, "socks5h://") || iequals(scheme, "socks5://")) {
        return proxy_kind::socks5;
    }
    if (!scheme.empty() && !iequals(scheme, "http://")) {
        reject_proxy("proxy: the scheme must be http, https or socks5h");
    }
    return proxy_kind::http;
}

CYCLOS_DECL proxy_config find_proxy(std::string_view base_url, const variable_lookup& variable)
{
    const origin server = parse_base_url(base_url).origin;
    if (is_loopback(server.host)) {
        return {};
    }
    for (const char* const name : {"no_proxy", "NO_PROXY"}) {
        const auto list = variable(name);
        if (list && !list->empty()) {
            if (is_without_proxy(*list, server)) {
                return {};
            }
            break;
        }
    }
    for (const char* const name :
         {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"}) {
        const bool for_https = boost::beast::iequals(name, "https_proxy");
        const bool for_http = std::string_view{name} == "http_proxy";
        const auto value =
            (for_https && !server.tls) || (for_http && server.tls) ? std::nullopt : variable(name);
        if (value && !value->empty()) {
            try {
                return proxy_config::parse(*value);
            }
            catch (const error& e) {
                reject_proxy(std::string{name} + ": " + e.context().detail);
            }
        }
    }
    return {};
}

} // namespace detail

CYCLOS_DECL proxy_config proxy_config::parse(std::string_view url)
{
    net::url_parts parts = net::split_url(url);
    if (parts.scheme.empty()) {
        parts.authority = url.substr(0, url.find_first_of("/?#"));
        parts.rest = url.substr(parts.authority.size());
    }
    if (!parts.rest.empty() && parts.rest != "/") {
        detail::reject_proxy("proxy: has a path, a query or a fragment");
    }
    proxy_config result;
    cyclos::origin address;
    result.kind = detail::kind_of_scheme(parts.scheme);
    address.tls = result.kind == proxy_kind::https; // selects the default port
    const std::size_t at = parts.authority.rfind('@');
    if (at != parts.authority.npos) {
        const std::string_view user = parts.authority.substr(0, at);
        const std::size_t colon = (std::min)(user.find(':'), user.size());
        const auto name = detail::percent_decoded(user.substr(0, colon));
        const auto password =
            detail::percent_decoded(user.substr((std::min)(colon + 1, user.size())));
        result.username.assign(name.begin(), name.end());
        result.password = std::string_view{password.data(), password.size()};
        parts.authority.remove_prefix(at + 1);
    }
    if (std::string problem = net::parse_authority(parts.authority, address); !problem.empty()) {
        detail::reject_proxy("proxy: " + std::move(problem));
    }
    result.host = std::move(address.host);
    const bool has_port = !parts.authority.ends_with(']') && !parts.authority.ends_with(':') &&
                          parts.authority.find(':') != parts.authority.npos;
    result.port = !has_port && result.kind == proxy_kind::socks5 ? "1080" : std::move(address.port);
    return result;
}

CYCLOS_DECL proxy_config proxy_config::from_environment(std::string_view base_url)
{
    return detail::find_proxy(base_url, [](const char* name) {
#if defined(_WIN32)
        // Names have no case there, and in a CGI program the client sets HTTP_PROXY.
        if (std::string_view{name} == "http_proxy" && std::getenv("REQUEST_METHOD") != nullptr) {
            return std::optional<std::string>{};
        }
#endif
        const char* const value = std::getenv(name);
        return value != nullptr ? std::optional<std::string>{value} : std::nullopt;
    });
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_PROXY_CONFIG_IPP
