//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "target.hpp"

#include "reply.hpp"
#include "text.hpp"

namespace cyclos::sandbox {

namespace {

constexpr std::string_view segment_punctuation = "-._~!$&'()*+,;=:@"; // pchar of RFC 3986, 3.3
constexpr std::string_view query_punctuation = "-._~!$&'()*+,;=:@/?";

int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = to_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decode(std::string_view text, std::string_view punctuation, bool plus_is_space)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t position = 0; position < text.size(); ++position) {
        const char c = text[position];
        const bool plain = (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
        if (c == '+' && plus_is_space) {
            out += ' ';
        }
        else if (plain || punctuation.find(c) != punctuation.npos) {
            out += c;
        }
        else {
            const auto high =
                c == '%' && position + 2 < text.size() ? hex_digit(text[position + 1]) : -1;
            const auto low = high < 0 ? -1 : hex_digit(text[position + 2]);
            if (low < 0)
                throw error_reply{
                    bad_request("the request target is not encoded according to RFC 3986")};
            out += static_cast<char>(high * 16 + low);
            position += 2;
        }
    }
    return out;
}

// Whether a list of words, separated by spaces, contains the word.
bool has_word(std::string_view words, std::string_view word) noexcept
{
    while (!words.empty())
        if (take_until(words, ' ') == word)
            return true;
    return false;
}

} // namespace

query::query(std::string_view text)
{
    while (!text.empty()) {
        auto value = take_until(text, '&');
        const auto name = take_until(value, '=');
        parameters_.emplace_back(decode(name, query_punctuation, true),
                                 decode(value, query_punctuation, true));
    }
}

void query::check_names(std::string_view names) const
{
    for (const auto& [name, value] : parameters_)
        if (!has_word(names, name))
            throw error_reply{bad_request("the operation has no parameter " + name)};
}

bool query::has(std::string_view name) const noexcept
{
    return std::ranges::any_of(parameters_, [name](const auto& p) { return p.first == name; });
}

std::string query::single(std::string_view name) const
{
    std::string value;
    bool found = false;
    for (const auto& parameter : parameters_) {
        if (parameter.first != name)
            continue;
        if (std::exchange(found, true))
            throw error_reply{bad_request("there is more than one " + std::string(name))};
        value = parameter.second;
    }
    return value;
}

unsigned query::pixels(std::string_view name) const
{
    const auto text = single(name);
    if (!has(name))
        return 0;
    const auto number = parse_number<unsigned>(text);
    if (number.value_or(0) == 0)
        throw error_reply{input_error("dataConversion", {{"name", name}, {"value", text}})};
    return *number;
}

std::string query::one_of(std::string_view name, std::string_view values) const
{
    auto value = single(name);
    if (has(name) && !has_word(values, value))
        throw error_reply{input_error("dataConversion", {{"name", name}, {"value", value}})};
    return value;
}

std::vector<std::string> query::fields(api_version version) const
{
    return list("fields", version == api_version::any     ? list_form::any
                          : version == api_version::v4_11 ? list_form::repeated
                                                          : list_form::separated);
}

std::vector<std::string> query::ids(api_version version) const
{
    return list("ids", version == api_version::any     ? list_form::any
                       : version == api_version::v4_11 ? list_form::separated
                                                       : list_form::repeated);
}

std::vector<std::string> query::list(std::string_view name, list_form form) const
{
    std::vector<std::string> values;
    unsigned occurrences = 0;
    for (const auto& parameter : parameters_) {
        if (parameter.first != name)
            continue;
        const bool separated = parameter.second.find(',') != std::string::npos;
        if ((++occurrences > 1 && form == list_form::separated) ||
            (separated && form == list_form::repeated))
            throw error_reply{
                input_error("queryParse", {{"name", name}, {"value", parameter.second}})};
        std::string_view rest = parameter.second;
        while (!rest.empty())
            if (const auto item = trim(take_until(rest, ',')); !item.empty())
                values.emplace_back(item);
    }
    return values;
}

target target::parse(std::string_view text, std::string_view base_path)
{
    auto path = take_until(text, '?');
    target result{{}, sandbox::query(text)};
    if (!path.starts_with(base_path) || !path.substr(base_path.size()).starts_with('/'))
        throw error_reply{empty_reply(404)};
    path.remove_prefix(base_path.size());
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        result.path.push_back(decode(segment, segment_punctuation, false));
        path.remove_prefix(segment.size());
    }
    return result;
}

} // namespace cyclos::sandbox
