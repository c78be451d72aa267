//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "unit/support/run.hpp"

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/source/source_reader.hpp>
#include <cyclos/error.hpp>
#include <cyclos/stream_source.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using cyclos::coroutine_source;
using cyclos::errc;
using cyclos::detail::notifier;
using cyclos::http::source_reader;
using cyclos::test::run;

std::string numbered(std::size_t size)
{
    std::string all(size, '\0');
    for (std::size_t n = 0; n < size; ++n) {
        all[n] = static_cast<char>(n * 31 + n / 251);
    }
    return all;
}

/// Returns its bytes in pieces; each may be preceded by another handler.
coroutine_source in_pieces(const std::string& all, std::size_t piece, bool turns, bool knows_length)
{
    auto place = std::make_shared<std::size_t>(0);
    auto read = [&all, piece, turns,
                 place](asio::mutable_buffer target) -> asio::awaitable<std::size_t> {
        if (turns) {
            co_await asio::post(asio::use_awaitable);
        }
        const std::size_t bytes = std::min({piece, target.size(), all.size() - *place});
        std::memcpy(target.data(), all.data() + *place, bytes);
        *place += bytes;
        co_return bytes;
    };
    cyclos::source_options options;
    if (knows_length) {
        options.length = all.size();
    }
    return coroutine_source{read, options};
}

struct blocks
{
    std::string bytes;
    std::size_t number = 0;
};

/// Takes the blocks, and keeps each while this many handlers run, like a connection that sends it.
asio::awaitable<blocks> take_blocks(coroutine_source from, int turns)
{
    const auto executor = co_await asio::this_coro::executor;
    const cyclos::upload_config checks;
    const cyclos::http::exchange_state state;
    notifier owner{executor};
    const auto reader = std::make_shared<source_reader>(cyclos::source{std::move(from)}, checks);
    reader->start(executor, owner);
    blocks taken;
    do {
        while (!reader->poll_block(state)) {
            co_await owner.wait();
        }
        reader->advance();
        const std::string copy{reader->block()};
        for (int n = 0; n < turns; ++n) {
            co_await asio::post(asio::use_awaitable);
        }
        CHECK(copy == reader->block()); // it is unchanged while it is sent
        taken.bytes += copy;
        ++taken.number;
    } while (!reader->at_end());
    while (reader->reading()) {
        co_await owner.wait();
    }
    co_return taken;
}

} // namespace

TEST_SUITE("source_reader")
{
    TEST_CASE("source_reader: small pieces that are available at once are gathered")
    {
        const std::string all = numbered(20'000'000);
        for (const bool knows_length : {true, false}) {
            const blocks taken = run(take_blocks(in_pieces(all, 512, false, knows_length), 1));
            CHECK(taken.bytes == all);
            CHECK(taken.number <= 320); // of 64 KiB, and not 39,063 of 512 bytes
        }
    }

    TEST_CASE("source_reader: pieces that arrive while a block is being sent are gathered")
    {
        const std::string all = numbered(200'000);
        const blocks taken = run(take_blocks(in_pieces(all, 512, true, true), 100));
        CHECK(taken.bytes == all);
        CHECK(taken.number < 10);
    }

    TEST_CASE("source_reader: a piece is not held back while the source waits for it to be sent")
    {
        // The source returns its next piece only after the one before was taken: waiting for more
        // would deadlock.
        const std::string all = numbered(5000);
        const auto body = [&all]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            const cyclos::upload_config checks;
            const cyclos::http::exchange_state state;
            notifier owner{executor};
            notifier more{executor};
            std::size_t place = 0;
            std::size_t taken = 0;
            auto read = [&](asio::mutable_buffer target) -> asio::awaitable<std::size_t> {
                while (taken < place) {
                    co_await more.wait();
                }
                const std::size_t bytes =
                    std::min<std::size_t>({100, target.size(), all.size() - place});
                std::memcpy(target.data(), all.data() + place, bytes);
                place += bytes;
                co_return bytes;
            };
            const auto reader =
                std::make_shared<source_reader>(cyclos::source{coroutine_source{read}}, checks);
            reader->start(executor, owner);
            std::string bytes;
            do {
                while (!reader->poll_block(state)) {
                    co_await owner.wait();
                }
                reader->advance();
                bytes += reader->block();
                taken = bytes.size();
                more.notify_later();
            } while (!reader->at_end());
            CHECK(bytes == all);
            while (reader->reading()) {
                co_await owner.wait();
            }
        };
        run(body());
    }

    TEST_CASE("source_reader: all bytes are read for pieces of any size and readers of any speed")
    {
        for (const std::size_t size :
             {0U, 1U, 15U, 16U, 17U, 65'536U, 262'143U, 262'144U, 262'145U, 700'000U}) {
            const std::string all = numbered(size);
            for (const std::size_t piece : {1'000U, 16'384U, 16'385U, 65'537U, 262'144U}) {
                for (const int turns : {0, 1, 7}) {
                    for (const bool knows_length : {true, false}) {
                        for (const bool waits : {true, false}) {
                            CHECK(
                                run(take_blocks(in_pieces(all, piece, waits, knows_length), turns))
                                    .bytes == all);
                        }
                    }
                }
            }
        }
    }

    TEST_CASE("source_reader: a source that claims more bytes than requested fails")
    {
        auto read = [](asio::mutable_buffer target) -> asio::awaitable<std::size_t> {
            co_return target.size() + 1;
        };
        try {
            run(take_blocks(coroutine_source{read}, 0));
            FAIL("it was taken");
        }
        catch (const cyclos::error& e) {
            CHECK(e.code() == errc::source_failed);
        }
    }

    TEST_CASE("source_reader: no block is the last one if the source ends too early")
    {
        // The sender of the last block appends the end of the form.
        const std::string all = numbered(999);
        const auto body = [&all]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            const cyclos::upload_config checks;
            const cyclos::http::exchange_state state;
            notifier owner{executor};
            auto place = std::make_shared<std::size_t>(0);
            auto read = [&all, place](asio::mutable_buffer target) -> asio::awaitable<std::size_t> {
                const std::size_t bytes = std::min(target.size(), all.size() - *place);
                std::memcpy(target.data(), all.data() + *place, bytes);
                *place += bytes;
                co_return bytes;
            };
            coroutine_source source{read, {.length = 4'000'000}};
            const auto reader =
                std::make_shared<source_reader>(cyclos::source{std::move(source)}, checks);
            reader->start(executor, owner);
            while (reader->reading()) {
                co_await owner.wait();
            }
            while (reader->poll_block(state)) {
                reader->advance();
                CHECK_FALSE(reader->at_end());
            }
        };
        try {
            run(body());
            FAIL("it was taken");
        }
        catch (const cyclos::error& e) {
            CHECK(e.code() == errc::source_changed);
        }
    }
}
