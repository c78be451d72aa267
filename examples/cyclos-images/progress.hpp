//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_PROGRESS_HPP
#define CYCLOS_TOOL_PROGRESS_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tool {

/** A progress bar on standard error, with rate and remaining time.

    It draws itself when bytes come, at most ten times a second, and not at all for what is quick. It wipes itself
    away when it goes.
*/
class progress_bar
{
public:
    /// @param label What is transferred. @param shown Whether there is a bar at all.
    progress_bar(std::string label, bool shown);
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;
    ~progress_bar();

    /// A transfer begins, perhaps anew.
    void start(std::optional<std::uint64_t> total);

    /// More has been transferred.
    void add(std::uint64_t bytes);

private:
    using clock = std::chrono::steady_clock;

    std::string line(clock::time_point now) const;

    std::string label_;
    bool shown_;
    bool drawn_ = false;
    std::optional<std::uint64_t> total_;
    std::uint64_t bytes_ = 0;
    clock::time_point begin_;
    clock::time_point next_;
};

} // namespace tool

#endif // CYCLOS_TOOL_PROGRESS_HPP
