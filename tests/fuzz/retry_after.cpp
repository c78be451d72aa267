//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// `Retry-After`, compared with the date functions of the C library; and `Keep-Alive`.

#include "fuzz/support/require.hpp"

#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/detail/http/retry/retry_after.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>

namespace {

using namespace cyclos::fuzz;

/// The time of a date in RFC 9110's preferred format, by strptime, which is more tolerant than that
/// format.
std::optional<std::time_t> date_of(const std::string& text)
{
    std::tm parts{};
    // The name of the day is not checked.
    if (text.size() != 29 || text.substr(3, 2) != ", ") {
        return std::nullopt;
    }
    const char* const end = ::strptime(text.c_str() + 5, "%d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') {
        return std::nullopt;
    }
    return ::timegm(&parts);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text{text_of(data, size)};
    const std::time_t now = 1'800'000'000;
    const auto wait =
        cyclos::http::parse_retry_after(text, std::chrono::system_clock::from_time_t(now));
    if (wait) {
        require(wait->count() >= 0, "a wait is not negative");
        if (text.find_first_not_of("0123456789") == std::string::npos) {
            const std::string digits =
                text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
            const long long seconds = digits.size() > 10 ? 0xffff'ffff : std::stoll(digits);
            require(wait->count() == std::min(seconds, 0xffff'ffffLL),
                    "a number is the wait in seconds");
        }
        else {
            const auto date = date_of(text);
            require(date.has_value(), "any other value is a date");
            require(wait->count() == std::max<std::time_t>(0, *date - now),
                    "the wait lasts until the date");
        }
    }
    else if (!text.empty()) {
        require(text.find_first_not_of("0123456789") != std::string::npos,
                "a value without a wait is not a number");
    }

    if (const auto kept = cyclos::http::parse_keep_alive(text)) {
        require(kept->count() >= 0, "a time is not negative");
        require(text.find('=') != std::string::npos, "a parameter has a value");
    }
    return 0;
}
