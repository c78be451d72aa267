//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_CONNECT_REPLY_HPP
#define CYCLOS_NET_CONNECT_REPLY_HPP

#include <cyclos/detail/config.hpp>

#include <cstddef>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::net {

/// What a proxy has answered to a `CONNECT`, as far as it has come.
class connect_reply
{
public:
    enum class verdict {
        incomplete,  ///< The end of the head is still to come.
        established, ///< 2xx: what follows is of the server.
        refused,     ///< Another status.
        malformed,   ///< No HTTP/1.1, or a line that does not end with CR LF. To wait for its end would take for ever.
    };

    verdict outcome = verdict::incomplete;
    std::string_view status_line = {}; ///< Of the final response, as the proxy said it, where there is one.
    std::size_t size = 0;              ///< Bytes until the end of its head.
};

/// Reads it, and skips interim responses (1xx) before it.
CYCLOS_DECL connect_reply read_connect_reply(std::string_view input);

} // namespace cyclos::inline CYCLOS_ABI::net

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/connect_reply.ipp>
#endif

#endif // CYCLOS_NET_CONNECT_REPLY_HPP
