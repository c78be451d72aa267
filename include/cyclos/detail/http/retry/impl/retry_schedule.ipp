//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RETRY_IMPL_RETRY_SCHEDULE_IPP
#define CYCLOS_DETAIL_HTTP_RETRY_IMPL_RETRY_SCHEDULE_IPP

#include <cyclos/detail/http/retry/retry_schedule.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/rand.h>

#include <algorithm>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

/// A random number from 0 to 1. Clients that failed together must not retry together, so processes
/// must not share a seed.
inline double random_fraction()
{
    std::uint32_t number = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number);
    return number / 4294967295.0;
}

} // namespace detail

CYCLOS_DECL bool is_transient(const error_code& failure) noexcept
{
    if (failure.category() == boost::asio::error::get_ssl_category()) {
        return false; // a handshake that failed fails again
    }
    if (failure.category() == http_status_category()) {
        return failure.value() == 429 || (failure.value() >= 502 && failure.value() <= 504);
    }
    if (failure.category() != error_category()) {
        return true; // of the system, or the end of a TLS stream: the connection failed
    }
    return cyclos::detail::properties_of(static_cast<errc>(failure.value())).transient;
}

CYCLOS_DECL std::chrono::steady_clock::duration back_off(const retry_config& config,
                                                         unsigned earlier)
{
    // The delay is doubled step by step up to its maximum, because the product may overflow.
    constexpr unsigned max_doublings = 63; // more doublings change nothing
    auto ceiling = (std::min)(config.base_delay, config.max_delay);
    for (unsigned n = 0; n < (std::min)(earlier, max_doublings); ++n) {
        ceiling = ceiling < config.max_delay / 2 ? ceiling * 2 : config.max_delay;
    }
    return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        ceiling * detail::random_fraction());
}

CYCLOS_DECL bool retry_budget::spend() noexcept
{
    std::int64_t now = balance_.load(std::memory_order_relaxed);
    while (now >= retry_cost &&
           !balance_.compare_exchange_weak(now, now - retry_cost, std::memory_order_relaxed)) {
    }
    return now >= retry_cost;
}

CYCLOS_DECL std::optional<retry_schedule::duration>
retry_schedule::next_delay(const error_code& failure, sent_state sent)
{
    if (!is_transient(failure) || !(repeatable_ || sent == sent_state::none)) {
        return std::nullopt;
    }
    return next(duration::zero());
}

CYCLOS_DECL std::optional<retry_schedule::duration>
retry_schedule::next_delay(unsigned status, std::optional<std::chrono::seconds> retry_after)
{
    if (!repeatable_ || !is_transient({static_cast<int>(status), http_status_category()})) {
        return std::nullopt;
    }
    if (retry_after && *retry_after > config_.max_retry_after) {
        return std::nullopt;
    }
    return next(retry_after.value_or(std::chrono::seconds::zero()));
}

CYCLOS_DECL std::optional<retry_schedule::duration> retry_schedule::next(duration at_least)
{
    const auto wait = delay(at_least);
    if (!wait || !budget_.spend()) {
        return std::nullopt;
    }
    ++retries_;
    return wait;
}

CYCLOS_DECL std::optional<retry_schedule::duration>
retry_schedule::delay_after_fast_failure(const error_code& failure, time_point now,
                                         time_point pause_end)
{
    const auto wait = is_transient(failure) ? delay(pause_end - now) : std::nullopt;
    retries_ += wait ? 1 : 0;
    return wait;
}

CYCLOS_DECL std::optional<retry_schedule::duration> retry_schedule::delay(duration at_least) const
{
    if (retries_ == config_.max_retries) {
        return std::nullopt;
    }
    const duration wait = (std::max)(at_least, back_off(config_, retries_));
    return wait < end_ - time_point::clock::now() ? std::optional{wait} : std::nullopt;
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RETRY_IMPL_RETRY_SCHEDULE_IPP
