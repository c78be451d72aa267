//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RETRY_RETRY_SCHEDULE_HPP
#define CYCLOS_DETAIL_HTTP_RETRY_RETRY_SCHEDULE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>
#include <cyclos/retry_config.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace http {

/// Whether the same request may succeed over another connection or later. An HTTP status is a code
/// of @ref http_status_category.
CYCLOS_DECL bool is_transient(const error_code& failure) noexcept;

/// The random delay before a retry (exponential back-off with full jitter).
/// @param earlier The number of retries before it.
CYCLOS_DECL std::chrono::steady_clock::duration back_off(const retry_config& config,
                                                         unsigned earlier);

/// The retry budget that all requests of a client share. Any thread may use it.
class retry_budget
{
public:
    /// @param share Retries as a share of the requests; may be infinite.
    explicit retry_budget(double share) noexcept
        : gain_(static_cast<std::int64_t>((std::min)(share, 1e9) * retry_cost))
        , max_balance_((std::max)(gain_, 10 * retry_cost)) // ten retries in a row are possible
        , balance_(max_balance_)
    {}

    /// Adds the share of one request.
    void earn() noexcept
    {
        if (balance_.load(std::memory_order_relaxed) < max_balance_) {
            balance_.fetch_add(gain_, std::memory_order_relaxed);
        }
    }

    /// Pays for a retry. @return Whether the balance was sufficient.
    CYCLOS_DECL bool spend() noexcept;

private:
    static constexpr std::int64_t retry_cost = 1000;

    std::int64_t gain_;        // of one request
    std::int64_t max_balance_; // earn() stops there; the balance may exceed it by one gain
    std::atomic<std::int64_t> balance_;
};

/// Decides when a request is retried, and counts its retries.
class retry_schedule
{
public:
    using duration = std::chrono::steady_clock::duration;
    using time_point = std::chrono::steady_clock::time_point;

    /// @param repeatable The request may be sent again although the server may have received it.
    /// @param end The deadline of the operation. A retry that would begin later does not take
    /// place, and costs no budget.
    retry_schedule(const retry_config& config, retry_budget& budget, bool repeatable,
                   time_point end = (time_point::max)())
        : config_(config)
        , budget_(budget)
        , repeatable_(repeatable)
        , end_(end)
    {}

    /// The delay before a retry after this failure; nothing if there is no retry.
    CYCLOS_DECL std::optional<duration> next_delay(const error_code& failure, sent_state sent);

    /// The delay if the pool failed fast: at least until the end of its pause. The server had no
    /// work with the request, so the budget is not charged.
    CYCLOS_DECL std::optional<duration>
    delay_after_fast_failure(const error_code& failure, time_point now, time_point pause_end);

    /// The delay after a response. @param retry_after The delay in its `Retry-After`.
    CYCLOS_DECL std::optional<duration> next_delay(unsigned status,
                                                   std::optional<std::chrono::seconds> retry_after);

private:
    CYCLOS_DECL std::optional<duration> next(duration at_least);
    CYCLOS_DECL std::optional<duration> delay(duration at_least) const;

    const retry_config& config_;
    retry_budget& budget_;
    bool repeatable_;
    time_point end_;
    unsigned retries_ = 0;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/retry/impl/retry_schedule.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_RETRY_RETRY_SCHEDULE_HPP
