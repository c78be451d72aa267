//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Credentials are sent to the configured origin only.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"

#include <string>
#include <vector>

namespace {

using namespace cyclos::test;

adjustment following(unsigned count)
{
    return [=](cyclos::config& c) { c.max_redirects = count; };
}

constexpr const char* old_place = "/images/old";

cyclos::sandbox::misbehaviour redirect(const std::string& location, unsigned status = 302)
{
    return {.target = old_place, .status = status, .headers = {{"Location", location}}};
}

std::string portrait_target()
{
    return std::string{"/api/images/"} + fixture::portrait;
}

} // namespace

TEST_SUITE("redirects")
{
    TEST_CASE("redirects: none is followed by default")
    {
        sandbox_session session;
        session.server.misbehave(redirect(portrait_target()));
        const auto outcome = session.attempt(session.images.view_image("old"));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 302);
        CHECK(outcome.error().kind() == "api");
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE("redirects: relative and absolute locations within the origin are followed, for "
              "every status")
    {
        for (const unsigned status : {301U, 302U, 303U, 307U, 308U}) {
            sandbox_session session{{}, following(1)};
            for (const std::string& location :
                 {portrait_target(), std::string{fixture::portrait},
                  session.server.origin() + portrait_target(),
                  "//localhost:" + std::to_string(session.server.port()) + portrait_target(),
                  "./../images/" + std::string{fixture::portrait} + "?fields=width#part",
                  "https://LOCALHOST:" + std::to_string(session.server.port()) +
                      portrait_target()}) {
                CAPTURE(location);
                session.server.clear_misbehaviours();
                session.server.misbehave(redirect(location, status));
                CHECK(session.run(session.images.view_image("old")).width == 64);
                const auto last = session.last_request();
                CHECK(last.method() == "GET");
                CHECK(last.header("Authorization"));
                CHECK(last.header("Host") == "localhost:" + std::to_string(session.server.port()));
                CHECK(last.target().substr(0, portrait_target().size()) == portrait_target());
            }
            CHECK(session.stats().opened ==
                  1); // the responses were read, and the connection reused
        }
    }

    TEST_CASE("redirects: contents are redirected")
    {
        sandbox_session session{{}, following(1)};
        session.server.misbehave(
            {.target = "/images/content/old",
             .status = 302,
             .headers = {{"Location", std::string{"/api/images/content/"} + fixture::portrait}}});
        auto content = session.run(session.images.get_image_content("old"));
        CHECK(content.content_type() == "image/png");
        CHECK(session.run(content.read_all(1 << 20)).size() > 0);
    }

    TEST_CASE("redirects: another origin, a location with user information and an invalid URL are "
              "not followed")
    {
        cyclos::sandbox::server other;
        sandbox_session session{{}, following(5)};
        const std::string port = std::to_string(session.server.port());
        for (const std::string& location :
             {other.origin() + portrait_target(),
              "//localhost:" + std::to_string(other.port()) + portrait_target(),
              "https://127.0.0.1:" + std::to_string(other.port()) + "/",
              "https://127.0.0.1:" + port + portrait_target(),
              "https://localhost.:" + port + portrait_target(),
              "https://localhost" + portrait_target(),
              "http://localhost:" + port + portrait_target(),
              "https://somebody@localhost:" + port + portrait_target(),
              "https://localhost:" + port + "@127.0.0.1:" + std::to_string(other.port()) + "/",
              "https://%6cocalhost:" + port + portrait_target(), "ftp://localhost:" + port + "/",
              std::string{"https://"}, std::string{"http:"}, std::string{"\\\\elsewhere\\x"},
              std::string{"/a b"}, std::string{}}) {
            CAPTURE(location);
            session.server.clear_misbehaviours();
            session.server.misbehave(redirect(location));
            session.server.reset_statistics();
            const auto outcome = session.attempt(session.images.view_image("old"));
            REQUIRE(outcome.as<cyclos::api_error>());
            CHECK(outcome.as<cyclos::api_error>()->status() == 302);
            CHECK(outcome.error().attempts() == 1);
            CHECK(session.server.statistics().requests == 1);
        }
        session.server.clear_misbehaviours();
        session.server.misbehave({.target = old_place, .status = 302}); // no Location
        CHECK(session.attempt(session.images.view_image("old")).as<cyclos::api_error>()->status() ==
              302);
        CHECK(other.statistics().accepted == 0);
    }

    TEST_CASE("redirects: only GET requests are redirected")
    {
        sandbox_session session{{}, following(5)};
        session.server.misbehave({.status = 307, .headers = {{"Location", "/api/elsewhere"}}});
        const auto status = [](const auto& outcome) {
            return outcome.template as<cyclos::api_error>()->status();
        };
        CHECK(status(session.attempt(session.images.delete_image(fixture::portrait))) == 307);
        CHECK(status(session.attempt(session.images.reorder_profile_images(
                  "self", std::vector<std::string>{fixture::portrait}))) == 307);
        CHECK(status(session.attempt(session.images.upload_temp_image(pattern_source{10}))) == 307);
        for (const auto& each : session.server.requests()) {
            CHECK(each.target().find("elsewhere") == std::string_view::npos);
        }
    }

    TEST_CASE("redirects: a loop ends at max_redirects")
    {
        sandbox_session session{{}, following(3)};
        session.server.misbehave(redirect("old"));
        const auto outcome = session.attempt(session.images.view_image("old"));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 302);
        CHECK(outcome.error().attempts() == 4);
        CHECK(session.server.statistics().requests == 4);
    }

    TEST_CASE("redirects: an error at the target is reported")
    {
        sandbox_session session{{}, following(3)};
        session.server.misbehave(redirect("/api/images/7"));
        const auto outcome = session.attempt(session.images.view_image("old"));
        CHECK(outcome.as<cyclos::not_found>());
        CHECK(outcome.error().attempts() == 2);
    }

    TEST_CASE("redirects: a session that ends during a redirect is renewed")
    {
        sandbox_session session{
            {}, cyclos::credentials::session_login("demo", "demo"), following(1)};
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        session.server.store().expire_sessions();
        session.server.misbehave(redirect(portrait_target()));
        CHECK(session.run(session.images.view_image("old")).width == 64);
        CHECK(session.server.store().session_count() == 1);
    }

    TEST_CASE("redirects: a login is not redirected")
    {
        cyclos::sandbox::server other;
        sandbox_session session{
            {}, cyclos::credentials::session_login("demo", "demo"), following(5)};
        session.server.misbehave({.target = "/auth/session",
                                  .status = 307,
                                  .headers = {{"Location", other.url() + "/auth/session"}}});
        const auto outcome = session.attempt(session.images.view_image(fixture::portrait));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 307);
        CHECK(session.server.statistics().requests == 1);
        CHECK(other.statistics().accepted == 0);
    }

    TEST_CASE("redirects: locations in responses are data, and are not requested")
    {
        cyclos::sandbox::server elsewhere;
        sandbox_session session{{.content_origin = elsewhere.origin()}, following(5)};
        const auto stored =
            session.run(session.images.upload_user_image("self", pattern_source{10}));
        REQUIRE(stored.location);
        CHECK(stored.location->starts_with(elsewhere.origin()));
        for (const auto& each : session.run(session.images.list_user_images("self"))) {
            CHECK(each.url->starts_with(elsewhere.origin()));
        }
        CHECK(
            session.run(session.images.view_image(stored.id)).url->starts_with(elsewhere.origin()));
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(100)).size() == 10);
        CHECK(elsewhere.statistics().accepted == 0);
    }
}
