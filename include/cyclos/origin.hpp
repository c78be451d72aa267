//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_ORIGIN_HPP
#define CYCLOS_ORIGIN_HPP

#include <cyclos/detail/config.hpp>

#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The origin of a URL: scheme, host and port.
class origin
{
public:
    bool tls = true;  ///< Whether the scheme is `https`, rather than `http`.
    std::string host; ///< Host name, or an address without brackets.
    std::string port; ///< Port number.

    /** Host and port, as in the `Host` header field and in the target of `CONNECT`.

        @param with_default_port Whether to include the port even if it is the default one of the
        scheme.
    */
    std::string authority(bool with_default_port) const
    {
        std::string text = host.find(':') == std::string::npos ? host : '[' + host + ']';
        if (with_default_port || port != (tls ? "443" : "80")) {
            text += ':' + port;
        }
        return text;
    }

    /// Scheme, host and port, such as `https://example.org:443`.
    std::string to_string() const { return (tls ? "https://" : "http://") + authority(true); }

    friend bool operator==(const origin&, const origin&) = default;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_ORIGIN_HPP
