//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_SCREEN_HPP
#define CYCLOS_TESTS_SCREEN_HPP

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::test {

/** The lines that a terminal shows for the output of a program, without colours. It supports the
    escape sequences of the tool, and throws for any other. Its height is not limited.
*/
class screen
{
public:
    explicit screen(std::size_t columns = 80)
        : columns_(columns)
    {}

    void write(std::string_view text)
    {
        while (!text.empty()) {
            if (text.front() == '\x1b') {
                const std::size_t end = text.find_first_not_of("[0123456789;", 1);
                if (end == std::string_view::npos) {
                    return; // incomplete
                }
                execute(text[end], text.substr(2, end - 2));
                text.remove_prefix(end + 1);
                continue;
            }
            put(text.front());
            text.remove_prefix(1);
        }
    }

    /// Without trailing spaces, and without empty lines at the end.
    std::vector<std::string> lines() const
    {
        std::vector<std::string> all;
        for (const std::string& line : lines_) {
            all.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
        }
        while (!all.empty() && all.back().empty()) {
            all.pop_back();
        }
        return all;
    }

    /// Whether the cursor is where a shell would write its prompt.
    bool at_begin_of_line() const { return column_ == 0; }

private:
    void put(char c)
    {
        if (c == '\r') {
            column_ = 0;
        }
        else if (c == '\n') {
            go_to(row_ + 1);
        }
        else {
            if (column_ == columns_) { // a terminal wraps with the next character
                column_ = 0;
                go_to(row_ + 1);
            }
            std::string& line = lines_[row_];
            line.resize(std::max(line.size(), column_ + 1), ' ');
            line[column_++] = c;
        }
    }

    void execute(char command, std::string_view number)
    {
        const std::size_t count = number.empty() ? 0 : std::stoul(std::string{number});
        switch (command) {
        case 'm': break;
        case 'A': row_ -= std::min(count, row_); break;
        case 'J': lines_.resize(row_ + 1); [[fallthrough]];
        case 'K': lines_[row_].resize(std::min(lines_[row_].size(), column_)); break;
        default:
            throw std::runtime_error(std::string{"an unknown sequence, which ends with "} +
                                     command);
        }
    }

    void go_to(std::size_t row)
    {
        row_ = row;
        lines_.resize(std::max(lines_.size(), row + 1));
    }

    std::size_t columns_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
    std::vector<std::string> lines_{1};
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_SCREEN_HPP
