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

/// Whether the same request may fare better on another connection, or later. Statuses are codes of
/// @ref http_status_category.
CYCLOS_DECL bool is_transient(const error_code& failure) noexcept;

/// How long to wait before another attempt, behind so many that followed the first.
CYCLOS_DECL std::chrono::steady_clock::duration back_off(const retry_config& config,
                                                         unsigned earlier);

/// What a client may spend on further attempts. Any thread may use it.
class retry_budget
{
public:
    explicit retry_budget(double part) noexcept
        : gain_(static_cast<std::int64_t>((std::min)(part, 1e9) * unit)) // infinity is a budget too
        , most_((std::max)(gain_, 10 * unit))
        , balance_(most_)
    {}

    /// A request was made.
    void earn() noexcept
    {
        if (balance_.load(std::memory_order_relaxed) < most_) {
            balance_.fetch_add(gain_, std::memory_order_relaxed);
        }
    }

    /// Whether another attempt can be paid for, which it is then.
    CYCLOS_DECL bool spend() noexcept;

private:
    static constexpr std::int64_t unit = 1000;

    std::int64_t gain_;
    std::int64_t most_; // that is saved up: earn() may add once more to what is just below
    std::atomic<std::int64_t> balance_;
};

/// The attempts of one request.
class retry_schedule
{
public:
    using duration = std::chrono::steady_clock::duration;
    using time_point = std::chrono::steady_clock::time_point;

    /// @param repeatable Whether the request may be sent again although it was sent.
    /// @param end When all has to have ended: an attempt that would begin later does not follow,
    /// and costs nothing.
    retry_schedule(const retry_config& config, retry_budget& budget, bool repeatable,
                   time_point end = (time_point::max)())
        : config_(config)
        , budget_(budget)
        , repeatable_(repeatable)
        , end_(end)
    {}

    /// How long to wait before there is another attempt after this failure; nothing: there is none.
    CYCLOS_DECL std::optional<duration> next_delay(const error_code& failure, sent_state sent);

    /// The same for a request that got no connection, because the server cannot be reached, until
    /// the given time. The server has had no work with it, so the budget is left alone.
    CYCLOS_DECL std::optional<duration>
    delay_after_fast_failure(const error_code& failure, time_point now, time_point pause_end);

    /// The same, after an answer. @param wish What the server asks for with `Retry-After`.
    CYCLOS_DECL std::optional<duration> next_delay(unsigned status,
                                                   std::optional<std::chrono::seconds> wish);

private:
    CYCLOS_DECL std::optional<duration> next(duration at_least);
    CYCLOS_DECL std::optional<duration> delay(duration at_least) const;

    const retry_config& config_;
    retry_budget& budget_;
    bool repeatable_;
    time_point end_;
    unsigned done_ = 0;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/retry/impl/retry_schedule.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_RETRY_RETRY_SCHEDULE_HPP
