//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_PROGRESS_HPP
#define CYCLOS_TOOL_PROGRESS_HPP

#include <cyclos/http/body_source.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

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

    /// How far the transfer has come. Where that is less than before, it has begun anew.
    void update(const cyclos::transfer_progress& now);

private:
    using clock = std::chrono::steady_clock;

    std::string line(clock::time_point now) const;

    std::string label_;
    bool shown_;
    bool drawn_ = false;
    cyclos::transfer_progress state_;
    clock::time_point begin_;
    clock::time_point next_;
};

/// Several transfers with one bar for all of them.
class shared_progress
{
public:
    shared_progress(progress_bar& bar, std::size_t transfers)
        : bar_(bar)
        , each_(transfers)
    {}

    void update(std::size_t which, const cyclos::transfer_progress& now);

private:
    progress_bar& bar_;
    std::vector<cyclos::transfer_progress> each_;
};

} // namespace tool

#endif // CYCLOS_TOOL_PROGRESS_HPP
