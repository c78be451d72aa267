//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_RESOLVE_OVERRIDE_HPP
#define CYCLOS_RESOLVE_OVERRIDE_HPP

#include <cyclos/detail/config.hpp>

#include <string>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The addresses of a host, which replace the name look-up, as `curl --resolve`.
class resolve_override
{
public:
    std::string host;                   ///< Host name, of the server or of the proxy.
    std::string port;                   ///< Port number.
    std::vector<std::string> addresses; ///< At least one. IPv6 addresses have no brackets.
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_RESOLVE_OVERRIDE_HPP
