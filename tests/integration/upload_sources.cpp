//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Sources of uploads besides files and memory, and checks before an upload.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>

#include <cstdint>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using namespace std::string_literals;
using cyclos::coroutine_source;
using cyclos::file_range;
using cyclos::stream_source;

const std::vector<std::size_t> sizes{0, 1, 262'143, 262'144, 262'145, 1'000'003};

cyclos::sandbox::image stored(sandbox_session& session, const std::string& id)
{
    const auto found = session.server.store().find_image(id);
    REQUIRE(found);
    return *found;
}

asio::awaitable<void> write_and_close(asio::writable_pipe pipe, std::string bytes)
{
    co_await asio::async_write(pipe, asio::buffer(bytes), asio::use_awaitable);
}

const std::string png =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x40\x08\2\0\0\0"s; // 256 wide, 64 high

} // namespace

TEST_SUITE("stream_source")
{
    TEST_CASE("stream_source: a pipe is uploaded, with known and unknown length")
    {
        sandbox_session session;
        for (const std::size_t size : sizes) {
            for (const bool known : {true, false}) {
                CAPTURE(size);
                asio::readable_pipe reader{session.context()};
                asio::writable_pipe writer{session.context()};
                asio::connect_pipe(reader, writer);
                auto written = session.start(write_and_close(std::move(writer), pattern(size)));
                const auto length = known ? std::optional<std::uint64_t>{size} : std::nullopt;
                const auto made = session.run(session.images.upload_temp_image(stream_source(
                    std::move(reader),
                    {.length = length, .file_name = "live.png", .media_type = "image/png"})));
                session.get(std::move(written));
                CHECK(stored(session, made.id).sha256 == sha256(pattern(size)));
                CHECK(stored(session, made.id).file_name == "live.png");
                const auto request = session.last_request();
                CHECK(request.header("Transfer-Encoding").has_value() == !known);
            }
        }
    }

    TEST_CASE("stream_source: a borrowed socket is read and stays open")
    {
        sandbox_session session;
        asio::local::stream_protocol::socket reader{session.context()};
        asio::local::stream_protocol::socket writer{session.context()};
        asio::local::connect_pair(reader, writer);
        asio::write(writer, asio::buffer(pattern(1000)));
        const auto made = session.run(session.images.upload_temp_image(
            stream_source(std::ref(reader), {.length = 1000, .media_type = "image/png"})));
        CHECK(stored(session, made.id).content.size() == 1000);
        CHECK(reader.is_open());
    }

    TEST_CASE("stream_source: a failure or an early end stores nothing")
    {
        sandbox_session session;
        asio::readable_pipe closed{session.context()};
        auto outcome =
            session.attempt(session.images.upload_temp_image(stream_source(std::move(closed))));
        CHECK(failure_of(outcome) ==
              failure{errc::source_failed, phase::preparing, sent_state::none, 0});

        asio::readable_pipe reader{session.context()};
        asio::writable_pipe writer{session.context()};
        asio::connect_pipe(reader, writer);
        auto written = session.start(write_and_close(std::move(writer), pattern(500'000)));
        outcome = session.attempt(session.images.upload_temp_image(
            stream_source(std::move(reader), {.length = 500'001})));
        session.get(std::move(written));
        CHECK(failure_of(outcome) ==
              failure{errc::source_changed, phase::sending, sent_state::partial});
        CHECK(session.server.store().temp_images().empty());
    }

    TEST_CASE("stream_source: one that never ends is cancelled with the upload")
    {
        sandbox_session session;
        asio::readable_pipe reader{session.context()};
        asio::writable_pipe writer{session.context()};
        asio::connect_pipe(reader, writer);
        asio::cancellation_signal cancel;
        auto outcome = asio::co_spawn(
            session.client.get_executor(),
            cyclos::as_result(session.images.upload_temp_image(stream_source(std::ref(reader)))),
            asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
        asio::post(session.context(), [&] { cancel.emit(asio::cancellation_type::terminal); });
        CHECK(session.get(std::move(outcome)).error().code() == errc::cancelled);
        CHECK(reader.is_open());
    }
}

TEST_SUITE("coroutine_source")
{
    TEST_CASE("coroutine_source: it may return pieces of any size")
    {
        sandbox_session session;
        std::size_t given = 0;
        const std::string bytes = pattern(300'000);
        const auto read = [&](asio::mutable_buffer target) -> asio::awaitable<std::size_t> {
            const auto some = asio::buffer(bytes) + given;
            given += asio::buffer_copy(target, some, 7777);
            co_return std::min<std::size_t>(some.size(), 7777);
        };
        const auto made = session.run(session.images.upload_temp_image(
            coroutine_source(read, {.file_name = "c", .media_type = "image/gif"})));
        CHECK(stored(session, made.id).sha256 == sha256(bytes));
        CHECK(stored(session, made.id).declared_type == "image/gif");
    }

    TEST_CASE("coroutine_source: it owns what it captures")
    {
        sandbox_session session;
        const auto made = session.run(session.images.upload_temp_image(coroutine_source(
            [bytes = pattern(1000),
             given = false](asio::mutable_buffer target) mutable -> asio::awaitable<std::size_t> {
                co_return std::exchange(given, true)
                    ? 0
                    : asio::buffer_copy(target, asio::buffer(bytes));
            },
            {.length = 1000, .media_type = "image/png"})));
        CHECK(stored(session, made.id).sha256 == sha256(pattern(1000)));
    }

    TEST_CASE("coroutine_source: it can be rewound if a function for that is given")
    {
        const coroutine_source once{
            [](asio::mutable_buffer) -> asio::awaitable<std::size_t> { co_return 0; }};
        CHECK_FALSE(once.rewindable());
        const coroutine_source again{
            [](asio::mutable_buffer) -> asio::awaitable<std::size_t> { co_return 0; },
            {},
            []() -> asio::awaitable<void> { co_return; }};
        CHECK(again.rewindable());
    }
}

TEST_SUITE("file_range")
{
    TEST_CASE("file_range: exactly this part of the file is uploaded")
    {
        sandbox_session session;
        const temporary_directory directory;
        const std::string bytes = pattern(400'000);
        const auto path = directory.write("all", bytes);
        for (const auto& [range, expected] : std::vector<std::pair<file_range, std::string>>{
                 {{}, bytes},
                 {{.offset = 1}, bytes.substr(1)},
                 {{.length = 262'144}, bytes.substr(0, 262'144)},
                 {{.offset = 5, .length = 300'000}, bytes.substr(5, 300'000)},
                 {{.offset = 399'999, .length = 1}, bytes.substr(399'999)},
                 {{.offset = 400'000}, ""},
                 {{.offset = 7, .length = 0}, ""}}) {
            const auto made = session.run(
                session.images.upload_temp_image(file_source(path, "p", "image/png", range)));
            CHECK(stored(session, made.id).sha256 == sha256(expected));
        }
    }

    TEST_CASE("file_range: it may be after the first 2 GiB")
    {
        constexpr std::uint64_t begin = 3ULL << 30U;
        sandbox_session session;
        const temporary_directory directory;
        const auto path = directory.write("large", "");
        std::ofstream file{path, std::ios::binary | std::ios::in};
        file.seekp(static_cast<std::streamoff>(begin)); // a sparse file, which takes no space
        file << "the end" << std::flush;
        REQUIRE(file);
        const auto made = session.run(session.images.upload_temp_image(
            file_source(path, "p", "image/png", {.offset = begin})));
        CHECK(stored(session, made.id).sha256 == sha256("the end"));
    }

    TEST_CASE("file_range: a range beyond the end of the file is rejected")
    {
        sandbox_session session;
        const temporary_directory directory;
        const auto path = directory.write("all", pattern(1000));
        for (const file_range range :
             {file_range{.offset = 1001}, file_range{.offset = 500, .length = 501},
              file_range{.offset = 1, .length = ~std::uint64_t{0}}}) {
            const auto outcome =
                session.attempt(session.images.upload_temp_image(file_source(path, {}, {}, range)));
            CHECK(failure_of(outcome) ==
                  failure{errc::source_failed, phase::preparing, sent_state::none, 0});
        }
        CHECK(session.server.statistics().requests == 0);
    }
}

TEST_SUITE("upload checks")
{
    failure refused()
    {
        return {errc::source_rejected, phase::preparing, sent_state::none, 0};
    }

    TEST_CASE("upload checks: they are off by default")
    {
        sandbox_session session;
        CHECK(session.attempt(session.images.upload_temp_image(pattern_source{1'000'000})));
    }

    TEST_CASE("upload checks: a known size above max_size is rejected before anything is sent")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.uploads.max_size = 1000; }};
        CHECK(session.attempt(session.images.upload_temp_image(pattern_source{1000})));
        const auto outcome =
            session.attempt(session.images.upload_temp_image(pattern_source{1001}));
        CHECK(failure_of(outcome) == refused());
        CHECK(outcome.error().kind() == "rejected");
        CHECK(outcome.error().context().detail == "a size of 1001 where 1000 is allowed");
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE("upload checks: an unknown size above max_size fails, and nothing is stored")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.uploads.max_size = 1'000'000; }};
        pattern_source unknown{1'000'001};
        unknown.announced_length.reset();
        const auto outcome = session.attempt(session.images.upload_temp_image(std::move(unknown)));
        CHECK(failure_of(outcome) ==
              failure{errc::source_rejected, phase::sending, sent_state::partial});
        CHECK(session.server.store().temp_images().empty());
    }

    TEST_CASE("upload checks: a media type that is not allowed is rejected, as given or detected")
    {
        sandbox_session session{
            {}, [](cyclos::config& c) { c.uploads.media_types = {"image/png", "image/jpeg"}; }};
        CHECK(session.attempt(session.images.upload_temp_image(memory_source{png})));
        // This one is left to the server.
        const auto other = session.attempt(
            session.images.upload_temp_image(memory_source{"x"s, "x", "IMAGE/JPEG"}));
        CHECK(other.as<cyclos::invalid_input>());
        CHECK(failure_of(session.attempt(
                  session.images.upload_temp_image(memory_source{"GIF89a"s}))) == refused());
        CHECK(failure_of(session.attempt(session.images.upload_temp_image(
                  memory_source{png, "x", "image/gif"}))) == refused());
        CHECK(session.server.statistics().requests == 2);
    }

    TEST_CASE("upload checks: dimensions above the limit are rejected, for pieces of any size")
    {
        for (const auto& [width, height] : {std::pair{255, 64}, std::pair{256, 63}}) {
            sandbox_session session{{}, [=](cyclos::config& c) {
                                        c.uploads.max_width = width;
                                        c.uploads.max_height = height;
                                    }};
            std::size_t given = 0;
            const auto read = [&](asio::mutable_buffer target) -> asio::awaitable<std::size_t> {
                co_return asio::buffer_copy(target,
                                            asio::buffer(png) + std::exchange(given, given + 1), 1);
            };
            CHECK(failure_of(session.attempt(
                      session.images.upload_temp_image(coroutine_source(read)))) == refused());
            CHECK(session.server.statistics().requests == 0);
        }
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.uploads.max_width = 256;
                                    c.uploads.max_height = 64;
                                }};
        CHECK(session.attempt(session.images.upload_temp_image(memory_source{png})));
        CHECK(session.attempt(
            session.images.upload_temp_image(memory_source{"?"s, "x", "image/webp"})));
    }
}
