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
{
    start({});
}

progress_bar::~progress_bar()
{
    if (drawn_) {
        std::fputs(wipe_line, stderr);
    }
}

void progress_bar::start(std::optional<std::uint64_t> total)
{
    total_ = total;
    bytes_ = 0;
    begin_ = clock::now();
    next_ = begin_ + quick;
}

void progress_bar::add(std::uint64_t bytes)
{
    bytes_ += bytes;
    if (const auto now = clock::now(); shown_ && now >= next_) {
        std::fputs((wipe_line + line(now)).c_str(), stderr);
        drawn_ = true;
        next_ = now + interval;
    }
}

std::string progress_bar::line(clock::time_point now) const
{
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double rate = static_cast<double>(bytes_) / seconds;
    std::string text = label_ + "  ";
    if (total_ && *total_ > 0) {
        const double part = std::min(1.0, static_cast<double>(bytes_) / static_cast<double>(*total_));
        const auto filled = static_cast<std::size_t>(part * bar_width);
        text += '[' + std::string(filled, '#') + std::string(bar_width - filled, '-') + "] ";
        text += std::to_string(static_cast<int>(part * 100)) + "%  ";
    }
    text += human_size(bytes_) + "  " + human_size(static_cast<std::uint64_t>(rate)) + "/s";
    if (total_ && *total_ > bytes_ && bytes_ > 0) {
        const double left = static_cast<double>(*total_ - bytes_) / rate;
        if (left < 100 * 3600) {
            text += "  " + human_time(std::chrono::seconds{static_cast<long long>(left)}) + " left";
        }
    }
    return text;
}

} // namespace tool
