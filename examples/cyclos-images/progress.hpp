//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_PROGRESS_HPP
#define CYCLOS_TOOL_PROGRESS_HPP

#include "live_lines.hpp"
#include "transfer_rate.hpp"

#include <cyclos/http/body_source.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tool {

class progress_bar;

/** The bars of the transfers that run at the same time, on standard error.

    They are drawn ten times a second, also where nothing comes, and not at all where all is over soon.
*/
class progress_display
{
public:
    /// @param shown Whether there are bars at all.
    progress_display(const boost::asio::any_io_executor& executor, bool shown);
    progress_display(const progress_display&) = delete;
    progress_display& operator=(const progress_display&) = delete;
    ~progress_display();

private:
    friend progress_bar;
    using clock = transfer_rate::clock;

    void add(progress_bar& bar);
    void remove(const progress_bar& bar);
    void settle(const std::string& line);
    void wait_until(clock::time_point when);
    void draw();

    boost::asio::steady_timer timer_;
    std::shared_ptr<progress_display*> self_; ///< What the timer's handler may find to be gone.
    bool shown_;
    bool colours_;
    bool drawn_ = false;
    std::vector<progress_bar*> bars_; ///< In the order in which they have begun.
    std::vector<std::string> settled_;
    live_lines lines_;
};

/** One transfer of a display: how far it is, how fast, and how long it will still take.

    Where it is done, its line stays with all of it; where it goes before, nothing is left of it.
*/
class progress_bar
{
public:
    /// @param label What is transferred.
    progress_bar(progress_display& display, const std::string& label);
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;
    ~progress_bar();

    /// How far the transfer has come. Where that is less than before, it has begun anew.
    void update(const cyclos::transfer_progress& now);

    /// It has come to its end.
    void finish();

private:
    friend progress_display;
    using clock = transfer_rate::clock;

    std::string line(clock::time_point now, bool colours);
    std::string last_line(clock::time_point now, bool colours) const;

    progress_display& display_;
    std::string label_;
    cyclos::transfer_progress state_;
    clock::time_point begin_;
    transfer_rate rate_;
};

} // namespace tool

#endif // CYCLOS_TOOL_PROGRESS_HPP
