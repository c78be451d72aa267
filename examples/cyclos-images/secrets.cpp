//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "secrets.hpp"

#include "text.hpp"

#include <cyclos/detail/base/utf8.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

namespace tool {
namespace {

bool is_same_letter(char a, char b) noexcept
{
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return lower(a) == lower(b);
}

/// Whether a text begins with an escape sequence, without regard to the case of its letters.
bool starts_with_escape(std::string_view text, std::string_view escape) noexcept
{
    return text.size() >= escape.size() &&
           std::equal(escape.begin(), escape.end(), text.begin(), is_same_letter);
}

std::string hexadecimal(std::uint32_t value, std::size_t digits)
{
    std::string text;
    for (std::size_t n = digits; n-- > 0;) {
        text += "0123456789abcdef"[value >> (4 * n) & 0xfU];
    }
    return text;
}

/// The spellings of a character: itself, and all escape sequences for it.
std::vector<std::string> spellings_of(std::string_view character)
{
    std::string percent;
    for (const char c : character) {
        percent += '%' + hexadecimal(static_cast<unsigned char>(c), 2);
    }
    std::vector<std::string> all{std::string{character}, percent};
    const char32_t code = code_point(character);
    if (cyclos::detail::utf8_size(character) != 0) {
        const std::size_t digits = code < 0x100 ? 2 : code < 0x1000 ? 3 : code < 0x10000 ? 4 : 5;
        all.push_back(json_escape(code));
        all.push_back("&#" + std::to_string(static_cast<std::uint32_t>(code)) + ';');
        all.push_back("&#x" + hexadecimal(code, digits) + ';');
    }
    constexpr std::array<std::pair<char, std::string_view>, 15> others{{{' ', "+"},
                                                                        {'&', "&amp;"},
                                                                        {'<', "&lt;"},
                                                                        {'>', "&gt;"},
                                                                        {'"', "&quot;"},
                                                                        {'\'', "&apos;"},
                                                                        {'"', "\\\""},
                                                                        {'\'', "\\'"},
                                                                        {'\\', "\\\\"},
                                                                        {'/', "\\/"},
                                                                        {'\t', "\\t"},
                                                                        {'\b', "\\b"},
                                                                        {'\f', "\\f"},
                                                                        {'\n', "\\n"},
                                                                        {'\r', "\\r"}}};
    for (const auto& [plain, escaped] : others) {
        if (character.front() == plain) {
            all.emplace_back(escaped);
        }
    }
    return all;
}

using secret_spellings = std::vector<std::vector<std::string>>;

secret_spellings spell_out(std::string_view secret)
{
    secret_spellings all;
    while (!secret.empty()) {
        const std::size_t size = std::max<std::size_t>(cyclos::detail::utf8_size(secret), 1);
        all.push_back(spellings_of(secret.substr(0, size)));
        secret.remove_prefix(size);
    }
    return all;
}

/** The length of a secret, in any spelling, at the beginning of a text; 0 if the text does not
    begin with it.

    A percent sign may be a character of the secret or the beginning of an escape sequence, so this
    tracks all positions that the match may have reached.
*/
std::size_t match_length(std::string_view text, const secret_spellings& secret)
{
    std::set<std::size_t> positions{0};
    for (const std::vector<std::string>& spellings : secret) {
        std::set<std::size_t> next;
        for (const std::size_t position : positions) {
            const std::string_view rest = text.substr(position);
            for (const std::string& spelling : spellings) {
                const bool is_plain = &spelling == &spellings.front();
                if (is_plain ? rest.starts_with(spelling) : starts_with_escape(rest, spelling)) {
                    next.insert(position + spelling.size());
                }
            }
        }
        if (next.empty()) {
            return 0;
        }
        positions = std::move(next);
    }
    return *positions.rbegin();
}

} // namespace

void secrets::add(std::string text)
{
    if (!text.empty()) {
        texts_.push_back(std::move(text));
        std::sort(texts_.begin(), texts_.end(),
                  [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    }
}

std::string secrets::redact(std::string_view text) const
{
    std::string result{text};
    for (const std::string& secret : texts_) {
        const secret_spellings spellings = spell_out(secret);
        std::string clean;
        for (std::string_view rest = result; !rest.empty();) {
            const std::size_t size = match_length(rest, spellings);
            clean += size > 0 ? std::string_view{"***"} : rest.substr(0, 1);
            rest.remove_prefix(std::max<std::size_t>(size, 1));
        }
        result = std::move(clean);
    }
    return result;
}

} // namespace tool
