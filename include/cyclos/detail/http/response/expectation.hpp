//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_EXPECTATION_HPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_EXPECTATION_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/response/response.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/// How exchange() treats a successful response (2xx).
class expectation
{
public:
    /// If set, the body is read as a whole, up to this limit; 0 if there must be no body. If not
    /// set, the caller reads the body.
    std::optional<std::uint64_t> body_limit = {};

    /** Decides by the status and the header section whether a 2xx response is the success that the
        operation expects. Returns an empty string if it is, and the reason otherwise. Null: every
        2xx is expected.

        A rejected response fails the exchange with errc::unexpected_response before its body is
        read, and without a retry. */
    std::string (*rejection_reason)(const response& head) = nullptr;

    /// Whether failures are retried as the retry_config specifies.
    bool retry = true;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_EXPECTATION_HPP
