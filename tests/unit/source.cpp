//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#if !defined(_WIN32)
#include "integration/support/leased_file.hpp"
#endif
#include "integration/support/run_one_for.hpp"
#include "integration/support/temporary_directory.hpp"
#include "unit/support/run.hpp"

#include <cyclos/detail/http/source/image_head.hpp>
#include <cyclos/error.hpp>
#include <cyclos/file_source.hpp>
#include <cyclos/memory_source.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

using cyclos::body_source;
using cyclos::errc;
using cyclos::file_source;
using cyclos::memory_source;
using cyclos::source;
using cyclos::http::sniff_media_type;
using cyclos::test::run;
using cyclos::test::temporary_directory;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

namespace asio = boost::asio;

/// Reads the rest of a source, in reads of at most this size.
asio::awaitable<std::string> read_on(body_source& from, std::size_t at_once)
{
    std::string all;
    std::string block(at_once, '\0');
    while (const std::size_t bytes = co_await from.read_some(asio::buffer(block))) {
        all.append(block, 0, bytes);
    }
    // The end is final.
    CHECK(co_await from.read_some(asio::buffer(block)) == 0);
    co_return all;
}

asio::awaitable<std::string> read_all(body_source& from, std::size_t at_once)
{
    co_await from.open();
    co_return co_await read_on(from, at_once);
}

std::string refusal(body_source& from)
{
    try {
        run(read_all(from, 16));
    }
    catch (const cyclos::error& e) {
        CHECK(e.code() == errc::source_failed);
        CHECK(e.sent() == cyclos::sent_state::none);
        return e.context().detail;
    }
    return {};
}

} // namespace

TEST_SUITE("memory_source")
{
    TEST_CASE("memory_source: owned and borrowed bytes are read")
    {
        const std::string text = "some bytes\0 and more"s;
        memory_source owned{text, "me.png", "image/png"};
        memory_source borrowed{std::as_bytes(std::span{text}), "me.png", "image/png"};
        for (memory_source* each : {&owned, &borrowed}) {
            CHECK(each->length() == text.size());
            CHECK(each->file_name() == "me.png");
            CHECK(each->media_type() == "image/png");
            CHECK(run(read_all(*each, 3)) == text);
        }
    }

    TEST_CASE("memory_source: a moved source keeps its bytes")
    {
        memory_source one{"short"};
        source any{std::move(one)};
        CHECK(any->length() == 5);
        CHECK(any->file_name() == "image");
        CHECK(any->media_type().empty());
        source other{std::move(any)};
        CHECK_FALSE(any);
        CHECK(other);
        CHECK(run(read_all(*other.operator->(), 100)) == "short");
    }

    TEST_CASE("memory_source: an empty source has no bytes")
    {
        memory_source empty{""s};
        CHECK(empty.length() == 0);
        CHECK(run(read_all(empty, 10)) == "");
        memory_source nothing{std::span<const std::byte>{}};
        CHECK(nothing.length() == 0);
        CHECK(run(read_all(nothing, 10)) == "");
    }
}

TEST_SUITE("file_source")
{
    TEST_CASE("file_source: a file is read, and read again after rewind()")
    {
        const temporary_directory directory;
        std::string content;
        for (unsigned i = 0; i < 100'000; ++i) {
            content += static_cast<char>(i * i);
        }
        file_source file{directory.write(u8"möbius 猫.png", content)};
        CHECK(file.file_name() == "möbius 猫.png");
        CHECK(file.media_type().empty());
        // In one context: a file that the system reads asynchronously belongs to the context in
        // which it was opened.
        const auto read_twice = [&]() -> asio::awaitable<std::pair<std::string, std::string>> {
            std::string first = co_await read_all(file, 4096);
            co_await file.rewind();
            std::string second = co_await read_on(file, 5000);
            co_return std::pair{std::move(first), std::move(second)};
        };
        const auto [first, second] = run(read_twice());
        CHECK(first == content);
        CHECK(second == content);
        CHECK(file.length() == content.size());
    }

    TEST_CASE("file_source: an empty file is read")
    {
        const temporary_directory directory;
        file_source file{directory.write("empty", "")};
        CHECK(run(read_all(file, 10)) == "");
        CHECK(file.length() == 0);
    }

    TEST_CASE("file_source: file name and media type can be set")
    {
        const temporary_directory directory;
        file_source file{directory.write("x", "1"), "portrait.png", "image/png"};
        CHECK(file.file_name() == "portrait.png");
        CHECK(file.media_type() == "image/png");
    }

    TEST_CASE("file_source: a source that is moved before it is read works")
    {
        const temporary_directory directory;
        file_source one{directory.write("x", "content")};
        source any{std::move(one)};
        CHECK(any->file_name() == "x");
        CHECK(run(read_all(*any.operator->(), 100)) == "content");
    }

    TEST_CASE("file_source: the error names a path that is not a file")
    {
        const temporary_directory directory;
        const auto missing = directory / "missing.png";
        file_source nothing{missing};
        CHECK(refusal(nothing).starts_with(missing.string() + ": "));
        file_source folder{directory.path()};
        CHECK(refusal(folder).starts_with(directory.path().string() + ": "));
        file_source nowhere{""};
        CHECK(refusal(nowhere) != "");
    }

    TEST_CASE("file_source: cause() is a code of the system")
    {
        const temporary_directory directory;
        const auto cause_of = [](file_source file) {
            try {
                run(read_all(file, 16));
            }
            catch (const cyclos::error& e) {
                CHECK(e.code() == errc::source_failed);
                return e.cause();
            }
            return cyclos::error_code{};
        };
        CHECK(cause_of(file_source{directory / "missing.png"}) ==
              boost::system::errc::no_such_file_or_directory);
        CHECK(cause_of(file_source{directory.path()}) == boost::system::errc::is_a_directory);
    }

#if !defined(_WIN32) // where folders contain no such files
    TEST_CASE(
        "file_source: a pipe or device is rejected at once, and the error names stream_source")
    {
        const temporary_directory directory;
        const auto fifo = directory / "fifo";
        REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
        for (const std::filesystem::path& path : {fifo, std::filesystem::path{"/dev/zero"}}) {
            file_source file{path};
            const std::string text = refusal(file);
            CHECK(text.starts_with(path.string() + ": it is no regular file"));
            CHECK(text.find("stream_source") != std::string::npos);
        }
    }

    TEST_CASE("file_source: a file of size 0 that has content is rejected")
    {
        file_source file{"/proc/self/status"};
        CHECK(refusal(file).find("its size is given as 0, but it has content") !=
              std::string::npos);
    }

    TEST_CASE("file_source: the file is opened on another thread")
    {
        // The thread that runs the context releases the file.
        const temporary_directory directory;
        const auto path = directory.write("x.png", "content");
        auto lease = std::make_unique<cyclos::test::leased_file>(path);
        file_source file{path};
        asio::io_context context;
        auto opened = asio::co_spawn(context, file.open(), asio::use_future);
        while (!lease->waited_for()) {
            cyclos::test::run_one_for(context, std::chrono::milliseconds{2});
        }
        lease.reset();
        context.run();
        CHECK_NOTHROW(opened.get());
        CHECK(file.length() == 7);
    }
#endif
}

TEST_SUITE("source")
{
    TEST_CASE("source: it can be constructed from a pointer")
    {
        source any{std::unique_ptr<body_source>{std::make_unique<memory_source>("x"s)}};
        CHECK(any->length() == 1);
        CHECK_FALSE(source{std::unique_ptr<body_source>{}});
    }
}

TEST_SUITE("sniff_media_type")
{
    TEST_CASE("sniff_media_type: PNG, JPEG and GIF are recognised")
    {
        CHECK(sniff_media_type("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv) == "image/png");
        CHECK(sniff_media_type("\xff\xd8\xff\xe0\0\x10JFIF"sv) == "image/jpeg");
        CHECK(sniff_media_type("GIF87a..."sv) == "image/gif");
        CHECK(sniff_media_type("GIF89a..."sv) == "image/gif");
    }

    TEST_CASE("sniff_media_type: other data is application/octet-stream")
    {
        for (const auto bytes :
             {""sv, "\x89PNG"sv, "\xff\xd8"sv, "GIF88a"sv, " GIF89a"sv, "<svg/>"sv, "\0\0"sv}) {
            CHECK(sniff_media_type(bytes) == "application/octet-stream");
        }
    }
}
