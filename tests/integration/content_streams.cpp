//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Contents as streams: for Asio's algorithms, for uploads, and for readers that are slow or stop
// early.

#include "integration/support/content_session.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>

#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::sandbox::content;

} // namespace

TEST_SUITE("content as an Asio stream")
{
    TEST_CASE("content as an Asio stream: async_read() ends with eof at the end of the content")
    {
        content_session session{300'000};
        auto content = session.open();
        const auto read = [&]() -> asio::awaitable<std::string> {
            std::string all;
            boost::system::error_code ec;
            const auto bytes = co_await asio::async_read(
                content, asio::dynamic_buffer(all), asio::redirect_error(asio::use_awaitable, ec));
            CHECK(ec == asio::error::eof);
            CHECK(bytes == 300'000);
            CHECK(co_await content.async_read_some(asio::mutable_buffer{}, asio::use_awaitable) ==
                  0);
            co_return all;
        };
        CHECK(session.run(read()) == pattern(300'000));
    }

    TEST_CASE("content as an Asio stream: async_read() works with a callback and several buffers")
    {
        content_session session{1000};
        auto content = session.open();
        std::array<char, 600> one{};
        std::array<char, 400> other{};
        std::size_t bytes = 0;
        boost::system::error_code ec = asio::error::fault;
        const std::array<asio::mutable_buffer, 3> targets{asio::mutable_buffer{}, asio::buffer(one),
                                                          asio::buffer(other)};
        asio::async_read(content, targets,
                         [&](boost::system::error_code failure, std::size_t count) {
                             ec = failure;
                             bytes = count;
                         });
        session.until([&] { return bytes > 0; });
        CHECK_FALSE(ec);
        CHECK(std::string{one.data(), 600} + std::string{other.data(), 400} == pattern(1000));
    }

    TEST_CASE("content as an Asio stream: an empty content is at its end")
    {
        client_session session{cyclos::config{"https://localhost/api"}};
        cyclos::image_content nothing;
        std::array<char, 10> target{};
        const auto read = [&]() -> asio::awaitable<boost::system::error_code> {
            boost::system::error_code ec;
            co_await asio::async_read(nothing, asio::buffer(target),
                                      asio::redirect_error(asio::use_awaitable, ec));
            co_return ec;
        };
        CHECK(session.run(read()) == asio::error::eof);
    }

    TEST_CASE(
        "content as an Asio stream: after a failure neither an end nor a complete file is reported")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        content_session session{
            300'000, {}, [](cyclos::config& c) { c.downloads.max_resumes = 0; }};
        session.server.misbehave({.stop_after = 100'000, .stopped = ending::reset});
        auto content = session.open();
        CHECK(session.attempt(content.read_all(300'000)).error().code() == errc::connection_lost);
        CHECK_FALSE(content.done());
        CHECK(session.attempt(content.read_all(300'000)).error().code() == errc::connection_lost);
        CHECK(session.attempt(content.save_to(target)).error().code() == errc::connection_lost);
        CHECK(std::filesystem::file_size(target) == 3);
    }

    TEST_CASE("content as an Asio stream: async_read() reports the error code of a failure")
    {
        content_session session{
            300'000, {}, [](cyclos::config& c) { c.downloads.max_resumes = 0; }};
        session.server.misbehave({.stop_after = 100'000, .stopped = ending::reset});
        auto content = session.open();
        const auto read = [&]() -> asio::awaitable<boost::system::error_code> {
            std::string all;
            boost::system::error_code ec;
            co_await asio::async_read(content, asio::dynamic_buffer(all),
                                      asio::redirect_error(asio::use_awaitable, ec));
            co_return ec;
        };
        CHECK(session.run(read()) == errc::connection_lost);
    }

    TEST_CASE("content as an Asio stream: a read can be cancelled, also from another executor")
    {
        content_session session{300'000};
        session.server.misbehave({.stop_after = 1000, .stopped = ending::hang});
        auto content = session.open();
        std::string target(300'000, '\0');
        asio::cancellation_signal cancel;
        boost::system::error_code ec;
        bool ended = false;
        asio::async_read(
            content, asio::buffer(target),
            asio::bind_cancellation_slot(
                cancel.slot(),
                asio::bind_executor(session.context(), [&](const auto& failure, std::size_t) {
                    ec = failure;
                    ended = true;
                })));
        session.until([&] { return target[0] != '\0'; });
        cancel.emit(asio::cancellation_type::partial);
        session.until([&] { return ended; });
        CHECK(ec == boost::system::errc::operation_canceled);
    }
}

TEST_SUITE("copy between servers")
{
    TEST_CASE("copy between servers: a content is a source, with known and unknown length")
    {
        for (const auto framed : {framing::content_length, framing::chunked}) {
            for (const std::size_t size : {0U, 1U, 262'144U, 262'145U, 1'000'000U}) {
                content_session origin{size};
                origin.server.misbehave({.target = "content", .framing = framed});
                cyclos::sandbox::server other;
                cyclos::client other_client{origin.context(), config_for(other, demo())};
                const cyclos::images_api target{other_client};
                const auto copy = [&]() -> asio::awaitable<cyclos::uploaded_image> {
                    co_return co_await target.upload_temp_image(
                        co_await origin.images.get_image_content("1"),
                        {.name = "a name that is long enough to be allocated"});
                };
                const auto made = origin.run(copy());
                const auto kept = other.store().find_image(made.id);
                REQUIRE(kept);
                CHECK(kept->sha256 == sha256(pattern(size)));
                CHECK(kept->file_name == "1");
                CHECK(other.requests().back().header("Content-Length").has_value() ==
                      (framed == framing::content_length));
            }
        }
    }

    TEST_CASE("copy between servers: a content that breaks off is not stored, and the upload fails "
              "with source_failed")
    {
        content_session origin{
            1'000'000, {}, [](cyclos::config& c) { c.downloads.max_resumes = 0; }};
        origin.server.misbehave(
            {.target = "content", .stop_after = 600'000, .stopped = ending::reset});
        cyclos::sandbox::server other;
        cyclos::client other_client{origin.context(), config_for(other, demo())};
        const cyclos::images_api target{other_client};
        auto content = origin.open();
        const auto outcome = origin.attempt(target.upload_temp_image(std::move(content)));
        // The source of the upload failed, and not its connection.
        CHECK(outcome.error().code() == errc::source_failed);
        CHECK(outcome.error().cause() == errc::connection_lost);
        CHECK(outcome.error().phase() == phase::sending);
        CHECK(other.store().temp_images().empty());
    }

    TEST_CASE("copy between servers: the rest of a content that was partly read is uploaded")
    {
        content_session origin{100'000};
        auto content = origin.open();
        std::string begin(1000, '\0');
        begin.resize(origin.run(content.read_some(asio::buffer(begin))));
        const auto made = origin.run(origin.images.upload_temp_image(std::move(content)));
        CHECK(origin.server.store().find_image(made.id)->content.size() == 100'000 - begin.size());
    }
}

TEST_SUITE("unread content")
{
    TEST_CASE("unread content: it is not received from the network until it is read")
    {
        constexpr std::uint64_t size = 64U << 20U;
        content_session session{size};
        auto content = session.open();
        std::string some(1000, '\0');
        session.run(content.read_some(asio::buffer(some)));
        // The server sends until the buffers of the system are full, and no more until the content
        // is read.
        std::uint64_t before = 0;
        int unchanged = 0;
        session.until([&] {
            const auto sent = session.server.statistics().bytes_sent;
            unchanged = sent == std::exchange(before, sent) ? unchanged + 1 : 0;
            std::this_thread::yield();
            return unchanged > 200;
        });
        CHECK(before < size / 4);
        CHECK(session.run(content.read_all(size)).size() + 1000 >= size);
    }

    TEST_CASE(
        "unread content: a short rest is drained on destruction, and the connection is reused")
    {
        for (const auto framed : {framing::content_length, framing::chunked}) {
            for (const std::size_t read : {0U, 1U, 20'000U}) {
                content_session session{65'000};
                session.server.misbehave({.target = "content", .framing = framed});
                {
                    auto content = session.open();
                    std::string some(read, '\0');
                    session.run(content.read_some(asio::buffer(some)));
                }
                CHECK(session.run(session.images.view_image("1")).length == 65'000);
                CHECK(session.server.statistics().accepted <= 2);
                // A connection that was opened for the other request may still be opening although
                // it is not needed.
                session.until(
                    [&] { return session.stats().in_use + session.stats().connecting == 0; });
                CHECK(session.stats().idle == session.server.statistics().accepted);
            }
        }
    }

    TEST_CASE("unread content: a rest that does not arrive releases the connection after a moment")
    {
        content_session session{10'000};
        session.server.misbehave(
            {.target = "content", .stop_after = 5000, .stopped = ending::hang});
        {
            auto content = session.open();
        }
        CHECK(session.stats().in_use == 1);
        session.until([&] { return session.stats().in_use == 0; });
        CHECK(session.stats().idle == 0);
    }

    TEST_CASE("unread content: closing the client ends the draining of a rest")
    {
        content_session session{10'000};
        session.server.misbehave(
            {.target = "content", .stop_after = 5000, .stopped = ending::hang});
        {
            auto content = session.open();
        }
        session.run(session.client.close(0s));
        CHECK(session.stats().in_use == 0);
    }
}

TEST_SUITE("conditional content")
{
    TEST_CASE("conditional content: an unchanged ETag gives not_modified(), without content")
    {
        content_session session{1000};
        auto first = session.open();
        const std::string tag{first.etag()};
        REQUIRE(tag != "");
        CHECK_FALSE(first.not_modified());
        CHECK(session.run(first.read_all(1000)).size() == 1000);

        auto same = session.run(session.images.get_image_content("1", {.if_none_match = tag}));
        CHECK(same.not_modified());
        CHECK(same.done());
        CHECK(session.last_request().status == 304);
        CHECK(session.last_request().header("If-None-Match") == tag);

        auto other =
            session.run(session.images.get_image_content("1", {.if_none_match = "\"another\""}));
        CHECK_FALSE(other.not_modified());
        CHECK(session.run(other.read_all(1000)).size() == 1000);
        CHECK(session.server.statistics().accepted == 1);
    }

    TEST_CASE("conditional content: If-Modified-Since gives not_modified(), with Last-Modified")
    {
        content_session session{1000};
        session.server.misbehave({.times = 1,
                                  .status = 304,
                                  .content_type = "-",
                                  .headers = {{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}}});
        const auto time = std::chrono::sys_seconds{784111777s};
        auto same = session.run(session.images.get_image_content("1", {.if_modified_since = time}));
        CHECK(same.not_modified());
        CHECK(same.last_modified() == time);
        CHECK(session.last_request().header("If-Modified-Since") ==
              "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    TEST_CASE("conditional content: reading a content that was not modified fails, so that it does "
              "not replace a file by an empty one")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        content_session session{1000};
        session.server.misbehave({.status = 304, .content_type = "-"});
        auto same = session.run(session.images.get_image_content("1", {.if_none_match = "\"1\""}));
        CHECK(session.attempt(same.save_to(target)).error().code() == errc::not_modified);
        CHECK(session.attempt(same.read_all(10)).error().code() == errc::not_modified);
        std::array<char, 10> block{};
        CHECK(session.attempt(same.read_some(asio::buffer(block))).error().code() ==
              errc::not_modified);
        const auto upload = session.attempt(session.images.upload_temp_image(std::move(same)));
        CHECK(upload.error().code() == errc::source_failed);
        CHECK(upload.error().cause() == errc::not_modified);
    }

    TEST_CASE("conditional content: a 304 to an unconditional request is an API error")
    {
        content_session session{1000};
        session.server.misbehave({.status = 304, .content_type = "-"});
        const auto outcome = session.attempt(session.images.get_image_content("1"));
        REQUIRE(outcome.as<cyclos::api_error>());
        CHECK(outcome.as<cyclos::api_error>()->status() == 304);
    }

    TEST_CASE("conditional content: a condition that cannot be sent in a header field is rejected")
    {
        content_session session{1000};
        CHECK(
            session
                .attempt(session.images.get_image_content("1", {.if_none_match = "\"x\"\r\nA: b"}))
                .error()
                .code() == errc::invalid_argument);
        CHECK(session.server.statistics().requests == 0);
    }
}

TEST_SUITE("transfer progress")
{
    TEST_CASE(
        "transfer progress: a download reports at most once per block, and all bytes at the end")
    {
        for (const auto framed : {framing::content_length, framing::chunked}) {
            content_session session{1'000'000};
            session.server.misbehave({.target = "content", .framing = framed});
            const temporary_directory directory;
            std::vector<cyclos::transfer_progress> progress;
            const cyclos::progress_hook hook = [&](const cyclos::transfer_progress& p) {
                progress.push_back(p);
            };
            auto content = session.open({.progress = &hook});
            session.run(content.save_to(directory / "saved", {.durable = true}));
            REQUIRE(!progress.empty());
            CHECK(progress.back().bytes == 1'000'000);
            for (std::size_t i = 1; i < progress.size(); ++i) {
                CHECK(progress[i].bytes > progress[i - 1].bytes);
            }
            CHECK(progress.back().total == (framed == framing::content_length
                                                ? std::optional<std::uint64_t>{1'000'000}
                                                : std::nullopt));
        }
    }

    TEST_CASE("transfer progress: a progress hook that throws fails the download permanently")
    {
        content_session session{1'000'000};
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        const cyclos::progress_hook hook = [](const cyclos::transfer_progress& p) {
            if (p.bytes > 200'000) {
                throw std::out_of_range("enough");
            }
        };
        auto content = session.open({.progress = &hook});
        const auto read = [&]() -> asio::awaitable<boost::system::error_code> {
            std::string all;
            boost::system::error_code ec;
            co_await asio::async_read(content, asio::dynamic_buffer(all),
                                      asio::redirect_error(asio::use_awaitable, ec));
            co_return ec;
        };
        CHECK(session.run(read()) == asio::error::operation_aborted);
        CHECK_FALSE(content.done());
        CHECK_THROWS_AS(session.run(content.save_to(target)), std::out_of_range);
        CHECK(std::filesystem::file_size(target) == 3);
    }

    TEST_CASE("transfer progress: an upload reports the bytes that the system accepted")
    {
        sandbox_session session;
        for (const std::size_t size : {1U, 262'144U, 262'145U, 1'000'000U}) {
            std::vector<cyclos::transfer_progress> progress;
            const cyclos::progress_hook hook = [&](const cyclos::transfer_progress& p) {
                progress.push_back(p);
            };
            session.run(
                session.images.with({.progress = &hook})
                    .upload_temp_image(cyclos::memory_source{pattern(size), "x", "image/png"}));
            REQUIRE(!progress.empty());
            CHECK(progress.size() == (size + 262'143) / 262'144);
            CHECK(progress.back().bytes == size);
            CHECK(progress.back().total == size);
        }
    }

    TEST_CASE(
        "transfer progress: an exception of the progress hook ends the upload and is rethrown")
    {
        sandbox_session session;
        const cyclos::progress_hook hook = [](const cyclos::transfer_progress& p) {
            if (p.bytes > 200'000) {
                throw std::out_of_range("enough");
            }
        };
        const auto images = session.images.with({.progress = &hook});
        CHECK_THROWS_AS(session.run(images.upload_temp_image(
                            cyclos::memory_source{pattern(1'000'000), "x", "image/png"})),
                        std::out_of_range);
        session.until([&] { return session.stats().in_use == 0; });
        CHECK(session.server.store().temp_images().empty());
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
    }
}
