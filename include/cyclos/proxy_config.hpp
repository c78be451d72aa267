//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_PROXY_CONFIG_HPP
#define CYCLOS_PROXY_CONFIG_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/secret.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The protocol of a proxy.
enum class proxy_kind {
    http,   ///< An HTTP proxy that opens a tunnel with `CONNECT`.
    https,  ///< The same over a TLS connection to the proxy.
    socks5, ///< A SOCKS5 proxy, which also resolves the host name of the server.
};

/** A proxy that opens a tunnel to the server. It is not used if the host of the base URL is
    loopback.

    TLS with the server takes place inside the tunnel. For TLS with the proxy (proxy_kind::https),
    the proxy must have a certificate for `host`; the authorities, the verification and the minimum
    version are those of @ref tls_config, while its client certificate and its pins are for the
    server only.
*/
class proxy_config
{
public:
    /// Host name or address; empty: no proxy. An IPv6 address has no brackets, and may have a zone.
    std::string host = {};

    /// Port number, from 1 to 65535. Must be set if the host is.
    std::string port = {};

    /// User name for authentication to the proxy (Basic, or RFC 1929 with SOCKS5); empty: no
    /// authentication. With SOCKS5, at most 255 bytes.
    std::string username = {};

    /// Password for authentication to the proxy. With SOCKS5, at most 255 bytes.
    secret password = {};

    /// The protocol.
    proxy_kind kind = proxy_kind::http;

    /** Parses the URL of a proxy, such as `http://user:password@proxy.example:3128`.

        @param url `[scheme://][user[:password]@]host[:port][/]`. The scheme is `http` (the
        default), `https`, or `socks5h`, for which `socks5` is another name: the proxy resolves the
        host name. User name and password are percent-decoded. The default ports are 80, 443 and
        1080.

        @throws cyclos::error with errc::invalid_config if the URL is malformed. The message does
        not contain the URL.
    */
    CYCLOS_DECL static proxy_config parse(std::string_view url);

    /** The proxy that the environment names for a server.

        The library itself never reads these variables: call this function if you want that.

        - For `https://`: `https_proxy`, or else `HTTPS_PROXY`; for `http://`: only `http_proxy`,
          because in a CGI program the client sets `HTTP_PROXY`; then `all_proxy` and `ALL_PROXY`.
          The value is as for parse(). An empty variable counts as not set.
        - `no_proxy`, or else `NO_PROXY`, lists hosts without a proxy, separated by commas or
          spaces: names, which include all names below them (`example.org`, `.example.org` and
          `*.example.org` are the same), addresses, networks (`10.0.0.0/8`, `2001:db8::/32`), and
          `*` for all. With a port (`example.org:8443`, `[2001:db8::1]:443`), an entry is for this
          port only. Names are not resolved.

        @param base_url The base URL of the API.
        @return No proxy if none is named, or if the host is loopback or in the list.

        @throws cyclos::error with errc::invalid_config if the base URL or the proxy is invalid. The
        details name the variable, and not its value.
    */
    CYCLOS_DECL static proxy_config from_environment(std::string_view base_url);
};

namespace detail {

/// The value of a variable, or nothing if it is not set.
using variable_lookup = std::function<std::optional<std::string>(const char* name)>;

/// The same as proxy_config::from_environment(), with other variables than those of the process.
CYCLOS_DECL proxy_config find_proxy(std::string_view base_url, const variable_lookup& variable);

} // namespace detail

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/config.hpp> // has the definitions, which need its declarations
#endif

#endif // CYCLOS_PROXY_CONFIG_HPP
