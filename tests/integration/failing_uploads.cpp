//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Uploads that fail: the error states how much was sent, and the server never stores a part.

#include "integration/support/content_session.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/pausing_source.hpp"
#include "integration/support/temporary_directory.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;

constexpr std::uint64_t large = 48U << 20U; // more than all buffers hold

/// A session in which nothing may have been stored at the end, and everything must work again.
class upload_session : public sandbox_session
{
public:
    using sandbox_session::sandbox_session;

    cyclos::result<cyclos::uploaded_image> upload(cyclos::source content)
    {
        return attempt(images.upload_user_image("self", std::move(content)));
    }

    void check_nothing_stored()
    {
        until([&] { return stats().in_use == 0; });
        CHECK(server.store().user_images(fixture::demo_id).size() == 1);
        server.clear_misbehaviours();
        CHECK(run(images.upload_user_image("self", memory_source{pattern(1000), "x", "image/png"}))
                  .id != "");
        CHECK(server.store().user_images(fixture::demo_id).size() == 2);
    }
};

std::vector<cyclos::source> large_sources(const temporary_directory& directory)
{
    const auto file = directory.write("large.png", "");
    std::filesystem::resize_file(file, large);
    pattern_source unknown{large};
    unknown.announced_length.reset();
    std::vector<cyclos::source> sources;
    sources.emplace_back(pattern_source{large});
    sources.emplace_back(std::move(unknown));
    sources.emplace_back(memory_source{std::string(large, 'x'), "x", "image/png"});
    sources.emplace_back(file_source{file});
    return sources;
}

} // namespace

TEST_SUITE("response during an upload")
{
    TEST_CASE("response during an upload: an error status is reported, whatever the source and the "
              "end of the connection")
    {
        const temporary_directory directory;
        for (const unsigned status : {401U, 413U}) {
            for (const bool polite : {true, false}) {
                for (auto& source : large_sources(directory)) {
                    upload_session session;
                    session.server.misbehave({.method = "POST",
                                              .read_body = 100'000,
                                              .status = status,
                                              .body = R"({"code":"login"})",
                                              .announce_close = polite,
                                              .drain_body = polite,
                                              .end = polite ? ending::notify : ending::hang});
                    const auto outcome = session.upload(std::move(source));
                    REQUIRE(outcome.as<cyclos::api_error>());
                    CHECK(outcome.as<cyclos::api_error>()->status() == status);
                    CHECK(outcome.as<cyclos::api_error>()->body() == R"({"code":"login"})");
                    CHECK(outcome.error().sent() == sent_state::partial);
                    CHECK(outcome.error().attempts() == 1);
                    session.check_nothing_stored();
                }
            }
        }
    }

    TEST_CASE("response during an upload: an error status before any byte of the body was read is "
              "reported")
    {
        upload_session session;
        session.server.misbehave(
            {.method = "POST", .read_body = 0, .status = 401, .drain_body = false});
        const auto outcome = session.upload(pattern_source{large});
        CHECK(outcome.as<cyclos::unauthorized>() != nullptr);
        CHECK(outcome.error().sent() == sent_state::partial);
        session.check_nothing_stored();
    }

    TEST_CASE("response during an upload: the connection is not reused")
    {
        upload_session session;
        session.server.misbehave({.method = "POST", .read_body = 0, .status = 401});
        CHECK(session.upload(pattern_source{large}).as<cyclos::unauthorized>() != nullptr);
        session.server.clear_misbehaviours();
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.server.statistics().accepted == 2);
    }

    TEST_CASE("response during an upload: a 413 of the size limit is reported")
    {
        upload_session session{{.max_request = 1000}};
        const auto outcome = session.upload(pattern_source{large});
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 413);
        CHECK(session.server.store().user_images(fixture::demo_id).size() == 1);
    }

    TEST_CASE(
        "response during an upload: an early success is the result after the upload has ended")
    {
        upload_session session;
        session.server.misbehave({.method = "POST",
                                  .read_body = 1000,
                                  .status = 201,
                                  .body = "7",
                                  .content_type = "text/plain"});
        CHECK(session.upload(pattern_source{1U << 20U})->id == "7");
        session.until([&] { return session.last_request().body_complete; });
    }

    TEST_CASE("response during an upload: an early success is the result, however the connection "
              "ends then")
    {
        for (const auto end : {ending::freeze, ending::reset, ending::fin, ending::notify}) {
            for (const auto framed : {framing::content_length, framing::chunked}) {
                CAPTURE(static_cast<int>(end));
                upload_session session{{},
                                       [](cyclos::config& c) { c.timeouts.inactivity = 300ms; }};
                session.server.misbehave({.method = "POST",
                                          .times = 1,
                                          .read_body = 1000,
                                          .status = 201,
                                          .body = "7",
                                          .content_type = "text/plain",
                                          .framing = framed,
                                          .drain_body = false,
                                          .end = end});
                CHECK(session.upload(pattern_source{large})->id == "7");
                CHECK(session.server.statistics().requests == 1);
                session.check_nothing_stored();
            }
        }
    }

    TEST_CASE("response during an upload: an early success is the result despite the total timeout "
              "or a failing source")
    {
        upload_session session{{}, [](cyclos::config& c) { c.timeouts.total = 1s; }};
        session.server.misbehave({.method = "POST",
                                  .times = 1,
                                  .read_body = 1000,
                                  .status = 201,
                                  .body = "7",
                                  .content_type = "text/plain",
                                  .drain_body = false,
                                  .end = ending::freeze});
        CHECK(session.upload(pattern_source{large})->id == "7");

        upload_session other;
        other.server.misbehave({.method = "POST",
                                .read_body = 1000,
                                .status = 201,
                                .body = "7",
                                .content_type = "text/plain"});
        pattern_source failing{large};
        failing.before_read = [](std::uint64_t offset) {
            if (offset >
                large / 2) { // more than all buffers hold: the server has responded already
                throw cyclos::error(errc::source_failed, {.detail = "the disk is gone"});
            }
        };
        CHECK(other.upload(std::move(failing))->id == "7");
    }

    TEST_CASE("response during an upload: an early success is the result although the source "
              "pauses and the server closes the connection")
    {
        for (const auto end : {ending::reset, ending::fin, ending::notify}) {
            upload_session session;
            session.server.misbehave({.method = "POST",
                                      .read_body = 1000,
                                      .status = 201,
                                      .body = "7",
                                      .content_type = "text/plain",
                                      .drain_body = false,
                                      .end = end});
            CHECK(session.upload(pausing_source{})->id == "7");
        }
    }

    TEST_CASE(
        "response during an upload: an early success is the result although a progress hook throws")
    {
        upload_session session;
        session.server.misbehave({.method = "POST",
                                  .read_body = 1000,
                                  .status = 201,
                                  .body = "7",
                                  .content_type = "text/plain"});
        const cyclos::progress_hook hook = [](const cyclos::transfer_progress& now) {
            if (now.bytes >
                large / 2) { // more than all buffers hold: the server has responded already
                throw std::runtime_error("of the hook");
            }
        };
        session.images = session.images.with({.progress = &hook});
        CHECK(session.upload(pattern_source{large})->id == "7");
    }

    TEST_CASE("response during an upload: an early success whose id does not arrive reports the "
              "request as sent completely")
    {
        upload_session session{{}, [](cyclos::config& c) {
                                   c.timeouts.inactivity = 300ms;
                                   c.retry = {
                                       .max_retries = 2, .base_delay = 1ms, .retry_uploads = true};
                               }};
        session.server.misbehave({.method = "POST",
                                  .read_body = 1000,
                                  .raw = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\n7",
                                  .drain_body = false,
                                  .end = ending::freeze});
        CHECK(failure_of(session.upload(pattern_source{large})) ==
              failure{errc::inactivity_timeout, phase::receiving, sent_state::complete});
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE("response during an upload: an early response that is malformed is reported as "
              "malformed, and not as missing")
    {
        upload_session session;
        session.server.misbehave(
            {.method = "POST",
             .read_body = 1000,
             .raw = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n"});
        CHECK(failure_of(session.upload(pattern_source{1U << 20U})) ==
              failure{errc::malformed_response, phase::receiving, sent_state::complete});
    }
}

TEST_SUITE("connection lost during an upload")
{
    TEST_CASE("connection lost during an upload: it fails with connection_lost, is not repeated, "
              "and nothing is stored")
    {
        const temporary_directory directory;
        for (const auto end : {ending::reset, ending::fin, ending::notify}) {
            for (auto& source : large_sources(directory)) {
                upload_session session;
                session.server.misbehave({.method = "POST", .read_body = 100'000, .instead = end});
                const auto outcome = session.upload(std::move(source));
                CHECK(failure_of(outcome) ==
                      failure{errc::connection_lost, phase::sending, sent_state::partial});
                CHECK(session.server.statistics().requests == 1); // not sent again
                session.check_nothing_stored();
            }
        }
    }

    TEST_CASE("connection lost during an upload: after it was sent completely, it is not repeated "
              "and not stored twice")
    {
        for (const auto end : {ending::reset, ending::fin, ending::notify}) {
            // Neither the retries that others may use nor a rewindable source cause another
            // attempt.
            upload_session session{
                {}, [](cyclos::config& c) { c.retry = {.max_retries = 2, .base_delay = 1ms}; }};
            session.server.misbehave({.method = "POST", .perform = true, .instead = end});
            const auto outcome = session.upload(memory_source{pattern(10'000), "x", "image/png"});
            CHECK(failure_of(outcome) ==
                  failure{errc::connection_lost, phase::awaiting_response, sent_state::complete});
            CHECK(session.server.statistics().requests == 1);
            CHECK(session.server.store().user_images(fixture::demo_id).size() == 2);
        }
    }
}

TEST_SUITE("failing source")
{
    TEST_CASE("failing source: fewer bytes than announced fail with source_changed")
    {
        for (const std::uint64_t given : {0U, 999U, 200'000U, 3'000'000U}) {
            upload_session session;
            pattern_source source{4'000'000};
            source.actual_length = given;
            const auto outcome = session.upload(std::move(source));
            const bool at_once = given == 0; // known before anything is sent
            CHECK(failure_of(outcome) ==
                  (at_once ? failure{errc::source_changed, phase::preparing, sent_state::none, 0}
                           : failure{errc::source_changed, phase::sending, sent_state::partial}));
            session.check_nothing_stored();
        }
    }

    TEST_CASE("failing source: more bytes than announced fail with source_changed")
    {
        for (const std::uint64_t announced : {0U, 1U, 130'000U, 3'000'000U}) {
            upload_session session;
            pattern_source source{4'000'000};
            source.announced_length = announced;
            const auto outcome = session.upload(std::move(source));
            CHECK(outcome.error().code() == errc::source_changed);
            CHECK(outcome.error().sent() != sent_state::complete);
            session.check_nothing_stored();
        }
    }

    TEST_CASE(
        "failing source: a length larger than any message is rejected before anything is sent")
    {
        for (const std::uint64_t announced :
             {~std::uint64_t{0}, ~std::uint64_t{0} - 100, std::uint64_t{1} << 63U}) {
            upload_session session;
            pattern_source source{1000};
            source.announced_length = announced;
            const auto outcome = session.upload(std::move(source));
            CHECK(outcome.error().code() == errc::source_rejected);
            CHECK(outcome.error().sent() == sent_state::none);
            session.check_nothing_stored();
        }
    }

    TEST_CASE("failing source: a failure in the middle is reported, with known and unknown length")
    {
        for (const bool known : {true, false}) {
            upload_session session;
            pattern_source source{4'000'000};
            if (!known) {
                source.announced_length.reset();
            }
            source.before_read = [](std::uint64_t offset) {
                if (offset > 1'000'000) {
                    throw cyclos::error(errc::source_failed, {.detail = "the disk is gone"});
                }
            };
            const auto outcome = session.upload(std::move(source));
            CHECK(failure_of(outcome) ==
                  failure{errc::source_failed, phase::sending, sent_state::partial});
            CHECK(outcome.error().context().detail == "the disk is gone");
            CHECK(outcome.error().operation() == "upload_user_image");
            CHECK_FALSE(outcome.error().is_rejected_locally());
            session.check_nothing_stored();
        }
    }

    TEST_CASE(
        "failing source: a download that fails as a source gives source_failed with the cause")
    {
        content_session session{
            1'000'000, {}, [](cyclos::config& c) { c.downloads.max_resumes = 0; }};
        session.server.misbehave(
            {.method = "GET", .stop_after = 600'000, .stopped = ending::reset});
        auto content = session.open();
        const auto outcome = session.attempt(session.images.upload_temp_image(std::move(content)));
        CHECK(failure_of(outcome) ==
              failure{errc::source_failed, phase::sending, sent_state::partial});
        CHECK(outcome.error().cause() == errc::connection_lost);
        CHECK(outcome.error().kind() == "source");
        CHECK(outcome.error().operation() == "upload_temp_image");
        CHECK(outcome.error().context().detail.find("get_image_content") != std::string::npos);
    }

    TEST_CASE("failing source: an exception of another type is rethrown unchanged")
    {
        for (const std::uint64_t failing_offset : {0U, 1'000'000U}) {
            upload_session session;
            pattern_source source{4'000'000};
            source.before_read = [=](std::uint64_t offset) {
                if (offset >= failing_offset) {
                    throw std::length_error("not ours");
                }
            };
            CHECK_THROWS_AS(
                session.run(session.images.upload_user_image("self", std::move(source))),
                std::length_error);
            session.check_nothing_stored();
        }
    }

    TEST_CASE("failing source: a missing file or a folder is rejected before anything is sent")
    {
        const temporary_directory directory;
        for (const auto& path : {directory / "missing.png", directory.path()}) {
            upload_session session;
            const auto outcome = session.upload(file_source{path});
            CHECK(failure_of(outcome) ==
                  failure{errc::source_failed, phase::preparing, sent_state::none, 0});
            CHECK(outcome.error().is_rejected_locally());
            CHECK(outcome.error().context().detail.find(path.string()) != std::string::npos);
            CHECK(session.server.statistics().accepted == 0);
        }
    }

    TEST_CASE("failing source: a file that is truncated while it is sent fails with source_changed")
    {
        class shrinking_file final : public cyclos::body_source
        {
        public:
            explicit shrinking_file(std::filesystem::path path)
                : path_(std::move(path))
                , file_(path_)
            {}
            asio::awaitable<void> open() override { return file_.open(); }
            std::optional<std::uint64_t> length() const override { return file_.length(); }
            std::string file_name() const override { return file_.file_name(); }
            std::string media_type() const override { return file_.media_type(); }
            asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
            {
                const std::size_t bytes = co_await file_.read_some(target);
                std::filesystem::resize_file(path_, 1000);
                co_return bytes;
            }

        private:
            std::filesystem::path path_;
            file_source file_;
        };
        const temporary_directory directory;
        const auto path = directory.write("shrinking.png", "");
        std::filesystem::resize_file(path, large);
        upload_session session;
        const auto outcome = session.upload(shrinking_file{path});
        CHECK(failure_of(outcome) ==
              failure{errc::source_changed, phase::sending, sent_state::partial});
        session.check_nothing_stored();
    }
}
