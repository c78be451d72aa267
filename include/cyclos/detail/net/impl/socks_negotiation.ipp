//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_SOCKS_NEGOTIATION_IPP
#define CYCLOS_DETAIL_NET_IMPL_SOCKS_NEGOTIATION_IPP

#include <cyclos/detail/net/socks_negotiation.hpp>

#include <cyclos/detail/net/authority.hpp>

#include <array>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

// RFC 1928 and RFC 1929.
inline constexpr unsigned char socks_version = 5;
inline constexpr unsigned char socks_authentication_version = 1;
inline constexpr unsigned char socks_no_authentication = 0;
inline constexpr unsigned char socks_username_password = 2;
inline constexpr unsigned char socks_no_acceptable_method = 0xFF;
inline constexpr unsigned char socks_command_connect = 1;
inline constexpr unsigned char socks_ipv4 = 1;
inline constexpr unsigned char socks_domain_name = 3;
inline constexpr unsigned char socks_ipv6 = 4;

inline unsigned char byte_at(std::string_view text, std::size_t index)
{
    return static_cast<unsigned char>(text[index]);
}

inline std::string describe_socks_reply(unsigned char code)
{
    static constexpr std::array<std::string_view, 8> texts{"general failure",
                                                           "the connection is not allowed",
                                                           "the network is unreachable",
                                                           "the host is unreachable",
                                                           "the connection was refused",
                                                           "the time to live has expired",
                                                           "the command is not supported",
                                                           "the type of address is not supported"};
    return "the proxy said: " +
           (code <= texts.size() ? std::string{texts[code - 1U]} : "error " + std::to_string(code));
}

} // namespace detail

CYCLOS_DECL socks_negotiation::socks_negotiation(std::string host, std::uint16_t port,
                                                 std::string username, secret password)
    : host_(std::move(host))
    , port_(port)
    , username_(std::move(username))
    , password_(std::move(password))
{}

CYCLOS_DECL cyclos::detail::wiped_bytes socks_negotiation::request() const
{
    cyclos::detail::wiped_bytes bytes;
    const auto add_byte = [&](std::size_t value) { bytes.push_back(static_cast<char>(value)); };
    const auto add = [&](const auto& text) {
        for (const auto c : text) {
            bytes.push_back(static_cast<char>(c));
        }
    };
    switch (state_) {
    case state::choosing_method:
        add_byte(detail::socks_version);
        add_byte(username_.empty() ? 1 : 2); // the number of methods
        add_byte(detail::socks_no_authentication);
        if (!username_.empty()) {
            add_byte(detail::socks_username_password);
        }
        break;
    case state::authenticating:
        add_byte(detail::socks_authentication_version);
        add_byte(username_.size());
        add(username_);
        add_byte(password_.view().size());
        add(password_.view());
        break;
    case state::connecting:
        add_byte(detail::socks_version);
        add_byte(detail::socks_command_connect);
        add_byte(0);
        if (const auto address = parse_address(host_); !address) {
            add_byte(detail::socks_domain_name);
            add_byte(host_.size());
            add(host_);
        }
        else if (address->is_v4()) {
            add_byte(detail::socks_ipv4);
            add(address->to_v4().to_bytes());
        }
        else {
            add_byte(detail::socks_ipv6);
            add(address->to_v6().to_bytes());
        }
        add_byte(port_ / 256U);
        add_byte(port_ % 256U);
        break;
    case state::established:
    case state::failed: break;
    }
    return bytes;
}

CYCLOS_DECL std::size_t socks_negotiation::process(std::string_view input)
{
    switch (state_) {
    case state::choosing_method: return process_method(input);
    case state::authenticating: return process_authentication(input);
    case state::connecting: return process_connection(input);
    case state::established:
    case state::failed: break;
    }
    return 0;
}

CYCLOS_DECL std::size_t socks_negotiation::fail(std::string reason)
{
    failure_ = std::move(reason);
    state_ = state::failed;
    return 0;
}

CYCLOS_DECL std::size_t socks_negotiation::process_method(std::string_view input)
{
    if (!input.empty() && detail::byte_at(input, 0) != detail::socks_version) {
        return fail("the proxy does not speak SOCKS5");
    }
    if (input.size() < 2) {
        return 0;
    }
    const unsigned char method = detail::byte_at(input, 1);
    if (method == detail::socks_no_authentication) {
        state_ = state::connecting;
    }
    else if (method == detail::socks_username_password && !username_.empty()) {
        state_ = state::authenticating;
    }
    else if (method == detail::socks_no_acceptable_method) {
        return fail(username_.empty() ? "the proxy requires authentication"
                                      : "the proxy accepts no user name and password");
    }
    else {
        return fail("the proxy chose a method of authentication that was not offered");
    }
    return 2;
}

CYCLOS_DECL std::size_t socks_negotiation::process_authentication(std::string_view input)
{
    if (!input.empty() && detail::byte_at(input, 0) != detail::socks_authentication_version) {
        return fail("the proxy does not speak the version of authentication that it chose");
    }
    if (input.size() < 2) {
        return 0;
    }
    if (detail::byte_at(input, 1) != 0) {
        return fail("the proxy rejected the user name or the password");
    }
    state_ = state::connecting;
    return 2;
}

CYCLOS_DECL std::size_t socks_negotiation::process_connection(std::string_view input)
{
    if (!input.empty() && detail::byte_at(input, 0) != detail::socks_version) {
        return fail("the proxy does not speak SOCKS5");
    }
    if (input.size() >= 2 && detail::byte_at(input, 1) != 0) {
        return fail(detail::describe_socks_reply(detail::byte_at(input, 1)));
    }
    if (input.size() >= 3 && detail::byte_at(input, 2) != 0) {
        return fail("the reply of the proxy is malformed");
    }
    // Version, reply, reserved, type of address; then the address and the port of the proxy's
    // connection, which do not matter.
    std::size_t size = 4 + 2;
    if (input.size() >= 4) {
        switch (detail::byte_at(input, 3)) {
        case detail::socks_ipv4: size += 4; break;
        case detail::socks_ipv6: size += 16; break;
        case detail::socks_domain_name:
            size += 1 + (input.size() >= 5 ? std::size_t{detail::byte_at(input, 4)} : 0);
            break;
        default: return fail("the reply of the proxy is malformed");
        }
    }
    if (input.size() < size) {
        return 0;
    }
    state_ = state::established;
    return size;
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_SOCKS_NEGOTIATION_IPP
