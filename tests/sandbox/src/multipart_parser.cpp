//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/sandbox/multipart_parser.hpp>

#include "text.hpp"

#include <array>
#include <optional>
#include <utility>

namespace cyclos::sandbox {

namespace {

constexpr std::size_t max_headers = 16 * 1024;
constexpr std::size_t max_boundary = 70; // RFC 2046, 5.1.1

bool is_boundary(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= max_boundary && text.back() != ' ' &&
           std::ranges::all_of(text, [](char c) {
               const bool letter = to_lower(c) >= 'a' && to_lower(c) <= 'z';
               return letter || (c >= '0' && c <= '9') ||
                      std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
           });
}

// Removes a quoted string or a token from the beginning of @p text, and returns it; returns nothing
// if there is neither. With strict rules, as in browsers, any quotation mark ends a quoted string;
// with tolerant rules, one after a backslash does not.
std::optional<std::string_view> take_value(std::string_view& text, bool& in_quotes,
                                           multipart_rules rules) noexcept
{
    in_quotes = text.starts_with('"');
    if (in_quotes) {
        auto end = text.find('"', 1);
        while (rules == multipart_rules::tolerant && end != text.npos && end > 1 &&
               text[end - 1] == '\\')
            end = text.find('"', end + 1);
        if (end == text.npos)
            return std::nullopt;
        const auto value = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
        return value;
    }
    const auto value = trim(text.substr(0, text.find(';')));
    text.remove_prefix(std::min(text.find(';'), text.size()));
    return value.empty() ? std::nullopt : std::optional(value);
}

// Returns the boundary in a `multipart/form-data` media type, or nothing if the value is anything
// else. With strict rules, the media type must not have other parameters.
std::optional<std::string_view> boundary_of(std::string_view content_type,
                                            multipart_rules rules) noexcept
{
    if (!iequals(trim(take_until(content_type, ';')), "multipart/form-data"))
        return std::nullopt;
    std::optional<std::string_view> boundary;
    for (auto rest = trim(content_type); !rest.empty(); rest = trim(rest)) {
        const auto name = take_until(rest, '=');
        bool in_quotes = false;
        const auto value = take_value(rest, in_quotes, rules);
        if (!value || (!trim(take_until(rest, ';')).empty()))
            return std::nullopt;
        if (iequals(name, "boundary")) {
            const bool is_valid = is_boundary(*value) && (in_quotes || is_token(*value) ||
                                                          rules == multipart_rules::tolerant);
            if (!is_valid || boundary)
                return std::nullopt;
            boundary = value;
        }
        else if (rules == multipart_rules::strict) {
            return std::nullopt;
        }
    }
    return boundary;
}

// Whether the value is `type/subtype`, with or without parameters.
bool is_media_type(std::string_view value) noexcept
{
    auto essence = trim(take_until(value, ';'));
    const auto type = take_until(essence, '/');
    return is_token(type) && is_token(essence);
}

// Decodes the three escapes of the WHATWG rules, and no other, since a sender does not escape `%`
// itself. With tolerant rules, also decodes a quotation mark after a backslash.
std::string unescape_file_name(std::string_view text, multipart_rules rules)
{
    constexpr std::array<std::pair<std::string_view, char>, 3> escapes{
        {{"%22", '"'}, {"%0d", '\r'}, {"%0a", '\n'}}};
    std::string out;
    while (!text.empty()) {
        if (rules == multipart_rules::tolerant && text.starts_with("\\\""))
            text.remove_prefix(1);
        const auto* escape = std::ranges::find_if(
            escapes, [&](const auto& e) { return iequals(text.substr(0, 3), e.first); });
        out += escape == escapes.end() ? text.front() : escape->second;
        text.remove_prefix(escape == escapes.end() ? 1 : 3);
    }
    return out;
}

} // namespace

multipart_parser::multipart_parser(std::string_view content_type, sink on_content,
                                   multipart_rules rules)
    : on_content_(std::move(on_content))
    , rules_(rules)
{
    if (const auto boundary = boundary_of(content_type, rules)) {
        delimiter_.append("\r\n--").append(*boundary);
        if (is_tolerant()) {
            // The first delimiter has no CRLF before it if there is no preamble: assume that the
            // CRLF has been read.
            stage_ = stage::content;
            skipping_ = true;
            matched_ = 2;
        }
    }
    else
        fail("the Content-Type of the request is not multipart/form-data with a valid boundary");
}

bool multipart_parser::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        std::size_t taken = 0;
        switch (stage_) {
        case stage::opening: taken = read_opening(bytes); break;
        case stage::headers: taken = read_headers(bytes); break;
        case stage::content: taken = read_content(bytes); break;
        case stage::after_delimiter: taken = read_after_delimiter(bytes); break;
        case stage::finished: return is_tolerant() || fail("the body goes on after its end");
        case stage::failed: return false;
        }
        bytes.remove_prefix(taken);
    }
    return stage_ != stage::failed;
}

bool multipart_parser::finish()
{
    // The CRLF after the last delimiter is optional.
    if (stage_ == stage::after_delimiter && pending_ == "--")
        stage_ = stage::finished;
    if (stage_ != stage::finished && stage_ != stage::failed)
        fail("the body ends too early");
    else if (stage_ == stage::finished && !found_)
        fail("there is no part named image with a file name");
    return stage_ == stage::finished;
}

bool multipart_parser::fail(std::string reason)
{
    stage_ = stage::failed;
    error_ = std::move(reason);
    return false;
}

// The body must begin with the delimiter without its leading CRLF.
std::size_t multipart_parser::read_opening(std::string_view bytes)
{
    const auto opening = delimiter_.substr(2) + "\r\n";
    const auto count = std::min(bytes.size(), opening.size() - matched_);
    if (opening.compare(matched_, count, bytes.substr(0, count)) != 0) {
        fail("the body does not begin with its boundary");
        return count;
    }
    matched_ += count;
    if (matched_ == opening.size()) {
        matched_ = 0;
        stage_ = stage::headers;
    }
    return count;
}

std::size_t multipart_parser::read_headers(std::string_view bytes)
{
    constexpr std::string_view terminator = "\r\n\r\n";
    const auto old_size = pending_.size();
    const auto count = std::min(bytes.size(), max_headers - old_size);
    pending_.append(bytes.substr(0, count));

    const auto end =
        pending_.find(terminator, old_size < terminator.size() ? 0 : old_size - terminator.size());
    if (end == pending_.npos) {
        if (pending_.size() == max_headers)
            fail("the headers of the part are too large");
        return count;
    }
    pending_.resize(end);
    const auto previous_part = std::exchange(part_, {});
    if (parse_headers()) {
        stage_ = stage::content;
        skipping_ = is_tolerant() && (found_ || !is_image());
        if (skipping_)
            part_ = previous_part;
        else
            found_ = true;
    }
    pending_.clear();
    return end + terminator.size() - old_size;
}

// The delimiter contains no carriage return except at its beginning. So if a partial match fails,
// the next match can begin only at the character that failed.
std::size_t multipart_parser::read_content(std::string_view bytes)
{
    if (matched_ != 0) {
        const auto rest = std::string_view(delimiter_).substr(matched_);
        const auto common =
            static_cast<std::size_t>(std::ranges::mismatch(rest, bytes).in1 - rest.begin());
        matched_ += common;
        if (matched_ == delimiter_.size()) {
            matched_ = 0;
            stage_ = stage::after_delimiter;
        }
        else if (common < bytes.size()) {
            emit_content(std::string_view(delimiter_).substr(0, std::exchange(matched_, 0)));
        }
        return common;
    }

    if (const auto found = bytes.find(delimiter_); found != bytes.npos) {
        emit_content(bytes.substr(0, found));
        stage_ = stage::after_delimiter;
        return found + delimiter_.size();
    }
    // The bytes may end with the beginning of a delimiter, which must not be emitted yet.
    auto candidate = bytes.find('\r', bytes.size() - std::min(bytes.size(), delimiter_.size() - 1));
    while (candidate != bytes.npos && !delimiter_.starts_with(bytes.substr(candidate)))
        candidate = bytes.find('\r', candidate + 1);
    emit_content(bytes.substr(0, candidate));
    if (candidate != bytes.npos)
        matched_ = bytes.size() - candidate;
    return bytes.size();
}

std::size_t multipart_parser::read_after_delimiter(std::string_view bytes)
{
    constexpr std::string_view last = "--\r\n";
    const char next = bytes.front();
    if (is_tolerant() && (next == ' ' || next == '\t'))
        return 1; // Padding (RFC 2046, 5.1.1).
    pending_ += next;
    if (pending_ == last || (is_tolerant() && pending_ == "--"))
        stage_ = stage::finished;
    else if (pending_ == "\r\n" && is_tolerant())
        begin_part();
    else if (pending_ == "\r\n")
        fail("there is more than one part");
    else if (!last.starts_with(pending_) && pending_ != "\r")
        fail("there is something behind a boundary");
    return 1;
}

void multipart_parser::begin_part()
{
    pending_.clear();
    has_disposition_ = false;
    stage_ = stage::headers;
}

void multipart_parser::emit_content(std::string_view bytes)
{
    if (!bytes.empty() && !skipping_)
        on_content_(bytes);
}

bool multipart_parser::parse_headers()
{
    std::string_view rest = pending_;
    while (!rest.empty()) {
        const auto end = std::min(rest.find("\r\n"), rest.size());
        if (!parse_header(rest.substr(0, end)))
            return false;
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    if (!has_disposition_)
        return fail("the part has no Content-Disposition");
    if (part_.content_type.empty() && !is_tolerant())
        return fail("the part has no Content-Type");
    return true;
}

bool multipart_parser::parse_header(std::string_view line)
{
    if (std::ranges::any_of(line,
                            [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; }))
        return fail("a header of the part has a control character");
    auto value = line;
    const auto name = take_until(value, ':');
    value = trim(value);
    if (iequals(name, "Content-Disposition")) {
        if (std::exchange(has_disposition_, true))
            return fail("the part has more than one Content-Disposition");
        return parse_disposition(value);
    }
    if (iequals(name, "Content-Type")) {
        if (!part_.content_type.empty())
            return fail("the part has more than one Content-Type");
        if (!is_media_type(value) && !is_tolerant())
            return fail("the Content-Type of the part is not a media type");
        part_.content_type = value;
        return true;
    }
    return is_tolerant() ||
           fail("the part has a header that form data does not have: " + std::string(name));
}

bool multipart_parser::is_image() const noexcept
{
    return part_.name == "image" && !part_.file_name.empty();
}

// With strict rules, follows RFC 7578, 4.2, which forbids `filename*`.
bool multipart_parser::parse_disposition(std::string_view value)
{
    if (!iequals(trim(take_until(value, ';')), "form-data"))
        return fail("the Content-Disposition is not form-data");
    for (value = trim(value); !value.empty(); value = trim(value)) {
        auto parameter = take_until(value, '=');
        if (is_tolerant()) {
            parameter = trim(parameter);
            value = trim(value);
        }
        bool in_quotes = false;
        const auto text = take_value(value, in_quotes, rules_);
        if (!text || (!in_quotes && !is_tolerant()))
            return fail("a parameter of the Content-Disposition is not in quotation marks");
        value = trim(value);
        if (!value.empty() && take_until(value, ';') != "")
            return fail("there is something behind a parameter of the Content-Disposition");
        if (!store_parameter(parameter, *text))
            return fail("the Content-Disposition has an unknown or repeated parameter: " +
                        std::string(parameter));
    }
    if (is_tolerant())
        return true;
    if (part_.name != "image")
        return fail("the part is not named image");
    if (part_.file_name.empty())
        return fail("the part has no file name");
    return true;
}

bool multipart_parser::store_parameter(std::string_view name, std::string_view text)
{
    if (iequals(name, "name") && part_.name.empty())
        part_.name = text;
    else if (iequals(name, "filename") && part_.file_name.empty())
        part_.file_name = unescape_file_name(text, rules_);
    else
        return is_tolerant(); // Ignores `filename*`, which senders add to `filename`.
    return true;
}

} // namespace cyclos::sandbox
