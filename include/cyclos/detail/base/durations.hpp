//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_DURATIONS_HPP
#define CYCLOS_DETAIL_BASE_DURATIONS_HPP

#include <cyclos/detail/config.hpp>

#include <algorithm>
#include <chrono>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// The longest duration in use. A steady_clock that counts nanoseconds overflows after 292 years,
/// so the current time plus this duration cannot overflow.
inline constexpr std::chrono::hours longest_duration{100 * 365 * 24};

/// Limits a duration that was configured by the user to @ref longest_duration. Users write
/// `milliseconds::max()` for "no limit".
template <class Rep, class Period>
constexpr std::chrono::duration<Rep, Period>
clamped(std::chrono::duration<Rep, Period> duration) noexcept
{
    using result = std::chrono::duration<Rep, Period>;
    return (std::min)(duration, std::chrono::duration_cast<result>(longest_duration));
}

/// Visits every duration of a retry_config with its name.
template <class Retry, class Visitor>
void visit_retry_durations(Retry& retry, Visitor visit)
{
    visit("retry.base_delay", retry.base_delay);
    visit("retry.max_delay", retry.max_delay);
    visit("retry.max_retry_after", retry.max_retry_after);
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_DURATIONS_HPP
