//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_ORIGIN_HPP
#define CYCLOS_NET_ORIGIN_HPP

#include <cyclos/detail/config.hpp>

#include <string>

namespace cyclos::inline CYCLOS_ABI::net {

/// Where connections go, and how: scheme, host and port.
class origin
{
public:
    bool tls = true;
    std::string host; ///< Without the brackets of an IPv6 literal.
    std::string port; ///< A number.

    /// Host and port as a `Host` field and the target of `CONNECT` spell them; the port of the scheme may be left out.
    std::string authority(bool with_default_port) const
    {
        std::string text = host.find(':') == std::string::npos ? host : '[' + host + ']';
        if (with_default_port || port != (tls ? "443" : "80")) {
            text += ':' + port;
        }
        return text;
    }

    /// Scheme, host and port, as errors name it.
    std::string to_string() const { return (tls ? "https://" : "http://") + authority(true); }

    friend bool operator==(const origin&, const origin&) = default;
};

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_ORIGIN_HPP
