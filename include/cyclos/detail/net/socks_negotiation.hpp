//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_SOCKS_NEGOTIATION_HPP
#define CYCLOS_DETAIL_NET_SOCKS_NEGOTIATION_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/secret.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** Negotiates a connection through a SOCKS5 proxy (RFC 1928), with user name and password if there
    are any (RFC 1929). A state machine without I/O.

    The caller sends request(), passes what it receives to process() until this changes the state,
    and repeats both until the state is established or failed. Any violation of the protocol is a
    failure.
*/
class socks_negotiation
{
public:
    enum class state {
        choosing_method, ///< The proxy has to choose the method of authentication.
        authenticating,  ///< The proxy has to check user name and password.
        connecting,      ///< The proxy has to connect to the server.
        established,     ///< The bytes that follow are from the server.
        failed,          ///< See failure().
    };

    /// @param host A host name, which the proxy resolves, or an address; at most 255 characters.
    /// @param username At most 255 characters, as the password. Empty: no authentication.
    CYCLOS_DECL socks_negotiation(std::string host, std::uint16_t port, std::string username,
                                  secret password);

    state current() const noexcept { return state_; }

    /// The bytes to send in the current state.
    CYCLOS_DECL cyclos::detail::wiped_bytes request() const;

    /** Processes the reply to the request.

        @param input The bytes that were received and not consumed yet.
        @return The number of bytes consumed. If it is zero and the state is the same, the reply is
        not complete.
    */
    CYCLOS_DECL std::size_t process(std::string_view input);

    /// A description of the failure, in the state `failed`.
    const std::string& failure() const noexcept { return failure_; }

private:
    CYCLOS_DECL std::size_t process_method(std::string_view input);
    CYCLOS_DECL std::size_t process_authentication(std::string_view input);
    CYCLOS_DECL std::size_t process_connection(std::string_view input);
    CYCLOS_DECL std::size_t fail(std::string reason);

    std::string host_;
    std::uint16_t port_;
    std::string username_;
    secret password_;
    state state_ = state::choosing_method;
    std::string failure_;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/socks_negotiation.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_SOCKS_NEGOTIATION_HPP
