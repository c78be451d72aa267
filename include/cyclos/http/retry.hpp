//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_RETRY_HPP
#define CYCLOS_HTTP_RETRY_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/error.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI {

/** Which failures are followed by another attempt, and when.

    Attempts follow where a connection could not be opened or was lost, where the server took too long to begin an
    answer, and where it answered 429, 502, 503 or 504; an upload only where nothing of it was sent, unless
    repeat_uploads says otherwise. A certificate that is not trusted, and anything else, is final.
*/
class retry_config
{
public:
    /// How many attempts may follow the first.
    unsigned max_retries = 0;

    /// The wait before the n-th of them is random, between nothing and 2^(n-1) times this,
    std::chrono::milliseconds base_delay{200};

    /// but no more than this.
    std::chrono::milliseconds max_delay{10'000};

    /// What the server may ask for with `Retry-After`. Where it asks for more, there is no other attempt.
    std::chrono::milliseconds max_retry_after{60'000};

    /// How many attempts all of the client may add to its requests, as a part of them: 0.2 is a fifth. Ten are granted
    /// in advance, or as many as a single request brings. So a server that is in trouble does not get into more.
    double budget = 0.2;

    /** An upload may be repeated although some of it was sent, where its source can be rewound. A server that had taken
        it after all, and whose answer was lost, stores the image twice then. */
    bool repeat_uploads = false;
};

namespace http {

/// Whether the same request may fare better on another connection, or later. Statuses are codes of @ref
/// status_category.
CYCLOS_DECL bool is_transient(const error_code& failure) noexcept;

/// How long to wait before another attempt, behind so many that followed the first.
CYCLOS_DECL std::chrono::steady_clock::duration back_off(const retry_config& config, unsigned earlier);

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
class retries
{
public:
    using duration = std::chrono::steady_clock::duration;
    using time_point = std::chrono::steady_clock::time_point;

    /// @param repeatable Whether the request may be sent again although it was sent.
    /// @param end When all has to have ended: an attempt that would begin later does not follow, and costs nothing.
    retries(const retry_config& config, retry_budget& budget, bool repeatable, time_point end = (time_point::max)())
        : config_(config)
        , budget_(budget)
        , repeatable_(repeatable)
        , end_(end)
    {}

    /// How long to wait before there is another attempt after this failure; nothing: there is none.
    CYCLOS_DECL std::optional<duration> after(const error_code& failure, sent_state sent);

    /// The same for a request that got no connection, because the server cannot be reached, until the given time. The
    /// server has had no work with it, so the budget is left alone.
    CYCLOS_DECL std::optional<duration> after_refusal(const error_code& failure, time_point now, time_point pause_end);

    /// The same, after an answer. @param wish What the server asks for with `Retry-After`.
    CYCLOS_DECL std::optional<duration> after(unsigned status, std::optional<std::chrono::seconds> wish);

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
} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/retry.ipp>
#endif

#endif // CYCLOS_HTTP_RETRY_HPP
