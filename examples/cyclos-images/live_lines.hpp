//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_LIVE_LINES_HPP
#define CYCLOS_TOOL_LIVE_LINES_HPP

#include <cstddef>
#include <string>
#include <vector>

namespace tool {

/** The last lines of a terminal, which can be redrawn. They are on standard error.

    The cursor is never hidden, so nothing needs to be restored if the process is killed. In the
    end, the caller must replace the lines by none.
*/
class live_lines
{
public:
    live_lines() = default;
    live_lines(const live_lines&) = delete;
    live_lines& operator=(const live_lines&) = delete;

    /** Replaces the lines.

        @param permanent Lines to print above them, which are not redrawn.
        @param lines The new lines: at most height() lines of at most width() columns.
    */
    void replace(const std::vector<std::string>& permanent, const std::vector<std::string>& lines);

    /// The maximum width of a line. It leaves some columns for the `^C` that a terminal echoes at
    /// the cursor.
    static std::size_t width();

    /// The maximum number of lines.
    static std::size_t height();

private:
    std::vector<std::size_t> line_widths_; ///< The widths of the visible lines, in columns.
};

} // namespace tool

#endif // CYCLOS_TOOL_LIVE_LINES_HPP
