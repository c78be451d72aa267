//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_TEXT_HPP
#define CYCLOS_TOOL_TEXT_HPP

#include <boost/json/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tool {

/// Makes untrusted text safe for one line on a terminal: replaces invalid UTF-8 and all control and
/// format characters by `?`.
std::string printable(std::string_view text);

/// Serializes a value as one line of JSON. Replaces invalid UTF-8 by U+FFFD, and escapes control
/// and format characters, so that terminals do not interpret them. All JSON of the tool must be
/// serialized by this function.
std::string json_line(const boost::json::value& value);

/// The code point of a UTF-8 character.
char32_t code_point(std::string_view character) noexcept;

/// The JSON escape sequence of a character, such as `\\u00f6`; two for a UTF-16 surrogate pair.
std::string json_escape(char32_t code);

/// The number of terminal columns of printable text: two for East Asian characters and emoji, none
/// for combining marks and colours.
std::size_t display_width(std::string_view text) noexcept;

/// Truncates text to a number of columns. @pre The text is printable and has no colours.
std::string truncated(std::string_view text, std::size_t width);

/// Appends spaces to text up to a number of columns.
std::string padded(std::string_view text, std::size_t width);

/// Formats a size, such as `340 B` or `1.2 MiB`.
std::string human_size(std::uint64_t bytes);

/// Formats a duration, such as `0:07` or `1:02:03`.
std::string human_time(std::chrono::seconds time);

} // namespace tool

#endif // CYCLOS_TOOL_TEXT_HPP
