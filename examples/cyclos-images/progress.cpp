//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "progress.hpp"

#include "text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <utility>

namespace tool {
namespace {

constexpr std::chrono::milliseconds quick{300};
constexpr std::chrono::milliseconds interval{100};
constexpr std::size_t bar_width = 20;
constexpr std::size_t label_width = 20;

constexpr const char* wipe_line = "\r\x1b[K";

std::string shortened(std::string label)
{
    label = printable(label);
    while (columns(label) > label_width) {
        do {
            label.pop_back();
        } while (columns(label + '.') == columns(label)); // not in the middle of a character
    }
    return label;
}

} // namespace

progress_bar::progress_bar(std::string label, bool shown)
    : label_(shortened(std::move(label)))
    , shown_(shown)
    , begin_(clock::now())
    , next_(begin_ + quick)
{}

progress_bar::~progress_bar()
{
    if (drawn_) {
        std::fputs(wipe_line, stderr);
    }
}

void progress_bar::update(const cyclos::transfer_progress& progress)
{
    const auto now = clock::now();
    if (progress.bytes < state_.bytes) {
        begin_ = now;
        next_ = begin_ + quick;
    }
    state_ = progress;
    if (shown_ && now >= next_) {
        std::fputs((wipe_line + line(now)).c_str(), stderr);
        drawn_ = true;
        next_ = now + interval;
    }
}

std::string progress_bar::line(clock::time_point now) const
{
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double rate = static_cast<double>(state_.bytes) / seconds;
    std::string text = label_ + "  ";
    if (state_.total && *state_.total > 0) {
        const double part = std::min(1.0, static_cast<double>(state_.bytes) / static_cast<double>(*state_.total));
        const auto filled = static_cast<std::size_t>(part * bar_width);
        text += '[' + std::string(filled, '#') + std::string(bar_width - filled, '-') + "] ";
        text += std::to_string(static_cast<int>(part * 100)) + "%  ";
    }
    text += human_size(state_.bytes) + "  " + human_size(static_cast<std::uint64_t>(rate)) + "/s";
    if (state_.total && *state_.total > state_.bytes && state_.bytes > 0) {
        const double left = static_cast<double>(*state_.total - state_.bytes) / rate;
        if (left < 100 * 3600) {
            text += "  " + human_time(std::chrono::seconds{static_cast<long long>(left)}) + " left";
        }
    }
    return text;
}

void shared_progress::update(std::size_t which, const cyclos::transfer_progress& now)
{
    each_[which] = now;
    cyclos::transfer_progress all{.bytes = 0, .total = 0};
    for (const cyclos::transfer_progress& one : each_) {
        all.bytes += one.bytes;
        all.total = all.total && one.total ? std::optional{*all.total + *one.total} : std::nullopt;
    }
    bar_.update(all);
}

} // namespace tool
