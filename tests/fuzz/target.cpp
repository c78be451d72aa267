//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Request targets and base URLs: Boost.URL parses a target into its original values. Fields, each
// ended by the byte 0xff: the base URL, the name of a user, the fields, and the ids of images.

#include "fuzz/support/require.hpp"

#include <cyclos/api_error.hpp>
#include <cyclos/config.hpp>
#include <cyclos/detail/http/request/target.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <optional>
#include <string>
#include <vector>

namespace {

using namespace cyclos::fuzz;
namespace urls = boost::urls;

/// A valid base URL.
std::optional<cyclos::base_url> base_of(std::string_view text)
{
    try {
        const auto base = cyclos::parse_base_url(text);
        require(!base.origin.host.empty() && !base.origin.port.empty(),
                "an origin has a host and a port");
        require(base.path.empty() || (base.path.front() == '/' && base.path.back() != '/'),
                "a segment can be appended to the path");
        const auto again = cyclos::parse_base_url(base.origin.to_string() + base.path);
        require(again.origin.to_string() == base.origin.to_string() && again.path == base.path,
                "a parsed base URL is written and parsed again");
        const std::string host = base.origin.authority(false);
        require(host.find_first_of("\r\n /?#") == std::string::npos,
                "the host contains no character that a header does not allow");
        return base;
    }
    catch (const cyclos::error& e) {
        require(e.code() == cyclos::errc::invalid_config,
                "an invalid base URL is reported as invalid_config");
        return std::nullopt;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view input = text_of(data, size);
    const auto base = base_of(take_field(input));
    const std::string prefix = base ? base->path : "/api";
    const std::string_view user = take_field(input);
    const std::string_view fields = take_field(input);

    cyclos::http::target target{prefix};
    try {
        target.segment("user", user).literal("images");
    }
    catch (const cyclos::error& e) {
        require(e.code() == cyclos::errc::invalid_argument,
                "an invalid segment is reported as invalid_argument");
        require(user.empty() || user == "." || user == "..",
                "only an empty segment and dot segments are rejected");
        return 0;
    }
    std::vector<std::string_view> values;
    target.query("fields", fields);
    values.push_back(fields);
    while (!input.empty()) {
        values.push_back(take_field(input));
        target.query("ids", values.back());
    }

    const auto parsed = urls::parse_origin_form(target.text());
    require(parsed.has_value(), "a target is a valid origin form");
    const urls::url_view url = *parsed;
    const auto before = urls::parse_origin_form(prefix.empty() ? "/" : prefix);
    require(before.has_value(), "the path of a base URL is a valid origin form");
    const std::size_t segments = prefix.empty() ? 0 : before->segments().size();
    require(url.segments().size() == segments + 2, "a value is encoded as exactly one segment");
    auto segment = url.segments().begin();
    std::advance(segment, segments);
    require(*segment == user, "the decoded segment equals the original");
    require(url.params().size() == values.size(), "each value is encoded as exactly one parameter");
    std::size_t n = 0;
    for (const auto& parameter : url.params()) {
        require(parameter.key == (n == 0 ? "fields" : "ids"), "the parameters keep their order");
        require(parameter.has_value && parameter.value == values[n],
                "the decoded value equals the original");
        ++n;
    }
    return 0;
}
