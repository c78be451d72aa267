//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Contents of every size arrive unchanged, for every way to read them.

#include "integration/support/content_session.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/writable_pipe.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <future>
#include <initializer_list>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace {

namespace system_errc = boost::system::errc;
using namespace cyclos::test;
using cyclos::sandbox::content;

/// Sizes around the limits of TLS records, input buffers and blocks.
const std::vector<std::size_t> sizes{0,       1,       2,       4095,    4096,
                                     4097,    16'383,  16'384,  16'385,  32'768,
                                     131'071, 131'072, 131'073, 262'144, 1'000'003};

std::string content_of(const std::filesystem::path& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::size_t files_in(const temporary_directory& directory)
{
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator{directory.path()}, {}));
}

asio::awaitable<std::string> read_in_pieces(cyclos::image_content& from, std::size_t at_once)
{
    std::string all;
    std::string block(at_once, '\0');
    while (const std::size_t bytes = co_await from.read_some(asio::buffer(block))) {
        all.append(block, 0, bytes);
    }
    co_return all;
}

} // namespace

TEST_SUITE("downloads")
{
    TEST_CASE("downloads: every size arrives unchanged, in every framing, with and without TLS")
    {
        const temporary_directory directory;
        for (const bool tls : {true, false}) {
            for (const auto framed :
                 {framing::content_length, framing::chunked, framing::until_close}) {
                for (const std::size_t size : sizes) {
                    CAPTURE(tls);
                    CAPTURE(static_cast<int>(framed));
                    CAPTURE(size);
                    content_session session{size, {.tls = tls}};
                    if (framed != framing::content_length) {
                        session.server.misbehave({.target = "content",
                                                  .framing = framed,
                                                  .end = framed == framing::until_close
                                                             ? ending::notify
                                                             : ending::keep});
                    }
                    const std::string expected = pattern(size);

                    auto whole = session.open();
                    CHECK(whole.content_length() == (framed == framing::content_length
                                                         ? std::optional<std::uint64_t>{size}
                                                         : std::nullopt));
                    CHECK(session.run(whole.read_all(size)) == expected);
                    CHECK(whole.done());

                    auto saved = session.open();
                    CHECK(session.run(saved.save_to(directory / "saved")) == size);
                    CHECK(content_of(directory / "saved") == expected);

                    auto pieces = session.open();
                    CHECK(session.run(read_in_pieces(pieces, 16'384)) == expected);

                    CHECK(session.run(session.images.view_image("1")).length == size);
                    if (framed != framing::until_close) {
                        CHECK(session.server.statistics().accepted == 1);
                    }
                }
            }
        }
    }

    TEST_CASE("downloads: reads of any size return the content")
    {
        content_session session{40'000};
        const std::string expected = pattern(40'000);
        for (const auto framed : {framing::content_length, framing::chunked}) {
            session.server.misbehave({.target = "content", .framing = framed});
            for (const std::size_t at_once : {1U, 7U, 1000U, 16'383U, 16'385U, 100'000U}) {
                auto content = session.open();
                CHECK(session.run(read_in_pieces(content, at_once)) == expected);
            }
            session.server.clear_misbehaviours();
        }
    }

    TEST_CASE(
        "downloads: read_some(), save_to() and read_all() can be combined, and the end is final")
    {
        content_session session{300'000};
        const temporary_directory directory;
        auto stream = session.open();
        std::string begin(1000, '\0');
        const std::size_t bytes = session.run(stream.read_some(asio::buffer(begin)));
        begin.resize(bytes);
        CHECK_FALSE(stream.done());
        CHECK(session.run(stream.save_to(directory / "rest")) == 300'000 - bytes);
        CHECK(begin + content_of(directory / "rest") == pattern(300'000));
        CHECK(stream.done());
        CHECK(session.run(stream.read_all(10)) == "");
        CHECK(session.run(stream.read_some(asio::buffer(begin))) == 0);
        CHECK(session.attempt(stream.save_to(directory / "rest")).error().code() ==
              errc::invalid_argument);
        CHECK(std::filesystem::file_size(directory / "rest") == 300'000 - bytes);
        CHECK(content_of(directory / "nothing") == "");
    }

    TEST_CASE("downloads: write_to() writes to an Asio stream")
    {
        content_session session{300'000};
        asio::readable_pipe reader{session.context()};
        asio::writable_pipe writer{session.context()};
        asio::connect_pipe(reader, writer);
        std::string received;
        const auto receive = [&]() -> asio::awaitable<void> {
            std::array<char, 5000> block{};
            while (received.size() < 300'000) {
                const auto bytes =
                    co_await reader.async_read_some(asio::buffer(block), asio::use_awaitable);
                received.append(block.data(), bytes);
            }
        };
        auto received_all = session.start(receive());
        auto content = session.open();
        CHECK(session.run(content.write_to(writer)) == 300'000);
        session.get(std::move(received_all));
        CHECK(received == pattern(300'000));
    }

    TEST_CASE("downloads: write_to() reports the error of the stream, and closes the connection")
    {
        content_session session{300'000};
        // Sockets: a write to a broken pipe would raise a signal that ends the process.
        asio::local::stream_protocol::socket reader{session.context()};
        asio::local::stream_protocol::socket writer{session.context()};
        asio::local::connect_pair(reader, writer);
        reader.close();
        {
            auto content = session.open();
            CHECK_THROWS_AS(session.run(content.write_to(writer)), boost::system::system_error);
        }
        CHECK(session.run(session.images.view_image("1")).length == 300'000);
        CHECK(session.server.statistics().accepted == 2);
    }

    TEST_CASE("downloads: read_all() fails with body_limit if the content is larger than its limit")
    {
        for (const auto framed : {framing::content_length, framing::chunked}) {
            content_session session{100'000};
            session.server.misbehave({.times = 1, .framing = framed});
            {
                auto content = session.open();
                CHECK(failure_of(session.attempt(content.read_all(99'999))) ==
                      failure{errc::body_limit, phase::receiving, sent_state::complete});
            }
            CHECK(session.run(session.images.view_image("1")).length == 100'000);
        }
    }

    TEST_CASE(
        "downloads: a content destroyed early closes its connection, and the next request works")
    {
        for (const std::size_t read_before : {0U, 1U, 50'000U}) {
            content_session session{10'000'000};
            {
                auto content = session.open();
                std::string some(read_before, '\0');
                if (read_before > 0) {
                    session.run(content.read_some(asio::buffer(some)));
                }
                CHECK(session.stats().in_use == 1);
            }
            CHECK(session.run(session.images.view_image("1")).length == 10'000'000);
            CHECK(session.stats().in_use == 0);
            CHECK(session.server.statistics().accepted == 2);
        }
    }

    TEST_CASE("downloads: a content may be destroyed on another thread, or after its client")
    {
        cyclos::image_content content;
        {
            content_session session{10'000'000};
            content = session.open();
            std::thread{[dropped = session.open()]() mutable { dropped = {}; }}.join();
            CHECK(session.run(session.images.view_image("1")).length == 10'000'000);
            CHECK(session.stats().in_use == 1);
            // The context is destroyed with the session; the rest of the content must not use it.
            content = {};
        }
    }

    TEST_CASE("downloads: an empty content is at its end")
    {
        content_session session{0};
        auto content = session.open();
        CHECK(content.done());
        CHECK(session.run(content.read_all(0)) == "");
        CHECK(cyclos::image_content{}.done());
        cyclos::image_content nothing;
        CHECK(session.run(nothing.read_all(0)) == "");
    }

    TEST_CASE("downloads: 64 MiB arrive unchanged")
    {
        constexpr std::uint64_t size = 64U << 20U;
        content_session session{size};
        auto content = session.open();
        const auto compare = [&]() -> asio::awaitable<bool> {
            std::string block(256 * 1024, '\0');
            std::string expected(block.size(), '\0');
            std::uint64_t offset = 0;
            while (const std::size_t bytes = co_await content.read_some(asio::buffer(block))) {
                cyclos::sandbox::fill_pattern(offset, std::span{expected.data(), bytes});
                if (std::string_view{block}.substr(0, bytes) !=
                    std::string_view{expected}.substr(0, bytes)) {
                    co_return false;
                }
                offset += bytes;
            }
            co_return offset == size;
        };
        CHECK(session.run(compare()));
    }
}

TEST_SUITE("save_to")
{
    TEST_CASE("save_to: a content that breaks off leaves the existing file, or none")
    {
        for (const bool existing : {true, false}) {
            const temporary_directory directory;
            if (existing) {
                directory.write("target", "old");
            }
            content_session session{
                1'000'000, {}, [](cyclos::config& c) { c.downloads.max_resumes = 0; }};
            session.server.misbehave({.stop_after = 500'000, .stopped = ending::reset});
            auto content = session.open();
            CHECK(failure_of(session.attempt(content.save_to(directory / "target"))) ==
                  failure{errc::connection_lost, phase::receiving, sent_state::complete});
            CHECK(files_in(directory) == (existing ? 1 : 0));
            if (existing) {
                CHECK(content_of(directory / "target") == "old");
            }
        }
    }

    TEST_CASE("save_to: overwrite decides whether an existing file is replaced")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        content_session session{1000};
        auto refused = session.open();
        const auto outcome = session.attempt(refused.save_to(target, {.overwrite = false}));
        CHECK(outcome.error().code() == errc::target_exists);
        CHECK(content_of(target) == "old");
        // Nothing was read yet, so another target is possible.
        CHECK(session.run(refused.save_to(directory / "other", {.overwrite = false})) == 1000);

        auto replaced = session.open();
        CHECK(session.run(replaced.save_to(target)) == 1000);
        CHECK(content_of(target) == pattern(1000));
        CHECK(files_in(directory) == 2);
    }

    TEST_CASE("save_to: the error names the target that cannot be written, and nothing was read")
    {
        const temporary_directory directory;
        content_session session{1000};
        for (const auto& [target, cause] :
             std::initializer_list<std::pair<std::filesystem::path, system_errc::errc_t>>{
                 {directory / "missing" / "target", system_errc::no_such_file_or_directory},
                 {directory.path(), system_errc::is_a_directory},
                 {directory / std::string(256, 'x'), system_errc::filename_too_long}}) {
            auto content = session.open();
            const auto outcome = session.attempt(content.save_to(target));
            CHECK(outcome.error().code() == errc::target_failed);
            CHECK(outcome.error().cause() == cause);
            CHECK(outcome.error().kind() == "target");
            CHECK(session.run(content.read_all(1000)).size() ==
                  1000); // the error occurred before anything was read
            CHECK(outcome.error().context().detail.find(target.string()) != std::string::npos);
            CHECK(outcome.error().operation() == "get_image_content");
        }
        CHECK(files_in(directory) == 0);
    }

    TEST_CASE("save_to: a full disk fails with target_failed, and the cause tells why")
    {
        content_session session{100'000};
        auto content = session.open();
        const auto outcome = session.attempt(content.save_to("/dev/full"));
        CHECK(outcome.error().code() == errc::target_failed);
        CHECK(outcome.error().cause() == system_errc::no_space_on_device);
        CHECK(outcome.error().kind() == "target");
        CHECK(std::filesystem::is_character_file("/dev/full"));
    }

    TEST_CASE("save_to: a content that lost a part fails permanently, and releases its connection")
    {
        content_session session{1'000'000};
        auto content = session.open();
        CHECK(session.stats().in_use == 1);
        CHECK(session.attempt(content.save_to("/dev/full")).error().code() == errc::target_failed);
        CHECK(session.stats().in_use == 0);
        CHECK_FALSE(content.done());
        CHECK(session.attempt(content.read_all(1'000'000)).error().code() == errc::target_failed);
        CHECK(session.attempt(content.save_to("/dev/null")).error().code() == errc::target_failed);

        auto known = session.open();
        CHECK(session.attempt(known.read_all(999'999)).error().code() == errc::body_limit);
        CHECK(session.run(known.save_to("/dev/null")) ==
              1'000'000); // it was rejected before anything was read
        session.server.misbehave({.times = 1, .framing = cyclos::sandbox::framing::chunked});
        auto unknown = session.open();
        CHECK(session.attempt(unknown.read_all(999'999)).error().code() == errc::body_limit);
        CHECK(session.stats().in_use == 0);
        CHECK(session.attempt(unknown.save_to("/dev/null")).error().code() == errc::body_limit);

        auto written = session.open();
        asio::readable_pipe reader{session.context()};
        asio::writable_pipe writer{session.context()};
        asio::connect_pipe(reader, writer);
        writer.close();
        CHECK_THROWS_AS(session.run(written.write_to(writer)), boost::system::system_error);
        CHECK(session.stats().in_use == 0);
        CHECK_THROWS_AS(session.run(written.read_all(1'000'000)), boost::system::system_error);
    }

    TEST_CASE("save_to: a content that was read already does not change the target")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        content_session session{1000};
        auto content = session.open();
        CHECK(session.run(content.read_all(1000)).size() == 1000);
        CHECK(session.attempt(content.save_to(target)).error().code() == errc::invalid_argument);
        cyclos::image_content moved = std::move(content);
        CHECK(session.attempt(moved.save_to(target)).error().code() == errc::invalid_argument);
        CHECK(session.attempt(cyclos::image_content{}.save_to(target)).error().code() ==
              errc::invalid_argument);
        CHECK(content_of(target) == "old");
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("save_to: an empty content creates an empty file")
    {
        const temporary_directory directory;
        content_session session{0};
        auto content = session.open();
        CHECK(session.run(content.save_to(directory / "target")) == 0);
        CHECK(std::filesystem::file_size(directory / "target") == 0);
    }

    TEST_CASE("save_to: a pipe is written to directly")
    {
        const temporary_directory directory;
        const auto pipe = directory / "pipe";
        REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        content_session session{300'000};
        auto reader = std::async(std::launch::async, [&] { return content_of(pipe); });
        auto content = session.open();
        CHECK(session.run(content.save_to(pipe, {.overwrite = false})) == 300'000);
        CHECK(reader.get() == pattern(300'000));
        CHECK(std::filesystem::is_fifo(pipe));
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("save_to: a pipe whose reader closes fails with broken_pipe, and raises no signal")
    {
        const temporary_directory directory;
        const auto pipe = directory / "pipe";
        REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        content_session session{3'000'000};
        auto reader = std::async(std::launch::async, [&] {
            std::ifstream stream{pipe};
            return stream.get();
        });
        auto content = session.open();
        CHECK(session.attempt(content.save_to(pipe)).error().cause() == system_errc::broken_pipe);
        reader.get();
    }

    TEST_CASE("save_to: check_save_target() tests a target, and leaves no file")
    {
        const temporary_directory directory;
        const auto existing = directory.write("existing", "old");
        content_session session{1000};
        session.run(cyclos::check_save_target(directory / "new"));
        session.run(cyclos::check_save_target(existing));
        session.run(cyclos::check_save_target("/dev/null"));
        const auto taken =
            session.attempt(cyclos::check_save_target(existing, {.overwrite = false}));
        CHECK(taken.error().code() == errc::target_exists);
        CHECK(taken.error().is_rejected_locally());
        const auto missing =
            session.attempt(cyclos::check_save_target(directory / "missing" / "target"));
        CHECK(missing.error().code() == errc::target_failed);
        CHECK(missing.error().cause() == system_errc::no_such_file_or_directory);
        CHECK(content_of(existing) == "old");
        CHECK(files_in(directory) == 1);
    }
}
