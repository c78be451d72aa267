//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "progress.hpp"

#include "terminal.hpp"
#include "text.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

namespace tool {
namespace {

constexpr std::chrono::milliseconds initial_delay{300};
constexpr std::chrono::milliseconds redraw_interval{100};
constexpr std::size_t longest_bar = 30;
constexpr std::size_t shortest_bar = 8;
constexpr std::size_t label_width = 20;
constexpr double longest_time = 100 * 3600; // in seconds; a longer estimate is not credible

/// A progress bar. @param fraction Between 0 and 1. @return Empty if it does not fit the width.
std::string bar(double fraction, std::size_t max_width, bool colours)
{
    const std::size_t width = std::min(max_width, longest_bar + 2);
    if (width < shortest_bar + 2) {
        return {};
    }
    const auto filled = static_cast<std::size_t>(fraction * static_cast<double>(width - 2));
    const std::string done(filled, '#');
    return '[' + (colours ? coloured(colour::green, done) : done) +
           std::string(width - 2 - filled, '-') + ']';
}

std::string right_aligned(const std::string& text, std::size_t width)
{
    return std::string(width - std::min(display_width(text), width), ' ') + text;
}

/// The figures next to a progress bar, the most important first. Each has a fixed width, so that
/// the bars do not move.
struct figures
{
    std::string percent = {};
    std::string size = {};
    std::string rate = {};
    std::string time = {};

    /// As many figures as fit into the width.
    std::string fit_into(std::size_t width) const
    {
        std::string text;
        for (const std::string& figure : {right_aligned(percent, 4), right_aligned(size, 10),
                                          right_aligned(rate, 12), padded(time, 12)}) {
            const std::size_t taken =
                display_width(text) + (text.empty() ? 0 : 1) + display_width(figure);
            if (taken > width) {
                break;
            }
            text += (text.empty() ? "" : " ") + figure;
        }
        return text;
    }
};

std::string progress_line(const std::string& label, std::optional<double> fraction, figures values,
                          bool colours)
{
    const std::size_t width = live_lines::width();
    const std::size_t name = std::min(label_width, width / 3);
    std::string line = padded(truncated(label, name), name) + ' ';
    if (fraction) {
        values.percent = std::to_string(static_cast<int>(*fraction * 100)) + '%';
    }
    const std::string text = values.fit_into(width - std::min(display_width(line), width));
    const std::size_t taken = display_width(line) + 1 + display_width(text);
    const std::string drawn_bar =
        fraction && taken < width ? bar(*fraction, width - taken, colours) : std::string{};
    return line + drawn_bar + (drawn_bar.empty() ? "" : " ") + text;
}

std::string rate_text(double bytes_per_second)
{
    return human_size(static_cast<std::uint64_t>(bytes_per_second)) + "/s";
}

} // namespace

progress_display::progress_display(const boost::asio::any_io_executor& executor, bool enabled)
    : timer_(executor)
    , self_(std::make_shared<progress_display*>(this))
    , enabled_(enabled)
    , colours_(enable_colours(standard_stream::error))
{
    if (enabled_) {
        schedule_draw(clock::now() + initial_delay);
    }
}

progress_display::~progress_display()
{
    *self_ = nullptr; // the handler of the timer may already be queued
    if (drawn_) {
        lines_.replace(finished_lines_, {});
    }
}

void progress_display::add(progress_bar& bar)
{
    bars_.push_back(&bar);
}

void progress_display::remove(const progress_bar& bar)
{
    std::erase(bars_, &bar);
}

void progress_display::add_finished_line(const std::string& line)
{
    if (enabled_) {
        finished_lines_.push_back(line);
    }
}

void progress_display::schedule_draw(clock::time_point time)
{
    timer_.expires_at(time);
    timer_.async_wait([self = self_](const boost::system::error_code&) {
        if (progress_display* const display = *self) {
            display->draw();
            display->schedule_draw(clock::now() + redraw_interval);
        }
    });
}

void progress_display::draw()
{
    const auto now = clock::now();
    std::vector<std::string> lines;
    for (progress_bar* bar : bars_) {
        std::string line = bar->line(now, colours_);
        if (lines.size() < live_lines::height()) {
            lines.push_back(std::move(line));
        }
    }
    lines_.replace(finished_lines_, lines);
    finished_lines_.clear();
    drawn_ = true;
}

progress_bar::progress_bar(progress_display& display, const std::string& label)
    : display_(display)
    , label_(printable(label))
    , begin_(clock::now())
    , rate_(begin_)
{
    display_.add(*this);
}

progress_bar::~progress_bar()
{
    display_.remove(*this);
}

void progress_bar::update(const cyclos::transfer_progress& progress)
{
    if (progress.bytes < state_.bytes) {
        begin_ = clock::now();
        rate_ = transfer_rate{begin_};
    }
    state_ = progress;
}

void progress_bar::finish()
{
    display_.remove(*this);
    display_.add_finished_line(last_line(clock::now(), display_.colours_));
}

std::string progress_bar::line(clock::time_point now, bool colours)
{
    rate_.sample(state_.bytes, now);
    const double rate = rate_.bytes_per_second();
    figures values{.size = human_size(state_.bytes), .rate = rate_text(rate)};
    std::optional<double> fraction;
    if (state_.total && *state_.total > 0) {
        fraction =
            std::min(1.0, static_cast<double>(state_.bytes) / static_cast<double>(*state_.total));
        const double left = (1 - *fraction) * static_cast<double>(*state_.total) / rate;
        if (state_.bytes >= *state_.total) {
            values.time = "waiting"; // for the response
        }
        else if (rate >= 1 && left < longest_time) {
            values.time =
                human_time(std::chrono::seconds{static_cast<long long>(std::ceil(left))}) + " left";
        }
    }
    return progress_line(label_, fraction, std::move(values), colours);
}

std::string progress_bar::last_line(clock::time_point now, bool colours) const
{
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double rate = seconds > 0 ? static_cast<double>(state_.bytes) / seconds : 0;
    figures values{.size = human_size(state_.bytes), .rate = rate_text(rate)};
    values.time = human_time(std::chrono::seconds{static_cast<long long>(seconds)});
    return progress_line(label_, 1.0, std::move(values), colours);
}

} // namespace tool
