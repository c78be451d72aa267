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

constexpr const char* erase_to_line_end = "\x1b[K";
constexpr const char* erase_below = "\x1b[J";
constexpr std::size_t reserved_columns = 3;

/// The number of rows that lines take. If the terminal was wider when they were drawn, it has
/// wrapped them since.
std::size_t rows_of(const std::vector<std::size_t>& widths, std::size_t columns)
{
    std::size_t rows = 0;
    for (const std::size_t width : widths) {
        rows += std::max<std::size_t>((width + columns - 1) / columns, 1);
    }
    return rows;
}

} // namespace

void live_lines::replace(const std::vector<std::string>& permanent,
                         const std::vector<std::string>& lines)
{
    if (permanent.empty() && lines.empty() && line_widths_.empty()) {
        return;
    }
    // The cursor is at the end of the last line.
    std::string text = "\r";
    if (const std::size_t rows =
            rows_of(line_widths_, terminal_size_of(standard_stream::error).columns);
        rows > 1) {
        text += "\x1b[" + std::to_string(rows - 1) + 'A';
    }
    for (const std::string& line : permanent) {
        text += line + erase_to_line_end + '\n';
    }
    line_widths_.clear();
    for (const std::string& line : lines) {
        text += (line_widths_.empty() ? "" : "\n") + line + erase_to_line_end;
        line_widths_.push_back(display_width(line));
    }
    text += erase_below;
    write_text(standard_stream::error, text);
}

std::size_t live_lines::width()
{
    const std::size_t all = terminal_size_of(standard_stream::error).columns;
    return all > reserved_columns ? all - reserved_columns : 1;
}

std::size_t live_lines::height()
{
    return std::max<std::size_t>(terminal_size_of(standard_stream::error).rows, 2) - 1;
}

} // namespace tool
