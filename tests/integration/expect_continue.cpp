//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Uploads with Expect: 100-continue.

#include "integration/support/integration_test.hpp"
#include "integration/support/nginx.hpp"
#include "integration/support/pattern_source.hpp"

#include <cyclos/sandbox/certificates.hpp>

#include <string>

namespace {

using namespace cyclos::test;

adjustment asking(std::uint64_t from = 0, std::chrono::milliseconds patience = 60s)
{
    return [=](cyclos::config& c) {
        c.uploads.expect_continue_threshold = from;
        c.uploads.continue_timeout = patience;
    };
}

void check_stored(sandbox_session& session, const cyclos::uploaded_image& made, std::size_t size)
{
    const auto kept = session.server.store().find_image(made.id);
    REQUIRE(kept);
    CHECK(kept->sha256 == sha256(pattern(size)));
}

} // namespace

TEST_SUITE("Expect: 100-continue")
{
    TEST_CASE("Expect: 100-continue: it is sent only if configured, and only for uploads above the "
              "threshold")
    {
        sandbox_session session;
        session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        CHECK_FALSE(session.last_request().header("Expect"));

        sandbox_session large{{}, asking(1000)};
        large.run(large.images.upload_temp_image(pattern_source{999}));
        CHECK_FALSE(large.last_request().header("Expect"));
        large.run(large.images.upload_temp_image(pattern_source{1000}));
        CHECK(large.last_request().header("Expect") == "100-continue");
        pattern_source unknown{10};
        unknown.announced_length.reset();
        large.run(large.images.upload_temp_image(std::move(unknown)));
        CHECK(large.last_request().header("Expect") == "100-continue");
        large.run(large.images.delete_image(fixture::portrait));
        CHECK_FALSE(large.last_request().header("Expect"));
    }

    TEST_CASE("Expect: 100-continue: the image is sent after 100 Continue, for every size")
    {
        sandbox_session session{{}, asking()};
        for (const std::size_t size : {0U, 1U, 262'144U, 262'145U, 1'000'000U}) {
            check_stored(session,
                         session.run(session.images.upload_temp_image(pattern_source{size})), size);
        }
        CHECK(session.server.statistics().accepted == 1);
    }

    TEST_CASE("Expect: 100-continue: a server that does not answer receives the image after "
              "continue_timeout")
    {
        sandbox_session session{{}, asking(0, 50ms)};
        session.server.misbehave({.ignore_expect = true});
        check_stored(session,
                     session.run(session.images.upload_temp_image(pattern_source{300'000})),
                     300'000);
        CHECK(session.server.statistics().accepted == 1);
    }

    TEST_CASE("Expect: 100-continue: a server that rejects the request does not receive the image")
    {
        for (const unsigned status : {401U, 413U, 422U, 503U}) {
            sandbox_session session{{}, asking()};
            session.server.misbehave(
                {.read_body = 0, .ignore_expect = true, .status = status, .body = "{}"});
            const auto outcome =
                session.attempt(session.images.upload_temp_image(pattern_source{10'000'000}));
            REQUIRE(outcome.as<cyclos::api_error>());
            CHECK(outcome.as<cyclos::api_error>()->status() == status);
            CHECK(outcome.error().sent() == sent_state::partial);
            session.until([&] { return session.stats().in_use == 0; });
            CHECK(session.stats().idle == 0); // another request must not take the place of the body
            session.until(
                [&] { return session.server.statistics().open == 0; }); // and nothing is in flight
            CHECK(session.last_request().body_received == 0);
        }
    }

    TEST_CASE("Expect: 100-continue: after 417 the request is sent again without Expect, once")
    {
        sandbox_session session{{}, asking()};
        session.server.misbehave(
            {.times = 1, .read_body = 0, .ignore_expect = true, .status = 417});
        check_stored(session,
                     session.run(session.images.upload_temp_image(pattern_source{300'000})),
                     300'000);
        CHECK_FALSE(session.last_request().header("Expect"));
        CHECK(session.server.statistics().requests == 2);
        session.server.misbehave({.status = 417, .body = "{}"});
        const auto outcome =
            session.attempt(session.images.upload_temp_image(pattern_source{300'000}));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 417);
    }

    TEST_CASE("Expect: 100-continue: a server that closes the connection instead receives no "
              "image, and the request is not repeated")
    {
        for (const auto end : {ending::notify, ending::fin, ending::reset}) {
            sandbox_session session{{}, asking()};
            session.server.misbehave({.read_body = 0, .ignore_expect = true, .instead = end});
            const auto outcome =
                session.attempt(session.images.upload_temp_image(pattern_source{300'000}));
            CHECK(outcome.error().code() == errc::connection_lost);
            CHECK(outcome.error().sent() == sent_state::partial);
            CHECK(session.server.statistics().requests == 1);
            CHECK(session.server.store().temp_images().empty());
        }
    }

    TEST_CASE(
        "Expect: 100-continue: cancellation, closing the client and the total timeout end the wait")
    {
        sandbox_session session{{}, asking()};
        session.server.misbehave({.read_body = 0, .ignore_expect = true, .instead = ending::hang});
        asio::cancellation_signal cancel;
        auto outcome = asio::co_spawn(
            session.client.get_executor(),
            cyclos::as_result(session.images.upload_temp_image(pattern_source{300'000})),
            asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
        session.until([&] { return session.server.statistics().requests == 1; });
        cancel.emit(asio::cancellation_type::terminal);
        CHECK(session.get(std::move(outcome)).error().code() == errc::cancelled);

        auto closed = session.start(
            cyclos::as_result(session.images.upload_temp_image(pattern_source{300'000})));
        session.until([&] { return session.server.statistics().requests == 2; });
        session.run(session.client.close(0s));
        CHECK(session.get(std::move(closed)).error().code() == errc::client_closed);

        sandbox_session timed{{}, [](cyclos::config& c) {
                                  asking()(c);
                                  c.timeouts.total = 100ms;
                              }};
        timed.server.misbehave({.read_body = 0, .ignore_expect = true, .instead = ending::hang});
        CHECK(
            timed.attempt(timed.images.upload_temp_image(pattern_source{300'000})).error().code() ==
            errc::total_timeout);
    }

    TEST_CASE("Expect: 100-continue: nginx rejects an upload that is too large before it is sent, "
              "and accepts others")
    {
        const cyclos::sandbox::authority authority;
        const auto pem = authority.issue_server();
        cyclos::sandbox::server server{{.tls = false}};
        nginx front{{.certificate = pem.certificate,
                     .private_key = pem.key,
                     .upstream = "http://127.0.0.1:" + std::to_string(server.port()),
                     .directives = "client_max_body_size 500k; proxy_request_buffering off;"}};
        cyclos::config settings{front.url() + "/api", demo()};
        settings.tls.use_system_ca = false;
        settings.tls.ca_pem = authority.ca_pem();
        asking()(settings);
        client_session session{settings};

        const auto made = session.run(session.images.upload_temp_image(pattern_source{400'000}));
        CHECK(server.store().find_image(made.id)->sha256 == sha256(pattern(400'000)));

        std::uint64_t read = 0;
        pattern_source large{100U << 20U};
        large.before_read = [&](std::uint64_t offset) { read = offset; };
        const auto outcome = session.attempt(session.images.upload_temp_image(std::move(large)));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 413);
        CHECK(read <= 2 * 262'144); // the blocks that were read ahead
        CHECK(session.attempt(session.images.view_image(fixture::portrait)));
    }
}
