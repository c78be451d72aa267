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

constexpr std::chrono::milliseconds quick{300};
constexpr std::chrono::milliseconds interval{100};
constexpr std::size_t longest_bar = 30;
constexpr std::size_t shortest_bar = 8;
constexpr std::size_t label_width = 20;
constexpr double longest_time = 100 * 3600; // seconds; nobody believes more

/// A part of the whole as a bar; nothing where there is no room for one.
std::string bar(double part, std::size_t room, bool colours)
{
    const std::size_t width = std::min(room, longest_bar + 2);
    if (width < shortest_bar + 2) {
        return {};
    }
    const auto filled = static_cast<std::size_t>(part * static_cast<double>(width - 2));
    const std::string done(filled, '#');
    return '[' + (colours ? painted(colour::green, done) : done) + std::string(width - 2 - filled, '-') + ']';
}

std::string right(const std::string& text, std::size_t width)
{
    return std::string(width - std::min(columns(text), width), ' ') + text;
}

/// What is told of a transfer, the most important first. Each has a width of its own, lest the bars dance.
struct figures
{
    std::string percent = {};
    std::string size = {};
    std::string rate = {};
    std::string time = {};

    /// As many of them as there is room for.
    std::string in(std::size_t room) const
    {
        std::string text;
        for (const std::string& each : {right(percent, 4), right(size, 10), right(rate, 12), padded(time, 12)}) {
            const std::size_t taken = columns(text) + (text.empty() ? 0 : 1) + columns(each);
            if (taken > room) {
                break;
            }
            text += (text.empty() ? "" : " ") + each;
        }
        return text;
    }
};

std::string arranged(const std::string& label, std::optional<double> part, figures told, bool colours)
{
    const std::size_t width = live_lines::width();
    const std::size_t name = std::min(label_width, width / 3);
    std::string line = padded(shortened(label, name), name) + ' ';
    if (part) {
        told.percent = std::to_string(static_cast<int>(*part * 100)) + '%';
    }
    const std::string text = told.in(width - std::min(columns(line), width));
    const std::size_t taken = columns(line) + 1 + columns(text);
    const std::string picture = part && taken < width ? bar(*part, width - taken, colours) : std::string{};
    return line + picture + (picture.empty() ? "" : " ") + text;
}

std::string rate_text(double bytes_per_second)
{
    return human_size(static_cast<std::uint64_t>(bytes_per_second)) + "/s";
}

} // namespace

progress_display::progress_display(const boost::asio::any_io_executor& executor, bool shown)
    : timer_(executor)
    , self_(std::make_shared<progress_display*>(this))
    , shown_(shown)
    , colours_(takes_colours(standard::error))
{
    if (shown_) {
        wait_until(clock::now() + quick);
    }
}

progress_display::~progress_display()
{
    *self_ = nullptr; // the timer may have expired, with its handler on the way
    if (drawn_) {
        lines_.replace(settled_, {});
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

void progress_display::settle(const std::string& line)
{
    if (shown_) {
        settled_.push_back(line);
    }
}

void progress_display::wait_until(clock::time_point when)
{
    timer_.expires_at(when);
    timer_.async_wait([self = self_](const boost::system::error_code&) {
        if (progress_display* const display = *self) {
            display->draw();
            display->wait_until(clock::now() + interval);
        }
    });
}

void progress_display::draw()
{
    const auto now = clock::now();
    std::vector<std::string> lines;
    for (progress_bar* each : bars_) {
        std::string line = each->line(now, colours_);
        if (lines.size() < live_lines::height()) {
            lines.push_back(std::move(line));
        }
    }
    lines_.replace(settled_, lines);
    settled_.clear();
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
    display_.settle(last_line(clock::now(), display_.colours_));
}

std::string progress_bar::line(clock::time_point now, bool colours)
{
    rate_.sample(state_.bytes, now);
    const double rate = rate_.bytes_per_second();
    figures told{.size = human_size(state_.bytes), .rate = rate_text(rate)};
    std::optional<double> part;
    if (state_.total && *state_.total > 0) {
        part = std::min(1.0, static_cast<double>(state_.bytes) / static_cast<double>(*state_.total));
        const double left = (1 - *part) * static_cast<double>(*state_.total) / rate;
        if (state_.bytes >= *state_.total) {
            told.time = "waiting"; // for the server's answer
        }
        else if (rate >= 1 && left < longest_time) {
            told.time = human_time(std::chrono::seconds{static_cast<long long>(std::ceil(left))}) + " left";
        }
    }
    return arranged(label_, part, std::move(told), colours);
}

std::string progress_bar::last_line(clock::time_point now, bool colours) const
{
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double rate = seconds > 0 ? static_cast<double>(state_.bytes) / seconds : 0;
    figures told{.size = human_size(state_.bytes), .rate = rate_text(rate)};
    told.time = human_time(std::chrono::seconds{static_cast<long long>(seconds)});
    return arranged(label_, 1.0, std::move(told), colours);
}

} // namespace tool
