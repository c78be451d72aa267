//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/api_error.hpp>
#include <cyclos/detail/client/make_api_error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

namespace {

using std::chrono::seconds;

const cyclos::error_context context{.phase = cyclos::phase::receiving,
                                    .sent = cyclos::sent_state::complete,
                                    .attempts = 1,
                                    .operation = "view_image",
                                    .endpoint = "https://example.org:443",
                                    .detail = {}};

std::exception_ptr make(unsigned status, std::string_view body,
                        std::string_view content_type = "application/json",
                        std::optional<seconds> retry_after = {})
{
    return cyclos::detail::make_api_error({status, content_type, body, retry_after}, context);
}

/// The error of a response, which must be of exactly this class.
template <class Error>
Error error_of(unsigned status, std::string_view body,
               std::string_view content_type = "application/json")
{
    try {
        std::rethrow_exception(make(status, body, content_type));
    }
    catch (const Error& e) {
        CHECK(typeid(e) == typeid(Error));
        CHECK(e.status() == status);
        CHECK(e.code() ==
              cyclos::error_code(static_cast<int>(status), cyclos::http_status_category()));
        CHECK(e.content_type() == content_type);
        return e; // a copy, as exceptions are copied
    }
}

std::string json_member(std::string_view key, std::string_view value)
{
    return "{\"" + std::string{key} + "\":\"" + std::string{value} + "\"}";
}

std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

/// The kind of the error of a status.
std::string kind_of(unsigned status, std::string_view body,
                    std::string_view content_type = "application/json")
{
    try {
        std::rethrow_exception(make(status, body, content_type));
    }
    catch (const cyclos::api_error& e) {
        CHECK(e.status() == status);
        CHECK(e.body() == body.substr(0, 4096));
        return std::string{e.kind()};
    }
}

struct status_kind
{
    unsigned status;
    std::string_view kind;
};

constexpr status_kind statuses[] = {
    {400, "bad_request"},
    {401, "unauthorized"},
    {403, "forbidden"},
    {404, "not_found"},
    {405, "method_not_allowed"},
    {409, "conflict"},
    {422, "invalid_input"},
    {500, "internal_server_error"},
    {503, "service_unavailable"},
    {100, "api"},
    {204, "api"},
    {302, "api"},
    {402, "api"},
    {406, "api"},
    {408, "api"},
    {410, "api"},
    {413, "api"},
    {415, "api"},
    {418, "api"},
    {429, "api"},
    {501, "api"},
    {502, "api"},
    {504, "api"},
    {599, "api"},
};

} // namespace

TEST_CASE("API errors: the status alone determines the error class, for any body")
{
    const std::string hostile[] = {
        "",
        " ",
        "null",
        "[]",
        "[{\"code\":\"login\"}]",
        "true",
        "42",
        "\"code\"",
        "{",
        "{\"code\":",
        "{\"code\":\"lo",
        "{\"code\": \"\xff\xfe\"}",
        "{}",
        "<html><head><title>502 Bad Gateway</title></head></html>",
        "\xef\xbb\xbf{}",
        std::string("\0\0\0", 3),
        "\x1b[2Jgone",
        repeated("[", 10'000),
        repeated("{\"error\":", 10'000),
        repeated("{\"errors\":{\"a\":", 10'000),
        std::string(100'000, 'x'),
        "{\"code\": 1e999}",
        "{\"code\": 123456789012345678901234567890}",
    };
    for (const auto& [status, kind] : statuses) {
        for (const auto& body : hostile) {
            CAPTURE(status);
            CAPTURE(body.substr(0, 40));
            CHECK(kind_of(status, body) == kind);
            CHECK(kind_of(status, body, "text/html; charset=utf-8") == kind);
            CHECK(kind_of(status, body, "") == kind);
        }
    }
}

TEST_CASE("API errors: server_code() returns the code, also for a status without a class")
{
    CHECK(error_of<cyclos::api_error>(429, R"({"code": "tooMany"})").server_code() == "tooMany");
    CHECK(error_of<cyclos::api_error>(429, R"({"code": 5})").server_code().empty());
    CHECK(error_of<cyclos::api_error>(413, "").server_code().empty());
}

TEST_CASE("API errors: body() keeps the first 4 KiB, and the details are read from the whole body")
{
    std::string body = R"({"code": "login", "padding": ")" + std::string(10'000, 'p') + "\"}";
    const auto e = error_of<cyclos::unauthorized>(401, body);
    CHECK(e.body().size() == 4096);
    CHECK(e.body() == body.substr(0, 4096));
    CHECK(e.details().code == cyclos::unauthorized_code::login); // it is read from the whole body

    const std::string binary("\0\xff\r\n\x1b", 5);
    CHECK(error_of<cyclos::api_error>(502, binary, "image/png").body() == binary);
}

TEST_CASE("API errors: retry_after() returns the delay that the server sent")
{
    for (const auto delay :
         {std::optional<seconds>{}, std::optional{seconds{0}}, std::optional{seconds{120}}}) {
        for (const unsigned status : {503u, 429u}) {
            try {
                std::rethrow_exception(make(status, "", "", delay));
            }
            catch (const cyclos::api_error& e) {
                CHECK(e.retry_after() == delay);
            }
        }
    }
}

TEST_CASE("API errors: phase, sent state, attempts, operation and endpoint are kept")
{
    const auto e = error_of<cyclos::not_found>(404, "{}");
    CHECK(e.phase() == cyclos::phase::receiving);
    CHECK(e.sent() == cyclos::sent_state::complete);
    CHECK(e.attempts() == 1);
    CHECK(e.operation() == "view_image");
    CHECK(e.endpoint() == "https://example.org:443");
    CHECK_FALSE(e.is_timeout());
    CHECK_FALSE(e.is_rejected_locally());

    auto detailed = context;
    detailed.detail = "after a new login";
    try {
        std::rethrow_exception(cyclos::detail::make_api_error(
            {401, "application/json", R"({"code": "login"})", {}}, detailed));
    }
    catch (const cyclos::unauthorized& again) {
        CHECK(again.context().detail == "after a new login; code login");
    }
}

TEST_CASE("API errors: the message contains the operation, the status and the codes")
{
    struct
    {
        unsigned status;
        std::string_view body, content_type, detail;
    } const cases[] = {
        {401, R"({"code": "loggedOut"})", "application/json", "code loggedOut"},
        {404, R"({"entityType": "User", "key": "x"})", "application/json", "entityType User"},
        {500, R"({"kind": "general", "exceptionType": "a.B"})", "application/json",
         "kind general, exceptionType a.B"},
        {502, "<html></html>", "text/html", "13 bytes of text/html"},
        {413, "too large", "", "9 bytes of no type"},
        {403, "{}", "application/json", "2 bytes of application/json"},
        {404, "", "", ""},
    };
    for (const auto& c : cases) {
        CAPTURE(c.detail);
        try {
            std::rethrow_exception(make(c.status, c.body, c.content_type));
        }
        catch (const cyclos::api_error& e) {
            CHECK(e.context().detail == c.detail);
            const std::string message = e.what();
            CHECK(message.find("view_image at https://example.org:443") != std::string::npos);
            CHECK(message.find(std::to_string(c.status)) != std::string::npos);
            CHECK(message.find(c.detail) != std::string::npos);
        }
    }
}

TEST_CASE("API errors: the message is short and printable, and contains no text of the request "
          "that the server repeats")
{
    const std::string secret = "Basic YWRtaW46c2VjcmV0";
    const std::string bodies[] = {
        secret,
        "Authorization: " + secret,
        "<pre>Authorization: " + secret + "</pre>",
        R"({"message": "you sent )" + secret + R"("})",
        R"({"exceptionMessage": ")" + secret + R"(", "key": ")" + secret + R"(", "value": ")" +
            secret + R"("})",
        R"({"generalErrors": [")" + secret + R"("], "propertyErrors": {")" + secret + R"(": [")" +
            secret + R"("]}})",
        R"({"code": "\u001b[31m\u0000\r\nred \u202e\u00e9"})",
        json_member("code", std::string(100'000, 'c')),
        "\xff\xfe\x1b[2J",
    };
    for (const auto& [status, kind] : statuses) {
        for (const auto& body : bodies) {
            CAPTURE(kind);
            CAPTURE(body.substr(0, 60));
            for (const std::string_view content_type : {"text/plain", "\x1b[31m\r\n\xff"}) {
                try {
                    std::rethrow_exception(make(status, body, content_type));
                }
                catch (const cyclos::api_error& e) {
                    const std::string_view message = e.what();
                    CHECK(message.size() < 400);
                    CHECK(message.find(secret) == std::string_view::npos);
                    CHECK(
                        std::ranges::all_of(message, [](char c) { return c >= ' ' && c <= '~'; }));
                }
            }
        }
    }
    CHECK(error_of<cyclos::unauthorized>(401, bodies[6]).context().detail ==
          "code ?[31m???red ?????");
}

TEST_CASE("API errors: a copy owns its data")
{
    std::optional<cyclos::invalid_input> kept;
    {
        const std::string body =
            R"({"code": "aggregated", "errors": {"a": {"code": "validation"}}})";
        kept = error_of<cyclos::invalid_input>(422, body);
    }
    CHECK(kept->details().errors.at("a")->code == cyclos::input_error_code::validation);
    const cyclos::invalid_input copy = *kept;
    kept.reset();
    CHECK(copy.details().errors.size() == 1);
    CHECK(copy.body().starts_with("{\"code\""));
}

TEST_CASE("API errors: an error can be caught by each of its base classes")
{
    const auto failure = make(404, "{}");
    CHECK_THROWS_AS(std::rethrow_exception(failure), cyclos::not_found);
    CHECK_THROWS_AS(std::rethrow_exception(failure),
                    cyclos::api_error_with<cyclos::not_found_body>);
    CHECK_THROWS_AS(std::rethrow_exception(failure), cyclos::api_error);
    CHECK_THROWS_AS(std::rethrow_exception(failure), cyclos::error);
    CHECK_THROWS_AS(std::rethrow_exception(failure), boost::system::system_error);
    CHECK_THROWS_AS(std::rethrow_exception(failure), std::exception);
}

TEST_CASE("API errors: the values of errc are fixed, and the timeouts are equivalent to timed_out")
{
    using cyclos::errc;
    const std::vector<errc> all{errc::invalid_argument,    errc::invalid_config,
                                errc::insecure_transport,  errc::acquire_timeout,
                                errc::resolve_timeout,     errc::connect_timeout,
                                errc::handshake_timeout,   errc::response_header_timeout,
                                errc::inactivity_timeout,  errc::source_timeout,
                                errc::provider_timeout,    errc::total_timeout,
                                errc::pool_queue_full,     errc::client_closed,
                                errc::cancelled,           errc::host_name_mismatch,
                                errc::proxy_refused,       errc::connection_lost,
                                errc::malformed_response,  errc::header_limit,
                                errc::body_limit,          errc::unexpected_response,
                                errc::content_changed,     errc::not_modified,
                                errc::source_failed,       errc::source_changed,
                                errc::source_rejected,     errc::target_exists,
                                errc::target_failed,       errc::provider_failed,
                                errc::call_timeout,        errc::pool_busy,
                                errc::public_key_mismatch, errc::connect_hook_failed};
    const std::set<errc> timeouts{errc::acquire_timeout,         errc::resolve_timeout,
                                  errc::connect_timeout,         errc::handshake_timeout,
                                  errc::response_header_timeout, errc::inactivity_timeout,
                                  errc::source_timeout,          errc::provider_timeout,
                                  errc::total_timeout,           errc::call_timeout};
    CHECK(cyclos::error_category().message(static_cast<int>(all.size()) + 1) == "unknown error");
    for (std::size_t n = 0; n < all.size(); ++n) {
        CHECK(make_error_code(all[n]).value() == static_cast<int>(n) + 1);
        const bool timeout = timeouts.contains(all[n]);
        CHECK(cyclos::error{all[n], {}}.is_timeout() == timeout);
        CHECK((make_error_code(all[n]) == boost::system::errc::timed_out) == timeout);
    }
}

TEST_CASE("API errors: a temporary lack of descriptors or memory is not a local rejection")
{
    using cyclos::errc;
    namespace system = boost::system::errc;
    for (const auto cause : {system::too_many_files_open, system::too_many_files_open_in_system,
                             system::not_enough_memory, system::resource_unavailable_try_again}) {
        const cyclos::error e{errc::source_failed, {.cause = make_error_code(cause)}};
        CHECK_FALSE(e.is_rejected_locally());
        CHECK(e.kind() == "source");
        CHECK(e.cause() == cause);
    }
    const cyclos::error missing{errc::source_failed,
                                {.cause = make_error_code(system::no_such_file_or_directory)}};
    CHECK(missing.is_rejected_locally());
}

TEST_CASE("API errors: kind() of errors that the library reports itself")
{
    using cyclos::errc;
    using cyclos::phase;
    const struct
    {
        cyclos::error_code code;
        cyclos::phase phase;
        std::string_view kind;
    } cases[] = {
        {errc::invalid_argument, phase::preparing, "rejected"},
        {errc::source_failed, phase::preparing, "rejected"},
        {errc::source_failed, phase::sending, "source"},
        {errc::acquire_timeout, phase::acquiring, "timeout"},
        {errc::resolve_timeout, phase::resolving, "timeout"},
        {errc::connect_timeout, phase::connecting, "timeout"},
        {errc::handshake_timeout, phase::handshaking, "timeout"},
        {errc::response_header_timeout, phase::awaiting_response, "timeout"},
        {errc::inactivity_timeout, phase::sending, "timeout"},
        {errc::total_timeout, phase::receiving, "timeout"},
        {errc::cancelled, phase::awaiting_response, "cancelled"},
        {errc::connection_lost, phase::receiving, "transport"},
        {errc::unexpected_response, phase::decoding, "response"},
        {boost::system::errc::make_error_code(boost::system::errc::connection_refused),
         phase::connecting, "transport"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.kind);
        const cyclos::error e{c.code, {.phase = c.phase}};
        CHECK(e.kind() == c.kind);
    }
}
