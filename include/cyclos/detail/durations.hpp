//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_DURATIONS_HPP
#define CYCLOS_DETAIL_DURATIONS_HPP

#include <cyclos/detail/config.hpp>

#include <algorithm>
#include <chrono>

namespace cyclos::inline CYCLOS_ABI::detail {

/// The longest duration. A clock that counts nanoseconds ends after 292 years, so the time now plus this cannot
/// overflow.
inline constexpr std::chrono::hours longest_duration{100 * 365 * 24};

/// What is taken for a duration that a user gives. `milliseconds::max()`, for one, stands for no limit.
template <class Rep, class Period>
constexpr std::chrono::duration<Rep, Period> clamped(std::chrono::duration<Rep, Period> duration) noexcept
{
    using result = std::chrono::duration<Rep, Period>;
    return (std::min)(duration, std::chrono::duration_cast<result>(longest_duration));
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_DURATIONS_HPP
