//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_LOGIN_RECORDS_HPP
#define CYCLOS_TESTS_LOGIN_RECORDS_HPP

#include <cyclos/sandbox/server.hpp>

#include <algorithm>
#include <cstdint>

namespace cyclos::test {

/// The number of logins among the recorded requests of a server.
inline std::uint64_t logins(const sandbox::server& server)
{
    const auto all = server.requests();
    return static_cast<std::uint64_t>(
        std::ranges::count_if(all, [](const sandbox::request_record& r) {
            return r.method() == "POST" &&
                   r.target().find("/auth/session") != std::string_view::npos;
        }));
}

/// The number of requests with this status.
inline std::uint64_t answered(const sandbox::server& server, unsigned status)
{
    const auto all = server.requests();
    return static_cast<std::uint64_t>(std::ranges::count_if(
        all, [=](const sandbox::request_record& r) { return r.status == status; }));
}

} // namespace cyclos::test

#endif // CYCLOS_TESTS_LOGIN_RECORDS_HPP
