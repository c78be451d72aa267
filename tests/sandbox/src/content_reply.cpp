//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "content_reply.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include "text.hpp"

#include <optional>

namespace cyclos::sandbox {

namespace http = boost::beast::http;

namespace {

struct byte_range
{
    std::uint64_t first = 0;
    std::uint64_t length = 0; ///< 0: it lies outside.
};

// A single range of bytes (RFC 9110, 14.1.2); nothing where the header is something else, which is then ignored.
std::optional<byte_range> parse_range(std::string_view text, std::uint64_t size)
{
    if (!iequals(take_until(text, '='), "bytes"))
        return std::nullopt;
    const auto dash = text.find('-');
    if (dash == text.npos)
        return std::nullopt;
    const auto first = parse_number<std::uint64_t>(trim(text.substr(0, dash)));
    const auto last_text = trim(text.substr(dash + 1));
    const auto last = parse_number<std::uint64_t>(last_text);
    if (!first && trim(text.substr(0, dash)).empty() && last) {
        const auto length = std::min(*last, size);
        return byte_range{size - length, length};
    }
    if (!first || (!last && !last_text.empty()) || (last && *last < *first))
        return std::nullopt;
    if (*first >= size)
        return byte_range{};
    return byte_range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

// Whether a list of entity tags has the tag; a weak comparison.
bool has_tag(std::string_view list, std::string_view tag)
{
    while (!list.empty()) {
        auto each = trim(take_until(list, ','));
        if (each.starts_with("W/"))
            each.remove_prefix(2);
        if (each == "*" || each == tag)
            return true;
    }
    return false;
}

} // namespace

reply content_reply(const image& which, unsigned width, unsigned height, const request& from, const options& opts)
{
    reply answer{.content_type = which.content_type, .body = which.content};
    auto tag = "\"" + std::to_string(which.revision);
    if ((width != 0 || height != 0) && which.content.is_whole()) {
        if (auto scaled = scale_picture(which.content.kept(), width, height)) {
            tag += "-" + std::to_string(scaled->width) + "x" + std::to_string(scaled->height);
            answer.content_type = scaled->content_type;
            answer.body = content(std::move(scaled->bytes));
        }
    }
    tag += "\"";

    if (opts.etags) {
        answer.headers.emplace_back("ETag", tag);
        if (has_tag(from.header(http::field::if_none_match), tag)) {
            answer.status = 304;
            answer.content_type.clear();
            answer.body = content();
            return answer;
        }
    }
    if (opts.ranges) {
        answer.headers.emplace_back("Accept-Ranges", "bytes");
        const auto condition = from.header(http::field::if_range);
        const bool applies = condition.empty() || (opts.etags && condition == tag);
        const auto size = answer.body.size();
        const auto range = parse_range(from.header(http::field::range), size);
        if (applies && range && range->length == 0) {
            auto refusal = empty_reply(416);
            refusal.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
            return refusal;
        }
        if (applies && range) {
            answer.status = 206;
            answer.body_offset = range->first;
            answer.body_length = range->length;
            const auto last = range->first + range->length - 1;
            answer.headers.emplace_back("Content-Range", "bytes " + std::to_string(range->first) + "-" +
                                                             std::to_string(last) + "/" + std::to_string(size));
        }
    }
    return answer;
}

} // namespace cyclos::sandbox
