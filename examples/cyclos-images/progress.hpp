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

#include <cyclos/progress.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tool {

class progress_bar;

/** Shows progress bars of concurrent transfers on standard error.

    The bars are redrawn ten times a second, also if no bytes are transferred. They are not shown
    at all if the transfers are complete within 300 milliseconds.
*/
class progress_display
{
public:
    /// @param enabled False: show nothing.
    progress_display(const boost::asio::any_io_executor& executor, bool enabled);
    progress_display(const progress_display&) = delete;
    progress_display& operator=(const progress_display&) = delete;
    ~progress_display();

private:
    friend progress_bar;
    using clock = transfer_rate::clock;

    void add(progress_bar& bar);
    void remove(const progress_bar& bar);
    void add_finished_line(const std::string& line);
    void schedule_draw(clock::time_point time);
    void draw();

    boost::asio::steady_timer timer_;
    std::shared_ptr<progress_display*> self_; ///< Null after destruction, for the timer's handler.
    bool enabled_;
    bool colours_;
    bool drawn_ = false;
    std::vector<progress_bar*> bars_; ///< In the order of their creation.
    std::vector<std::string> finished_lines_;
    live_lines lines_;
};

/** The progress bar of one transfer, with its rate and the remaining time.

    After finish(), a line with the total remains on the terminal. If the bar is destroyed before,
    nothing remains.
*/
class progress_bar
{
public:
    /// @param label The name of the file, or of the image.
    progress_bar(progress_display& display, const std::string& label);
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;
    ~progress_bar();

    /// Sets the number of bytes. If it is less than before, the transfer has been restarted.
    void update(const cyclos::transfer_progress& progress);

    /// Must be called when the transfer is complete.
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
