//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "live_lines.hpp"

#include "terminal.hpp"
#include "text.hpp"

#include <algorithm>

namespace tool {
namespace {

constexpr const char* wipe_rest_of_line = "\x1b[K";
constexpr const char* wipe_all_below = "\x1b[J";
constexpr std::size_t room_for_interrupt = 3;

/// The rows that lines take which were drawn on a terminal that may have been wider then: it has broken them since.
std::size_t rows_of(const std::vector<std::size_t>& lines, std::size_t columns)
{
    std::size_t rows = 0;
    for (const std::size_t line : lines) {
        rows += std::max<std::size_t>((line + columns - 1) / columns, 1);
    }
    return rows;
}

} // namespace

void live_lines::replace(const std::vector<std::string>& settled, const std::vector<std::string>& lines)
{
    if (settled.empty() && lines.empty() && drawn_.empty()) {
        return;
    }
    // The cursor stands behind the last line.
    std::string text = "\r";
    if (const std::size_t rows = rows_of(drawn_, size_of_terminal(standard::error).columns); rows > 1) {
        text += "\x1b[" + std::to_string(rows - 1) + 'A';
    }
    for (const std::string& line : settled) {
        text += line + wipe_rest_of_line + '\n';
    }
    drawn_.clear();
    for (const std::string& line : lines) {
        text += (drawn_.empty() ? "" : "\n") + line + wipe_rest_of_line;
        drawn_.push_back(columns(line));
    }
    text += wipe_all_below;
    write_text(standard::error, text);
}

std::size_t live_lines::width()
{
    const std::size_t all = size_of_terminal(standard::error).columns;
    return all > room_for_interrupt ? all - room_for_interrupt : 1;
}

std::size_t live_lines::height()
{
    return std::max<std::size_t>(size_of_terminal(standard::error).rows, 2) - 1;
}

} // namespace tool
