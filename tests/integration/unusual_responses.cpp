//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Responses of a server or a proxy other than the usual ones.

#include "integration/support/integration_test.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::api_error;

const std::string html =
    "<html><head><title>Sorry</title></head><body><h1>It is not here</h1></body></html>";

failure status(unsigned code, sent_state sent = sent_state::complete)
{
    return {cyclos::error_code{static_cast<int>(code), cyclos::http_status_category()},
            phase::receiving, sent};
}

/// The result of a request with this response. Its connection must be reusable for the next
/// request.
cyclos::result<cyclos::image_view> answered(cyclos::sandbox::misbehaviour script, bool kept = true)
{
    sandbox_session session;
    script.times = 1;
    session.server.misbehave(std::move(script));
    auto outcome = session.attempt(session.images.view_image(fixture::portrait));
    CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    CHECK(session.server.statistics().accepted == (kept ? 1 : 2));
    return outcome;
}

} // namespace

TEST_SUITE("error responses")
{
    TEST_CASE("error responses: each status has its error class")
    {
        struct sample
        {
            unsigned status = 0;
            std::string_view body = {};
            std::string_view kind = {};
            std::string_view code = {};
        };
        const std::vector<sample> samples{
            {400, R"({"code":"json","message":"no","line":1,"column":2})", "bad_request", "json"},
            {401, R"({"code":"loggedOut"})", "unauthorized", "loggedOut"},
            {403, R"({"code":"permissionDenied"})", "forbidden", "permissionDenied"},
            {404, R"({"entityType":"Image","key":"1"})", "not_found", ""},
            {405, R"({"code":"smsSending"})", "method_not_allowed", "smsSending"},
            {409, R"({"code":"staleEntity"})", "conflict", "staleEntity"},
            {422, R"({"code":"validation","generalErrors":["no"]})", "invalid_input", "validation"},
            {500, R"({"exceptionType":"java.lang.Error","kind":"general"})",
             "internal_server_error", ""},
            {503, R"({"code":"emailSending"})", "service_unavailable", "emailSending"},
            {418, R"({"code":"teapot"})", "api", ""},
            {429, "", "api", ""},
            {502, html, "api", ""},
            {507, "{}", "api", ""},
        };
        for (const auto& each : samples) {
            CAPTURE(each.status);
            const auto outcome = answered({.status = each.status, .body = std::string{each.body}});
            CHECK(failure_of(outcome) == status(each.status));
            const auto* e = outcome.as<api_error>();
            REQUIRE(e);
            CHECK(e->kind() == each.kind);
            CHECK(e->status() == each.status);
            CHECK(e->body() == each.body);
            if (!each.code.empty()) {
                CHECK(e->server_code() == each.code);
            }
            CHECK(e->operation() == "view_image");
            CHECK(e->endpoint().starts_with("https://localhost:"));
        }
    }

    TEST_CASE("error responses: the details of the body are read")
    {
        const auto outcome = answered(
            {.status = 422,
             .body =
                 R"({"code":"fileUploadSize","maxFileSize":1024,"propertyErrors":{"image":["too large"]}})"});
        const auto* e = outcome.as<cyclos::invalid_input>();
        REQUIRE(e);
        CHECK(e->details().max_file_size == 1024);
        CHECK(std::string{e->what()}.find("fileUploadSize") != std::string::npos);
    }

    TEST_CASE("error responses: an HTML page of a proxy is kept in body(), and the class follows "
              "the status")
    {
        for (const unsigned code : {400U, 401U, 403U, 404U, 422U, 500U, 503U}) {
            CAPTURE(code);
            const auto outcome = answered(
                {.status = code, .body = html, .content_type = "text/html; charset=utf-8"});
            CHECK(failure_of(outcome) == status(code));
            const auto* e = outcome.as<api_error>();
            REQUIRE(e);
            CHECK(e->kind() != "api");
            CHECK(e->body() == html);
            CHECK(e->content_type() == "text/html; charset=utf-8");
            CHECK(std::string{e->what()}.find("Sorry") == std::string::npos);
        }
    }

    TEST_CASE(
        "error responses: bodies that are not valid error JSON still give the class of the status")
    {
        using namespace std::string_literals;
        for (const auto& body :
             {""s, "{"s, "null"s, "[]"s, "42"s, "\"text\""s, "{\"code\":7}"s, "{\"code\":\"new\"}"s,
              "\xff\xfe\0\x80"s, "{\"code\":\"\xff\"}"s, std::string(2000, '[')}) {
            for (const unsigned code : {400U, 401U, 403U, 404U, 405U, 409U, 422U, 500U, 503U}) {
                const auto outcome = answered({.status = code, .body = body});
                CHECK(failure_of(outcome) == status(code));
                REQUIRE(outcome.as<api_error>());
                CHECK(outcome.as<api_error>()->body() == body);
            }
        }
    }

    TEST_CASE("error responses: a long body is truncated to 4 KiB, and a very long one is not read "
              "to its end")
    {
        const auto some = answered(
            {.status = 500, .body = std::string(20'000, 'x'), .content_type = "text/plain"});
        CHECK(some.as<api_error>()->body() == std::string(4096, 'x'));
        const auto more = answered(
            {.status = 500, .body = std::string(1'000'000, 'x'), .content_type = "text/plain"},
            false);
        CHECK(more.as<api_error>()->body() == std::string(4096, 'x'));
    }

    TEST_CASE("error responses: a body that breaks off does not hide the status")
    {
        for (const auto end : {ending::notify, ending::fin, ending::reset}) {
            const auto outcome = answered(
                {.status = 404, .body = std::string(5000, 'x'), .stop_after = 3000, .stopped = end},
                false);
            CHECK(failure_of(outcome) == status(404));
        }
    }

    TEST_CASE("error responses: a body that does not arrive delays the error by a second at most, "
              "and the received part is used")
    {
        for (const auto framed : {framing::content_length, framing::chunked}) {
            const auto begin = std::chrono::steady_clock::now();
            const auto outcome =
                answered({.status = 404,
                          .body = R"({"entityType":"Image"})" + std::string(5000, ' '),
                          .framing = framed,
                          .stop_after = 3000,
                          .stopped = ending::hang},
                         false);
            CHECK(std::chrono::steady_clock::now() - begin <
                  10s); // and not after the 30 s of timeouts.inactivity
            CHECK(failure_of(outcome) == status(404));
            CHECK(outcome.as<api_error>()->body().starts_with(R"({"entityType":"Image"})"));
        }
    }

    TEST_CASE("error responses: the part of a body before a malformed chunk is used")
    {
        const auto outcome =
            answered({.raw = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n"
                             "15\r\n{\"entityType\":\"Image\"\r\nno size\r\n"},
                     false);
        const auto* error = dynamic_cast<const api_error*>(&outcome.error());
        REQUIRE(error != nullptr);
        CHECK(error->body() == "{\"entityType\":\"Image\"");
    }

    TEST_CASE("error responses: a body that does not arrive does not delay a retry")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.retry.max_retries = 1;
                                    c.retry.base_delay = 1ms;
                                }};
        session.server.misbehave({.times = 1,
                                  .status = 503,
                                  .body = std::string(5000, ' '),
                                  .stop_after = 3000,
                                  .stopped = cyclos::sandbox::ending::hang});
        const auto begin = std::chrono::steady_clock::now();
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(std::chrono::steady_clock::now() - begin < 10s);
    }

    TEST_CASE("error responses: the body is read in every framing")
    {
        const std::string body = R"({"entityType":"Image","key":"1"})";
        for (const auto framed :
             {framing::content_length, framing::chunked, framing::until_close}) {
            const auto outcome =
                answered({.status = 404,
                          .body = body,
                          .framing = framed,
                          .end = framed == framing::until_close ? cyclos::sandbox::ending::notify
                                                                : cyclos::sandbox::ending::keep},
                         framed != framing::until_close);
            CHECK(failure_of(outcome) == status(404));
            CHECK(outcome.as<cyclos::not_found>()->details().key == "1");
        }
    }

    TEST_CASE("error responses: Retry-After is available in the error")
    {
        const auto retry_after = [](std::string value) {
            const auto outcome =
                answered({.status = 503, .headers = {{"Retry-After", std::move(value)}}});
            return outcome.as<api_error>()->retry_after();
        };
        CHECK(retry_after("120") == std::chrono::seconds{120});
        CHECK(retry_after("0") == std::chrono::seconds{0});
        CHECK(retry_after("Fri, 31 Dec 1999 23:59:59 GMT") ==
              std::chrono::seconds{0}); // in the past
        CHECK(retry_after("soon") == std::nullopt);
        CHECK(retry_after("-1") == std::nullopt);
    }

    TEST_CASE("error responses: a redirect to another server is not followed, so credentials are "
              "not sent there")
    {
        sandbox_session session;
        cyclos::sandbox::server other;
        session.server.misbehave(
            {.status = 302, .headers = {{"Location", other.url() + "/images/1"}}});
        const auto outcome = session.attempt(session.images.view_image("1"));
        CHECK(failure_of(outcome) == status(302));
        CHECK(other.statistics().accepted == 0);
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE(
        "error responses: an error in place of content is reported, and the connection is reused")
    {
        sandbox_session session;
        const auto outcome = session.attempt(session.images.get_image_content("missing"));
        REQUIRE(outcome.as<cyclos::not_found>());
        CHECK(outcome.as<cyclos::not_found>()->details().key == "missing");
        CHECK(session.stats().idle == 1);
    }
}

TEST_SUITE("unexpected responses")
{
    failure unexpected()
    {
        return {errc::unexpected_response, phase::decoding, sent_state::complete};
    }

    TEST_CASE("unexpected responses: a model that is not valid JSON is an unexpected response")
    {
        for (const std::string body : {"", "{", "null", "[]", "7", "{\"id\":[]}",
                                       "{\"width\":\"wide\"}", "\xff", "<html></html>"}) {
            CAPTURE(body);
            const auto outcome = answered({.status = 200, .body = body});
            CHECK(failure_of(outcome) == unexpected());
            CHECK(outcome.error().operation() == "view_image");
        }
        const auto page = answered({.status = 200, .body = html, .content_type = "text/html"});
        CHECK(failure_of(page) == unexpected());
    }

    TEST_CASE("unexpected responses: an upload response without a valid id is an unexpected "
              "response that reports the request as sent")
    {
        for (const std::string body : {"", "  ", "{\"id\":1}", "a b", "<html></html>"}) {
            CAPTURE(body);
            sandbox_session session;
            session.server.misbehave({.status = 201, .body = body, .content_type = "text/plain"});
            const auto outcome = session.attempt(
                session.images.upload_user_image("self", memory_source{std::string{"x"}}));
            CHECK(failure_of(outcome) == unexpected());
        }
    }

    TEST_CASE("unexpected responses: an id in quotes or white space is read")
    {
        for (const std::string body : {"-42", "\"-42\"", " -42\r\n"}) {
            CAPTURE(body);
            sandbox_session session;
            session.server.misbehave({.status = 201, .body = body, .content_type = "text/plain"});
            const auto stored = session.run(
                session.images.upload_user_image("self", memory_source{std::string{"x"}}));
            CHECK(stored.id == "-42");
        }
    }

    TEST_CASE("unexpected responses: JSON larger than max_json_size is rejected")
    {
        const std::string body = R"({"name":")" + std::string(1000, 'x') + "\"}";
        for (const auto framed :
             {framing::content_length, framing::chunked, framing::until_close}) {
            const auto limited = [&](std::uint64_t limit) {
                sandbox_session session{{}, [&](cyclos::config& c) { c.max_json_size = limit; }};
                session.server.misbehave({.times = 1,
                                          .status = 200,
                                          .body = body,
                                          .framing = framed,
                                          .end = framed == framing::until_close
                                                     ? cyclos::sandbox::ending::notify
                                                     : cyclos::sandbox::ending::keep});
                auto outcome = session.attempt(session.images.view_image("1"));
                session.server.misbehave({.status = 200, .body = "{}"});
                session.run(session.images.view_image("1"));
                return outcome;
            };
            const auto refused = limited(body.size() - 1);
            CHECK(failure_of(refused) ==
                  failure{errc::body_limit, phase::receiving, sent_state::complete});
            CHECK(limited(body.size())->name == std::string(1000, 'x'));
        }
    }

    TEST_CASE("unexpected responses: a success status of another operation is an unexpected "
              "response that reports the request as sent")
    {
        struct sample
        {
            unsigned status = 0;
            std::string_view body = {};
            std::string_view type = {};
        };
        const std::vector<std::string> ids{"1"};
        const auto answered_to_all = [&](const sample& each, bool upload) {
            CAPTURE(each.status);
            CAPTURE(each.body);
            sandbox_session session;
            session.server.misbehave({.status = each.status,
                                      .body = std::string{each.body},
                                      .content_type = std::string{each.type}});
            if (upload) {
                CHECK(failure_of(session.attempt(session.images.upload_user_image(
                          "self", memory_source{std::string{"x"}}))) == unexpected());
            }
            else {
                CHECK(failure_of(session.attempt(session.images.delete_image("1"))) ==
                      unexpected());
                CHECK(failure_of(session.attempt(
                          session.images.reorder_profile_images("self", ids))) == unexpected());
            }
        };
        for (const sample& each : std::vector<sample>{{200, "<html>OK</html>", "text/html"},
                                                      {200, "OK", "text/plain"},
                                                      {200, "{}", "application/json"},
                                                      {201, "", ""},
                                                      {202, "", ""},
                                                      {203, "", ""}}) {
            answered_to_all(each, false);
        }
        for (const sample& each : std::vector<sample>{{200, "OK", "text/html"},
                                                      {200, "42", "text/plain"},
                                                      {201, "42", "text/html; charset=utf-8"},
                                                      {201, "42", "application/xhtml+xml"},
                                                      {202, "42", "text/plain"},
                                                      {204, "", ""}}) {
            answered_to_all(each, true);
        }
        for (const unsigned status : {201U, 202U, 204U, 206U}) {
            CAPTURE(status);
            sandbox_session session;
            session.server.misbehave(
                {.status = status, .body = status == 204 ? "" : R"({"id":"1"})"});
            CHECK(failure_of(session.attempt(session.images.view_image("1"))) == unexpected());
            CHECK(failure_of(session.attempt(session.images.get_image_content("1"))) ==
                  unexpected());
        }
    }

    TEST_CASE("unexpected responses: an unexpected success status is rejected at its header "
              "section, and is not retried")
    {
        const auto refused = [](const std::string& head, auto operation) {
            CAPTURE(head);
            cyclos::error_code reported;
            sandbox_session session{
                {}, [&](cyclos::config& c) {
                    c.retry = {.max_retries = 2, .base_delay = 1ms};
                    c.on_event = [&](const cyclos::client_event& event) {
                        if (const auto* done =
                                std::get_if<cyclos::events::request_finished>(&event)) {
                            reported = done->code;
                        }
                    };
                }};
            for (const auto end :
                 {cyclos::sandbox::ending::freeze, cyclos::sandbox::ending::notify}) {
                session.server.clear_misbehaviours();
                session.server.misbehave({.raw = head + "\r\n<html>", .end = end});
                const auto begin = std::chrono::steady_clock::now();
                const auto before = session.server.statistics().requests;
                CHECK(failure_of(session.attempt(operation(session))) == unexpected());
                CHECK(std::chrono::steady_clock::now() - begin < 10s);
                CHECK(session.server.statistics().requests == before + 1);
                CHECK(reported == errc::unexpected_response);
            }
        };
        const std::string page = "Content-Type: text/html\r\nContent-Length: 1000\r\n";
        const std::string chunked = "Transfer-Encoding: chunked\r\n";
        const auto view = [](sandbox_session& session) { return session.images.view_image("1"); };
        const auto remove = [](sandbox_session& session) {
            return session.images.delete_image("1");
        };
        const auto upload = [](sandbox_session& session) {
            return session.images.upload_user_image("self", memory_source{std::string{"x"}});
        };
        const auto read = [](sandbox_session& session) {
            return session.images.get_image_content("1");
        };
        refused("HTTP/1.1 202 Accepted\r\n" + page, view);
        refused("HTTP/1.1 200 OK\r\n" + page, remove);
        refused("HTTP/1.1 200 OK\r\n" + chunked + "\r\n6",
                remove); // the chunk begins, so there is a body
        refused("HTTP/1.1 201 Created\r\n" + page, upload);
        refused("HTTP/1.1 200 OK\r\n" + page, read);
        refused(
            "HTTP/1.1 206 Partial Content\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n",
            read);
    }

    TEST_CASE("unexpected responses: 200 without content in place of 204, and 203 of a proxy, are "
              "accepted")
    {
        CHECK(answered({.status = 203, .body = R"({"id":"1"})"})->id == "1");
        for (const auto framed : {framing::content_length, framing::chunked}) {
            sandbox_session session;
            session.server.misbehave({.status = 200, .framing = framed});
            CHECK_NOTHROW(session.run(session.images.delete_image("1")));
            const std::vector<std::string> ids{"1"};
            CHECK_NOTHROW(session.run(session.images.reorder_profile_images("self", ids)));
            CHECK(session.stats().idle == 1);
        }
        sandbox_session session;
        session.server.misbehave({.status = 203, .body = "bytes", .content_type = "image/png"});
        auto content = session.run(session.images.get_image_content("1"));
        CHECK(session.run(content.read_all(100)) == "bytes");
    }
}
