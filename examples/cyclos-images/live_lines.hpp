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

/** Lines at the end of what a terminal shows, which are replaced again and again; on standard error.

    The cursor is never hidden: whatever ends the process, the terminal is as it was. Whoever has drawn lines replaces
    them by none in the end.
*/
class live_lines
{
public:
    live_lines() = default;
    live_lines(const live_lines&) = delete;
    live_lines& operator=(const live_lines&) = delete;

    /** Replaces the lines.

        @param settled Lines that come to stand above them and stay.
        @param lines Each has to fit the width of the terminal, and all of them its height.
    */
    void replace(const std::vector<std::string>& settled, const std::vector<std::string>& lines);

    /// The columns that a line may take. Some are left for what the terminal itself writes where the cursor is: `^C`.
    static std::size_t width();

    /// How many lines there is room for.
    static std::size_t height();

private:
    std::vector<std::size_t> drawn_; ///< The columns of each line that is to be seen.
};

} // namespace tool

#endif // CYCLOS_TOOL_LIVE_LINES_HPP
