//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Downloads that break off and are resumed.

#include "integration/support/integration_test.hpp"
#include "integration/support/temporary_directory.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::sandbox::content;

constexpr std::size_t size = 1'000'000;

/// A server whose first responses with the content of the image `1` break off after this many
/// bytes.
class broken_session : public sandbox_session
{
public:
    explicit broken_session(std::uint64_t after, unsigned times = 1,
                            const cyclos::sandbox::options& options = {},
                            const adjustment& adjust = {})
        : sandbox_session(options, adjust)
    {
        server.store().add_image({.id = "1", .content = content::synthetic(size)});
        server.misbehave(
            {.target = "content", .times = times, .stop_after = after, .stopped = ending::reset});
    }

    cyclos::result<std::string> read()
    {
        auto content = run(images.get_image_content("1"));
        return attempt(content.read_all(size));
    }

    /// Checks the error of a content that is not resumed.
    void check_lost()
    {
        const auto outcome = read();
        CHECK(failure_of(outcome) ==
              failure{errc::connection_lost, phase::receiving, sent_state::complete});
    }
};

/// The result of reading a content whose first response, with the `ETag` "a", breaks off after
/// 400,000 bytes, and is followed by the scripted one.
cyclos::result<std::string> read_with_rest(cyclos::sandbox::misbehaviour rest,
                                           cyclos::progress_hook hook = {})
{
    sandbox_session session;
    session.server.misbehave(
        {.times = 1,
         .raw = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n"
                "Accept-Ranges: bytes\r\nETag: \"a\"\r\n\r\n" +
                pattern(400'000),
         .end = ending::notify});
    const auto images = session.images.with({.progress = &hook});
    auto content = session.run(images.get_image_content("1"));
    rest.times = 1;
    session.server.misbehave(std::move(rest));
    return session.attempt(content.read_all(size));
}

} // namespace

TEST_SUITE("resumed download")
{
    TEST_CASE("resumed download: it continues wherever the connection broke")
    {
        for (const std::uint64_t after : {1000U, 65'536U, 500'000U, 999'999U}) {
            broken_session session{after};
            CHECK(session.read().value() == pattern(size));
            const auto last = session.last_request();
            CHECK(last.status == 206);
            CHECK(last.header("Range").value_or("").starts_with("bytes="));
            CHECK(last.header("If-Range").value_or("").starts_with("\""));
            CHECK(last.header("Authorization").has_value());
        }
    }

    TEST_CASE("resumed download: it continues however the connection ends, also after an "
              "inactivity timeout")
    {
        for (const auto end : {ending::notify, ending::fin, ending::hang}) {
            broken_session session{
                500'000, 0, {}, [](cyclos::config& c) { c.timeouts.inactivity = 100ms; }};
            session.server.clear_misbehaviours();
            session.server.misbehave(
                {.target = "content", .times = 1, .stop_after = 500'000, .stopped = end});
            CHECK(session.read().value() == pattern(size));
        }
    }

    TEST_CASE("resumed download: it continues several times, up to max_resumes")
    {
        CHECK(broken_session{300'000, 3}.read().value() == pattern(size));
        broken_session{100'000, 4}.check_lost();
        broken_session never{
            500'000, 1, {}, [](cyclos::config& c) { c.downloads.max_resumes = 0; }};
        never.check_lost();
        CHECK(never.server.statistics().requests == 1);
    }

    TEST_CASE("resumed download: it continues in save_to(), and as the source of an upload")
    {
        const temporary_directory directory;
        broken_session session{400'000};
        std::vector<std::uint64_t> progress;
        const cyclos::progress_hook hook = [&](const cyclos::transfer_progress& p) {
            progress.push_back(p.bytes);
        };
        const auto images = session.images.with({.progress = &hook});
        auto content = session.run(images.get_image_content("1"));
        CHECK(session.run(content.save_to(directory / "saved")) == size);
        CHECK(std::is_sorted(progress.begin(), progress.end()));
        CHECK(progress.back() == size);

        session.server.misbehave(
            {.target = "content", .times = 1, .stop_after = 400'000, .stopped = ending::reset});
        auto again = session.run(session.images.get_image_content("1"));
        const auto made = session.run(session.images.upload_temp_image(std::move(again)));
        CHECK(session.server.store().find_image(made.id)->sha256 == sha256(pattern(size)));
    }

    TEST_CASE("resumed download: if the server is gone then, the error reports both failures")
    {
        broken_session session{500'000};
        auto content = session.run(session.images.get_image_content("1"));
        session.server.misbehave_on_connect({.before_handshake = ending::reset});
        const auto outcome = session.attempt(content.read_all(size));
        CHECK(failure_of(outcome) ==
              failure{errc::connection_lost, phase::receiving, sent_state::complete});
        CHECK(outcome.error().context().detail.find("could not be continued") != std::string::npos);
    }

    TEST_CASE("resumed download: it fails without a strong ETag, ranges or a length")
    {
        broken_session{500'000, 1, {.etags = false}}.check_lost();
        broken_session{500'000, 1, {.ranges = false}}.check_lost();
        broken_session{500'000, 1, {.digest = true}}.read().value(); // the same server otherwise
        broken_session chunked{0, 0};
        chunked.server.misbehave({.target = "content",
                                  .framing = framing::chunked,
                                  .stop_after = 500'000,
                                  .stopped = ending::reset});
        chunked.check_lost();
        broken_session weak{0, 0};
        weak.server.misbehave({.target = "content",
                               .headers = {{"ETag", "W/\"1\""}},
                               .omit_headers = {"ETag"},
                               .stop_after = 500'000,
                               .stopped = ending::reset});
        weak.check_lost();
    }

    TEST_CASE("resumed download: a changed content gives content_changed")
    {
        broken_session session{500'000};
        auto content = session.run(session.images.get_image_content("1"));
        session.server.store().remove_image("1");
        session.server.store().add_image({.id = "1", .content = content::synthetic(size + 1)});
        CHECK(session.attempt(content.read_all(size)).error().code() == errc::content_changed);
    }

    TEST_CASE("resumed download: it continues only with a partial response that has the same ETag")
    {
        const std::string right =
            "HTTP/1.1 206 Partial Content\r\nContent-Type: image/png\r\n"
            "Content-Range: bytes 400000-999999/1000000\r\nContent-Length: 600000\r\n";
        const std::string rest = pattern(size).substr(400'000);
        CHECK(read_with_rest({.raw = right + "ETag: \"a\"\r\n\r\n" + rest}).value() ==
              pattern(size));
        CHECK(read_with_rest({.raw = right + "ETag: \"b\"\r\n\r\n" + rest}).error().code() ==
              errc::content_changed);
        CHECK(read_with_rest({.raw = right + "ETag: W/\"a\"\r\n\r\n" + rest}).error().code() ==
              errc::content_changed);
        const auto untold = read_with_rest({.raw = right + "\r\n" + rest});
        CHECK(failure_of(untold) ==
              failure{errc::connection_lost, phase::receiving, sent_state::complete});
        CHECK(untold.error().context().detail.find("ETag") != std::string::npos);
    }

    TEST_CASE(
        "resumed download: it accepts exactly the missing bytes of a chunked partial response")
    {
        const std::string head =
            "HTTP/1.1 206 Partial Content\r\nContent-Type: image/png\r\nETag: \"a\"\r\n"
            "Content-Range: bytes 400000-999999/1000000\r\nTransfer-Encoding: chunked\r\n\r\n";
        const std::string rest = pattern(size).substr(400'000);
        const std::string chunk = "927c0\r\n" + rest + "\r\n"; // 600,000
        CHECK(read_with_rest({.raw = head + chunk + "0\r\n\r\n"}).value() == pattern(size));
        for (const auto end : {ending::notify, ending::freeze}) { // the content is complete
            const auto begin = std::chrono::steady_clock::now();
            CHECK(read_with_rest({.raw = head + chunk, .end = end}).value() == pattern(size));
            CHECK(std::chrono::steady_clock::now() - begin <
                  10s); // and not after the 30 s of timeouts.inactivity
        }
        CHECK(read_with_rest({.raw = head + "927bf\r\n" + rest.substr(1) + "\r\n0\r\n\r\n"})
                  .error()
                  .code() == errc::malformed_response);

        std::uint64_t most = 0;
        const auto longer =
            read_with_rest({.raw = head + chunk + "1\r\nx\r\n" + chunk + chunk + "0\r\n\r\n"},
                           [&](const cyclos::transfer_progress& p) { most = p.bytes; });
        CHECK(longer.error().code() == errc::malformed_response);
        CHECK(most <= size);
    }

    TEST_CASE(
        "resumed download: a complete response is accepted, and the bytes already read are skipped")
    {
        const std::string whole =
            "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n";
        std::vector<std::uint64_t> progress;
        const auto again = read_with_rest(
            {.raw = whole + "ETag: \"a\"\r\n\r\n" + pattern(size)},
            [&](const cyclos::transfer_progress& p) { progress.push_back(p.bytes); });
        CHECK(again.value() == pattern(size));
        CHECK(std::is_sorted(progress.begin(), progress.end()));
        CHECK(
            read_with_rest({.raw = whole + "ETag: \"b\"\r\n\r\n" + pattern(size)}).error().code() ==
            errc::content_changed);
        CHECK(read_with_rest({.raw = whole + "\r\n" + pattern(size)}).error().code() ==
              errc::content_changed);
        CHECK(read_with_rest({.raw = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nETag: \"a\"\r\n"
                                     "Content-Length: 3\r\n\r\nabc"})
                  .error()
                  .code() == errc::malformed_response);
    }

    TEST_CASE("resumed download: each attempt counts against max_resumes, and waits like a retry")
    {
        const auto read_with_refusals = [](unsigned refusals, unsigned status) {
            broken_session session{500'000, 1, {}, [](cyclos::config& c) {
                                       c.retry.base_delay = 1ms;
                                       c.retry.max_retries = 3; // for other requests
                                   }};
            auto content = session.run(session.images.get_image_content("1"));
            if (status == 0) {
                session.server.misbehave_on_connect(
                    {.times = refusals, .before_handshake = ending::reset});
            }
            else {
                session.server.misbehave(
                    {.target = "content", .times = refusals, .status = status});
            }
            const auto outcome = session.attempt(content.read_all(size));
            CHECK(session.server.statistics().accepted <= 4); // max_resumes is 3
            CHECK(session.server.statistics().requests <= 4);
            return outcome;
        };
        for (const unsigned status : {0U, 503U}) {
            CAPTURE(status);
            CHECK(read_with_refusals(2, status).value() == pattern(size));
            const auto lost = read_with_refusals(3, status);
            CHECK(failure_of(lost) ==
                  failure{errc::connection_lost, phase::receiving, sent_state::complete});
            CHECK(lost.error().context().detail.find("could not be continued") !=
                  std::string::npos);
        }
        CHECK(read_with_refusals(1, 404).error().code() == errc::connection_lost); // not transient
    }

    TEST_CASE("resumed download: it waits as long as Retry-After demands, up to max_retry_after")
    {
        const auto read_after = [](const std::string& wish) {
            broken_session session{500'000};
            auto content = session.run(session.images.get_image_content("1"));
            session.server.misbehave({.target = "content",
                                      .times = 1,
                                      .status = 503,
                                      .headers = {{"Retry-After", wish}}});
            const auto begin = std::chrono::steady_clock::now();
            const auto outcome = session.attempt(content.read_all(size));
            return outcome ? std::chrono::steady_clock::now() - begin : 0s;
        };
        CHECK(read_after("1") >= 1s);
        CHECK(read_after("3600") == 0s);
    }

    TEST_CASE(
        "resumed download: it stays on its shard, even if another one has a connection available")
    {
        broken_session session{500'000, 1, {}, [](cyclos::config& c) {
                                   c.shards = 2;
                                   c.pool.max_connections = 2;
                               }};
        session.server.store().add_image({.id = "2", .content = content::synthetic(size)});
        const auto run_on = [&](std::size_t shard, auto operation) {
            return session.get(asio::co_spawn(session.client.shard_executor(shard),
                                              std::move(operation), asio::use_future));
        };
        auto content = run_on(0, session.images.get_image_content("1"));
        run_on(1, session.images.view_image("2"));
        session.server.misbehave(
            {.target = "content", .times = 1, .status = 503, .headers = {{"Retry-After", "1"}}});
        auto reading = session.start(cyclos::as_result(content.read_all(size)));
        session.until([&] {
            return session.server.statistics().requests == 3 && session.stats().in_use == 0;
        });
        // Meanwhile another content takes the connection of the first shard.
        auto other = run_on(0, session.images.get_image_content("2"));
        CHECK(session.server.statistics().accepted == 3);
        CHECK(session.get(std::move(reading)).value() == pattern(size));
        CHECK(session.server.statistics().accepted ==
              4); // and not over the one of the second shard
    }

    TEST_CASE("resumed download: cancellation and closing the client end the wait for the server")
    {
        broken_session session{
            500'000, 1, {}, [](cyclos::config& c) { c.retry.base_delay = c.retry.max_delay = 1h; }};
        auto content = session.run(session.images.get_image_content("1"));
        session.server.misbehave({.target = "content", .status = 503});
        asio::cancellation_signal cancel;
        auto outcome =
            asio::co_spawn(session.client.get_executor(), cyclos::as_result(content.read_all(size)),
                           asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
        session.until([&] {
            return session.server.statistics().requests == 2 && session.stats().in_use == 0;
        });
        cancel.emit(asio::cancellation_type::terminal);
        CHECK(session.get(std::move(outcome)).error().code() == errc::cancelled);

        broken_session other{
            500'000, 1, {}, [](cyclos::config& c) { c.retry.base_delay = c.retry.max_delay = 1h; }};
        auto closed = other.run(other.images.get_image_content("1"));
        other.server.misbehave({.target = "content", .status = 503});
        auto ended = other.start(cyclos::as_result(closed.read_all(size)));
        other.until(
            [&] { return other.server.statistics().requests == 2 && other.stats().in_use == 0; });
        other.run(other.client.close(0s));
        CHECK(other.get(std::move(ended)).error().code() == errc::client_closed);
    }

    TEST_CASE("resumed download: a response with another range is malformed")
    {
        for (const std::string range :
             {"bytes 1-999999/1000000", "bytes 400000-999998/1000000", "bytes 0-999999/1000000",
              "bytes 400000-999999/*", "nonsense", ""}) {
            CAPTURE(range);
            CHECK(read_with_rest({.status = 206,
                                  .body = std::string(600'000, 'x'),
                                  .content_type = "image/png",
                                  .headers = {{"Content-Range", range}, {"ETag", "\"a\""}}})
                      .error()
                      .code() == errc::malformed_response);
        }
    }

    TEST_CASE("resumed download: the total timeout and cancellation end it")
    {
        broken_session session{500'000, 1, {}, [](cyclos::config& c) { c.timeouts.total = 300ms; }};
        auto content = session.run(session.images.get_image_content("1"));
        session.server.misbehave({.target = "content", .instead = ending::hang});
        CHECK(session.attempt(content.read_all(size)).error().code() == errc::total_timeout);

        broken_session other{500'000};
        auto cancelled = other.run(other.images.get_image_content("1"));
        other.server.misbehave({.target = "content", .instead = ending::hang});
        asio::cancellation_signal cancel;
        auto outcome =
            asio::co_spawn(other.client.get_executor(), cyclos::as_result(cancelled.read_all(size)),
                           asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
        other.until([&] { return other.server.statistics().requests == 2; });
        cancel.emit(asio::cancellation_type::terminal);
        CHECK(other.get(std::move(outcome)).error().code() == errc::cancelled);
        CHECK(other.stats().in_use == 0);
    }
}
