//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CLOSE_REASON_HPP
#define CYCLOS_CLOSE_REASON_HPP

#include <cyclos/detail/config.hpp>

#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// Why a connection left the pool.
enum class close_reason {
    idle,      ///< It reached the idle timeout, of the configuration or of the server.
    age,       ///< It reached pool_config::max_age.
    requests,  ///< It reached pool_config::max_requests.
    peer,      ///< While it was idle, the peer closed it or sent unsolicited data.
    broken,    ///< Its last exchange did not end cleanly, or the peer asked to close it.
    replaced,  ///< It made room for another connection of the pool or of another shard.
    shutdown,  ///< The pool was shut down.
    requested, ///< client::close_idle_connections() was called.
};

/// The name of a close reason, for logs and metrics.
constexpr std::string_view to_string(close_reason reason) noexcept
{
    switch (reason) {
    case close_reason::idle: return "idle";
    case close_reason::age: return "age";
    case close_reason::requests: return "requests";
    case close_reason::peer: return "peer";
    case close_reason::broken: return "broken";
    case close_reason::replaced: return "replaced";
    case close_reason::shutdown: return "shutdown";
    case close_reason::requested: return "requested";
    }
    return "unknown";
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_CLOSE_REASON_HPP
