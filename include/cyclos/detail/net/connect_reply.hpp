//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_CONNECT_REPLY_HPP
#define CYCLOS_DETAIL_NET_CONNECT_REPLY_HPP

#include <cyclos/detail/config.hpp>

#include <cstddef>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/// The response of a proxy to a `CONNECT` request, as far as it has been received.
class connect_reply
{
public:
    enum class verdict {
        incomplete,  ///< The header section is not complete.
        established, ///< 2xx: the bytes that follow are from the server.
        refused,     ///< Another status.
        /// Not HTTP/1.1, or a line without CR LF: its end would never be found.
        malformed,
    };

    verdict outcome = verdict::incomplete;
    /// The status line of the final response, as received; empty if there is none.
    std::string_view status_line = {};
    std::size_t size = 0; ///< The size of the header section.
};

/// Parses the response, skipping interim responses (1xx).
CYCLOS_DECL connect_reply read_connect_reply(std::string_view input);

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/net/impl/connect_reply.ipp>
#endif

#endif // CYCLOS_DETAIL_NET_CONNECT_REPLY_HPP
