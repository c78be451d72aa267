//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_RETRY_CONFIG_HPP
#define CYCLOS_RETRY_CONFIG_HPP

#include <cyclos/detail/config.hpp>

#include <chrono>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** Retries and back-off: which failures are retried, and when.

    A request is retried if a connection could not be opened or was lost, if the server took too
    long to begin a response, and if the response has the status 429, 502, 503 or 504. An upload is
    retried only if nothing of it was sent, unless @ref retry_uploads is set. Everything else is
    final, an untrusted certificate included.

    One retry is always on: if a reused connection turns out to be dead before any response byte
    arrives, the request is sent again on a new connection. An upload is sent again only if nothing
    of it was sent.

    A retry also needs the retry budget of the client: config::retry_budget.
*/
class retry_config
{
public:
    /// Maximum number of retries per request, in addition to the first attempt; 0: no retries.
    unsigned max_retries = 0;

    /// Exponential back-off with full jitter: the delay before the n-th retry is random, from zero
    /// to 2^(n-1) times this value, limited by @ref max_delay.
    std::chrono::milliseconds base_delay{200};

    /// Upper limit of the back-off delay.
    std::chrono::milliseconds max_delay{10'000};

    /// Longest `Retry-After` to wait for. If the server asks for more, there is no retry.
    std::chrono::milliseconds max_retry_after{60'000};

    /** Retries uploads although part of them was sent, if their source can be rewound.

        @warning An upload is not idempotent: if the server had stored the image and only its
        response was lost, the image is stored twice. */
    bool retry_uploads = false;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_RETRY_CONFIG_HPP
