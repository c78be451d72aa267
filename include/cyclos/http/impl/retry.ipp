//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_RETRY_IPP
#define CYCLOS_HTTP_IMPL_RETRY_IPP

#include <cyclos/http/retry.hpp>

#include <cyclos/http/retry_after.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/rand.h>

#include <algorithm>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

/// Whether the same request may fare better on another connection, or later.
inline bool may_pass(const error_code& failure)
{
    if (failure.category() == boost::asio::error::get_ssl_category()) {
        return false; // what the two cannot agree on today, they cannot in a second
    }
    if (failure.category() != error_category()) {
        return true; // of the system, or the end of a TLS stream: the connection failed
    }
    switch (static_cast<errc>(failure.value())) {
    case errc::resolve_timeout:
    case errc::connect_timeout:
    case errc::handshake_timeout:
    case errc::first_byte_timeout:
    case errc::connection_lost: return true;
    default: return false;
    }
}

/// From 0 to 1. Clients that fail together must not come back together, so not even their processes may be alike.
inline double random_part()
{
    std::uint32_t number = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number);
    return number / 4294967295.0;
}

} // namespace detail

CYCLOS_DECL bool retry_budget::spend() noexcept
{
    std::int64_t now = balance_.load(std::memory_order_relaxed);
    while (now >= unit && !balance_.compare_exchange_weak(now, now - unit, std::memory_order_relaxed)) {
    }
    return now >= unit;
}

CYCLOS_DECL std::optional<retries::duration> retries::after(const error_code& failure, sent_state sent)
{
    if (!detail::may_pass(failure) || !(repeatable_ || sent == sent_state::no)) {
        return std::nullopt;
    }
    return next(duration::zero());
}

CYCLOS_DECL std::optional<retries::duration> retries::after(unsigned status, std::string_view retry_after)
{
    if (!repeatable_ || !(status == 429 || (status >= 502 && status <= 504))) {
        return std::nullopt;
    }
    const auto wish = parse_retry_after(retry_after, std::chrono::system_clock::now());
    if (wish && *wish > config_.max_retry_after) {
        return std::nullopt;
    }
    return next(wish.value_or(std::chrono::seconds::zero()));
}

CYCLOS_DECL std::optional<retries::duration> retries::next(duration at_least)
{
    if (done_ == config_.max_retries || !budget_.spend()) {
        return std::nullopt;
    }
    return delay(at_least);
}

CYCLOS_DECL std::optional<retries::duration> retries::after_refusal(const error_code& failure, time_point now,
                                                                    time_point pause_end)
{
    if (!detail::may_pass(failure) || done_ == config_.max_retries) {
        return std::nullopt;
    }
    return delay(pause_end - now);
}

CYCLOS_DECL retries::duration retries::delay(duration at_least)
{
    const auto ceiling = std::min<duration>(config_.max_delay, config_.base_delay * (1U << (std::min)(done_, 20U)));
    ++done_;
    const auto mine = std::chrono::duration_cast<duration>(ceiling * detail::random_part());
    return (std::max)(at_least, mine);
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_RETRY_IPP
