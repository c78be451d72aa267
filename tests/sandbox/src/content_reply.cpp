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
    std::uint64_t length = 0; ///< 0: the range is not satisfiable.
};

// Parses a single byte range (RFC 9110, 14.1.2). Returns nothing if the field is anything else,
// such as several ranges: a server may ignore such a field.
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

// Whether a list of entity tags contains the tag, by weak comparison (RFC 9110, 8.8.3.2).
bool has_tag(std::string_view list, std::string_view tag)
{
    while (!list.empty()) {
        auto candidate = trim(take_until(list, ','));
        if (candidate.starts_with("W/"))
            candidate.remove_prefix(2);
        if (candidate == "*" || candidate == tag)
            return true;
    }
    return false;
}

} // namespace

reply content_reply(const image& picture, unsigned width, unsigned height, const request& req,
                    const options& opts)
{
    reply response{.content_type = picture.content_type, .body = picture.content};
    auto tag = "\"" + std::to_string(picture.revision);
    if ((width != 0 || height != 0) && picture.content.is_whole()) {
        if (auto scaled = scale_picture(picture.content.kept(), width, height)) {
            tag += "-" + std::to_string(scaled->width) + "x" + std::to_string(scaled->height);
            response.content_type = scaled->content_type;
            response.body = content(std::move(scaled->bytes));
        }
    }
    tag += "\"";

    if (opts.etags) {
        response.headers.emplace_back("ETag", tag);
        if (has_tag(req.header(http::field::if_none_match), tag)) {
            response.status = 304;
            response.content_type.clear();
            response.body = content();
            return response;
        }
    }
    if (opts.ranges) {
        response.headers.emplace_back("Accept-Ranges", "bytes");
        const auto condition = req.header(http::field::if_range);
        const bool applies = condition.empty() || (opts.etags && condition == tag);
        const auto size = response.body.size();
        const auto range = parse_range(req.header(http::field::range), size);
        if (applies && range && range->length == 0) {
            auto unsatisfiable = empty_reply(416);
            unsatisfiable.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
            return unsatisfiable;
        }
        if (applies && range) {
            response.status = 206;
            response.body_offset = range->first;
            response.body_length = range->length;
            const auto last = range->first + range->length - 1;
            response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range->first) +
                                                               "-" + std::to_string(last) + "/" +
                                                               std::to_string(size));
        }
    }
    return response;
}

} // namespace cyclos::sandbox
