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

/// Text from outside, fit for one line on a terminal: what is no UTF-8 becomes `?`, and so do the characters that a
/// terminal would obey or that change how the rest is shown.
std::string printable(std::string_view text);

/// A value as one line of JSON, whatever bytes are in it: what is no UTF-8 becomes U+FFFD, and what is not printable is
/// escaped, so that it is kept and no terminal obeys it. Nothing else of the tool makes JSON.
std::string json_line(const boost::json::value& value);

/// The number of a character, which is UTF-8.
char32_t code_point(std::string_view character) noexcept;

/// A character as JSON escapes it, in UTF-16: such as `\\u00f6`.
std::string json_escape(char32_t code);

/// The columns that printable text takes: East Asian characters and emoji take two, accents and colours none.
std::size_t columns(std::string_view text) noexcept;

/// Printable text without colours, cut off at a number of columns.
std::string shortened(std::string_view text, std::size_t width);

/// Text with spaces behind it up to a number of columns.
std::string padded(std::string_view text, std::size_t width);

/// Such as `340 B` or `1.2 MiB`.
std::string human_size(std::uint64_t bytes);

/// Such as `0:07` or `1:02:03`.
std::string human_time(std::chrono::seconds time);

} // namespace tool

#endif // CYCLOS_TOOL_TEXT_HPP
