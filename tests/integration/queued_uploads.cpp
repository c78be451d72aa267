//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Uploads that wait for a connection hold neither a file nor a block; errors that are known without
// them are reported at once.

#include "integration/support/await.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/leased_file.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/resources.hpp"
#include "integration/support/sanitized.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <filesystem>
#include <future>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;

file_source png(const std::filesystem::path& path)
{
    return file_source{path, {}, "image/png"};
}

/// A stream with an image that counts its reads.
class counted_stream
{
public:
    explicit counted_stream(const asio::any_io_executor& executor, std::size_t& reads)
        : executor_(executor)
        , reads_(&reads)
    {}

    template <class Buffer, class Token>
    auto async_read_some(const Buffer& target, Token&& token)
    {
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, asio::mutable_buffer space) {
                ++*reads_;
                const std::size_t bytes = asio::buffer_copy(space, asio::buffer(left_));
                left_.erase(0, bytes);
                const boost::system::error_code ec =
                    bytes > 0 ? boost::system::error_code{} : asio::error::eof;
                asio::post(executor_, [h = std::move(handler), ec, bytes]() mutable {
                    std::move(h)(ec, bytes);
                });
            },
            token, asio::mutable_buffer{target});
    }

private:
    asio::any_io_executor executor_;
    std::size_t* reads_;
    std::string left_ = pattern(1000);
};

/// A session whose only connection is in use.
class full_session : public sandbox_session
{
public:
    explicit full_session(const adjustment& adjust = {})
        : sandbox_session({}, [&](cyclos::config& c) {
            c.pool.max_connections = 1;
            if (adjust) {
                adjust(c);
            }
        })
    {
        server.misbehave({.method = "DELETE", .times = 1, .instead = ending::hang});
        flying_ = start(as_result(images.delete_image(fixture::portrait)));
        until([&] { return server.statistics().requests == 1; });
    }

    void make_room() { server.close_all(); }

private:
    std::future<cyclos::result<void>> flying_;
};

} // namespace

TEST_SUITE("queued uploads")
{
    TEST_CASE(
        "queued uploads: they hold no descriptor and read nothing until they have a connection")
    {
        constexpr std::size_t number = 200;
        const temporary_directory directory;
        const auto path = directory.write("x.png", pattern(300'000));
        full_session session;
        const auto before = open_descriptors();
        std::size_t reads = 0;
        std::vector<std::future<cyclos::result<cyclos::uploaded_image>>> uploads;
        for (std::size_t n = 0; n < number; ++n) {
            uploads.push_back(
                session.start(as_result(session.images.upload_temp_image(png(path)))));
            cyclos::stream_source stream{counted_stream{session.client.get_executor(), reads},
                                         {.media_type = "image/png"}};
            uploads.push_back(
                session.start(as_result(session.images.upload_temp_image(std::move(stream)))));
        }
        session.until([&] { return session.stats().waiting == 2 * number; });
        CHECK(reads == 0);
        CHECK(open_descriptors() == before);
        session.make_room();
        for (auto& each : uploads) {
            CHECK(session.get(std::move(each)).has_value());
        }
        CHECK(reads == 2 * number); // each of them ends
    }

    TEST_CASE("queued uploads: ten thousand of them take a few KiB each, and no descriptor")
    {
        // A sanitizer multiplies time and memory.
#if defined(CYCLOS_TESTS_SANITIZED)
        constexpr std::size_t number = 1'000;
        constexpr std::size_t kibibytes = 1024;
#else
        constexpr std::size_t number = 10'000;
        constexpr std::size_t kibibytes = 16; // a block for a file is 64 KiB
#endif
        const temporary_directory directory;
        const auto path = directory.write("x.png", pattern(300'000));
        full_session session{[](cyclos::config& c) {
            c.pool.max_pending_acquires = 2 * number;
            c.timeouts.acquire = 10min;
        }};
        const auto descriptors = open_descriptors();
        const auto memory = resident_memory();
        std::vector<std::future<cyclos::result<cyclos::uploaded_image>>> uploads;
        for (std::size_t n = 0; n < number; ++n) {
            uploads.push_back(
                session.start(as_result(session.images.upload_temp_image(png(path)))));
        }
        session.until([&] { return session.stats().waiting == number; }, 3min);
        CHECK(open_descriptors() == descriptors);
        CHECK(resident_memory() < memory + number * kibibytes);
        session.run(session.client.close(0s));
        for (auto& each : uploads) {
            CHECK(session.get(std::move(each)).error().code() == errc::client_closed);
        }
    }

    TEST_CASE("queued uploads: local errors are reported at once, even with the server down")
    {
        const temporary_directory directory;
        const auto path = directory.write("x.png", pattern(1001));
        const reserved_port closed_port;
        const auto limit = [](cyclos::config& c) { c.uploads.max_size = 1000; };
        cyclos::config down{"https://127.0.0.1:" + std::to_string(closed_port.number()) + "/api"};
        limit(down);
        client_session without{down};
        full_session full{limit};
        for (client_session* session : std::initializer_list<client_session*>{&without, &full}) {
            const auto refused = [&](cyclos::source from, errc code) {
                const auto outcome =
                    session->attempt(session->images.upload_temp_image(std::move(from)));
                CHECK(failure_of(outcome) == failure{code, phase::preparing, sent_state::none, 0});
                CHECK(outcome.error().is_rejected_locally());
            };
            refused(file_source{directory / "missing.png"}, errc::source_failed);
            refused(file_source{directory.path()}, errc::source_failed);
            refused(file_source{path, {}, {}, {.offset = 1000, .length = 2}}, errc::source_failed);
            refused(file_source{path}, errc::source_rejected);
            refused(memory_source{pattern(1001)}, errc::source_rejected);
        }
        CHECK(full.server.statistics().requests == 1);
    }

    TEST_CASE(
        "queued uploads: an upload takes another connection if its own ends while the source opens")
    {
        for (const auto end : {ending::notify, ending::fin, ending::reset}) {
            const temporary_directory directory;
            const auto path = directory.write("x.png", pattern(1000));
            auto lease = std::make_unique<leased_file>(path);
            sandbox_session session;
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            auto upload = session.start(as_result(session.images.upload_temp_image(png(path))));
            session.until([&] { return lease->waited_for(); });
            CHECK(session.stats().in_use == 1);
            await("the connection is not idle",
                  [&] { return session.server.close_idle(end) == 1; });
            lease.reset();
            CHECK(session.get(std::move(upload)).has_value());
            CHECK(session.server.statistics().accepted == 2);
        }
    }

    TEST_CASE("queued uploads: an upload releases its connection if the source fails")
    {
        const temporary_directory directory;
        sandbox_session session;
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        const auto outcome = session.attempt(
            session.images.upload_temp_image(file_source{directory / "missing.png"}));
        CHECK(failure_of(outcome) ==
              failure{errc::source_failed, phase::preparing, sent_state::none, 0});
        CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
        CHECK(session.server.statistics().accepted == 1);
    }
}
