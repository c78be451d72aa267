//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_IMPL_JSON_IPP
#define CYCLOS_DETAIL_BASE_IMPL_JSON_IPP

#include <cyclos/detail/base/json.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// Limits the nesting depth, because the parser and the readers recurse. Responses of the server
/// have at most four levels.
inline boost::json::parse_options strict_json() noexcept
{
    boost::json::parse_options options;
    options.max_depth = 32;
    return options;
}

/// The value of the `\uXXXX` at the start of the text, if there is one.
inline std::optional<unsigned> unicode_escape(std::string_view text)
{
    constexpr std::size_t size = std::string_view{"\\uXXXX"}.size();
    unsigned value = 0;
    if (text.size() < size || !text.starts_with("\\u") ||
        std::from_chars(text.data() + 2, text.data() + size, value, 16).ptr != text.data() + size) {
        return std::nullopt;
    }
    return value;
}

/// The size of the escape sequence at the start of a text, and whether it is a surrogate without
/// its pair.
struct escape_sequence
{
    std::size_t size;
    bool is_lone_surrogate;
};

inline escape_sequence read_escape(std::string_view text)
{
    constexpr std::size_t escape = std::string_view{"\\uXXXX"}.size();
    const auto first = unicode_escape(text);
    const auto second = first ? unicode_escape(text.substr(escape)) : std::nullopt;
    const bool is_surrogate = first && *first >= 0xd800 && *first <= 0xdfff;
    const bool is_pair =
        is_surrogate && *first < 0xdc00 && second && *second >= 0xdc00 && *second <= 0xdfff;
    return {(std::min)(is_pair ? 2 * escape
                       : first ? escape
                               : 2,
                       text.size()),
            is_surrogate && !is_pair};
}

/** Repairs JSON that Boost.JSON rejects as a whole, since one bad member must not invalidate a
    model.

    Unpaired surrogates (RFC 8259, section 8.2) become U+FFFD. An exponent of more than four digits
    becomes 9999, so that the number parses, as one that is out of range.
*/
inline std::string repaired(std::string_view text)
{
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view out_of_range = "9999";
    std::string result;
    result.reserve(text.size());
    bool in_string = false;
    while (!text.empty()) {
        const char c = text.front();
        if (in_string && c == '\\') {
            const auto [size, is_lone_surrogate] = read_escape(text);
            result += is_lone_surrogate ? std::string_view{"\\ufffd"} : text.substr(0, size);
            text.remove_prefix(size);
            continue;
        }
        in_string = in_string != (c == '"');
        result += c;
        text.remove_prefix(1);
        if (in_string || (c != 'e' && c != 'E')) {
            continue;
        }
        if (text.starts_with('-') || text.starts_with('+')) {
            result += text.front();
            text.remove_prefix(1);
        }
        std::string_view exponent = text.substr(0, text.find_first_not_of(digits));
        text.remove_prefix(exponent.size());
        while (exponent.size() > 1 && exponent.front() == '0') {
            exponent.remove_prefix(1);
        }
        result += exponent.size() > out_of_range.size() ? out_of_range : exponent;
    }
    return result;
}

CYCLOS_DECL std::string_view without_byte_order_mark(std::string_view text) noexcept
{
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    return text.substr(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
}

inline boost::json::value parse_json(std::string_view text, boost::system::error_code& ec,
                                     boost::json::storage_ptr memory)
{
    text = without_byte_order_mark(text);
    auto root = boost::json::parse({text.data(), text.size()}, ec, memory, strict_json());
    if (ec) {
        const std::string repaired_text = repaired(text);
        root = boost::json::parse({repaired_text.data(), repaired_text.size()}, ec, memory,
                                  strict_json());
    }
    return root;
}

CYCLOS_DECL json_document::json_document(std::string_view text)
    : memory_(buffer_, sizeof buffer_)
    , root_(parse_json(text, error_, &memory_))
{}

CYCLOS_DECL const boost::json::value* json_reader::find(std::string_view key) const noexcept
{
    const auto* object = value_->if_object();
    if (!object) {
        return nullptr;
    }
    // Members usually arrive in the order in which they are read.
    const auto* found = object->begin() + next_;
    if (next_ == object->size() ||
        std::string_view{found->key().data(), found->key().size()} != key) {
        found = object->find({key.data(), key.size()});
        if (found == object->end()) {
            return nullptr;
        }
    }
    next_ = static_cast<std::size_t>(found - object->begin()) + 1;
    return found->value().is_null() ? nullptr : &found->value();
}

CYCLOS_DECL void json_reader::read_text(std::string_view key, std::optional<std::string>& out) const
{
    const auto* found = find(key);
    if (!found) {
        return;
    }
    if (const auto* number = found->if_int64()) {
        out = std::to_string(*number);
    }
    else if (const auto* large = found->if_uint64()) {
        out = std::to_string(*large);
    }
    else {
        // A floating-point number is still rejected: it has lost digits and would be a different
        // identifier.
        read_json(member(*found, key), out);
    }
}

CYCLOS_DECL bool json_reader::mismatch(const char* problem) const
{
    if (policy_ == on_mismatch::skip) {
        return false;
    }
    std::string message;
    append_path(message);
    if (!message.empty()) {
        message += ": ";
    }
    throw json_mismatch(message + problem);
}

CYCLOS_DECL void json_reader::append_path(std::string& path) const
{
    if (!parent_) {
        return;
    }
    parent_->append_path(path);
    if (key_.empty()) {
        path += '[' + std::to_string(index_) + ']';
    }
    else {
        if (!path.empty()) {
            path += '.';
        }
        path += key_;
    }
}

CYCLOS_DECL bool read_json(const json_reader& in, bool& out)
{
    const auto* value = in.value().if_bool();
    if (!value) {
        return in.mismatch("not a boolean");
    }
    out = *value;
    return true;
}

CYCLOS_DECL bool read_whole(const json_reader& in, std::uint64_t limit, std::uint64_t& out)
{
    const auto& value = in.value();
    if (!value.is_number()) {
        return in.mismatch("not a number");
    }
    if (const auto* floating = value.if_double()) {
        // Some serializers write 200 as 200.0 or 2e2. Above 2^53 a double cannot represent every
        // integer.
        if (std::trunc(*floating) != *floating) {
            return false;
        }
        if (*floating < 0 || *floating > 9007199254740992.0 ||
            static_cast<std::uint64_t>(*floating) > limit) {
            return false;
        }
        out = static_cast<std::uint64_t>(*floating);
        return true;
    }
    const auto* negative = value.if_int64();
    if (negative && *negative < 0) {
        return false;
    }
    const std::uint64_t whole =
        negative ? static_cast<std::uint64_t>(*negative) : value.get_uint64();
    if (whole > limit) {
        return false;
    }
    out = whole;
    return true;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_IMPL_JSON_IPP
