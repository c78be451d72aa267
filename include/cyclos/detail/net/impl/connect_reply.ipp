//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_CONNECT_REPLY_IPP
#define CYCLOS_DETAIL_NET_IMPL_CONNECT_REPLY_IPP

#include <cyclos/detail/net/connect_reply.hpp>

#include <algorithm>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

/// The first digit of the status code, or a null character if the line is not a status line.
inline char status_class(std::string_view line)
{
    constexpr std::string_view version = "HTTP/1.";
    constexpr std::size_t status = std::string_view{"HTTP/1.1 "}.size();
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool is_valid = line.starts_with(version) && line.size() >= status + 3 &&
                          line[status - 1] == ' ' &&
                          std::ranges::all_of(line.substr(status, 3), is_digit) &&
                          (line.size() == status + 3 || line[status + 3] == ' ');
    return is_valid ? line[status] : '\0';
}

} // namespace detail

CYCLOS_DECL connect_reply read_connect_reply(std::string_view input)
{
    constexpr std::string_view version = "HTTP/1.";
    connect_reply reply;
    for (;;) {
        const std::string_view header = input.substr(reply.size);
        const std::size_t end = (std::min)(header.find("\r\n\r\n"), header.size());
        for (std::size_t at = header.find('\n'); at < end; at = header.find('\n', at + 1)) {
            if (at == 0 || header[at - 1] != '\r') {
                reply.outcome = connect_reply::verdict::malformed;
                return reply;
            }
        }
        const std::size_t line_end = header.find("\r\n");
        const std::string_view line = header.substr(0, line_end);
        const char status_class = line_end == header.npos ? '\0' : detail::status_class(line);
        const bool is_valid_start = line_end == header.npos
                                        ? version.starts_with(header.substr(0, version.size()))
                                        : status_class != '\0';
        if (!is_valid_start) {
            reply.outcome = connect_reply::verdict::malformed;
            return reply;
        }
        if (end == header.size()) {
            return reply; // incomplete
        }
        reply.size += end + 4;
        if (status_class != '1') {
            reply.status_line = line;
            reply.outcome = status_class == '2' ? connect_reply::verdict::established
                                                : connect_reply::verdict::refused;
            return reply;
        }
    }
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_CONNECT_REPLY_IPP
