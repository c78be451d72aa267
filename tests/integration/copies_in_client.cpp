//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Copies within one client: each holds a connection by the content that it reads, and needs another
// one for the upload.

#include "integration/support/integration_test.hpp"

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;

constexpr unsigned copies = 64;
constexpr std::uint64_t size = 300'000;

/// A user's source that reads a content.
class wrapped_content final : public cyclos::body_source
{
public:
    explicit wrapped_content(cyclos::image_content content)
        : content_(std::move(content))
    {}

    asio::awaitable<void> open() override { return content_.open(); }
    std::optional<std::uint64_t> length() const override { return content_.length(); }
    std::string file_name() const override { return "copy"; }
    std::string media_type() const override { return content_.media_type(); }
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
    {
        return content_.read_some(target);
    }

private:
    cyclos::image_content content_;
};

/// A user's source that requests its content from the client when it is opened, and perhaps makes
/// another request while it is read.
class fetching_source final : public cyclos::body_source
{
public:
    /// @param asks_at The offset at which it makes the other request.
    fetching_source(const cyclos::images_api& images, std::optional<std::uint64_t> asks_at)
        : images_(images)
        , asks_at_(asks_at)
    {}

    asio::awaitable<void> open() override
    {
        content_.emplace(co_await images_.get_image_content("1"));
        co_await content_->open();
    }

    std::optional<std::uint64_t> length() const override { return content_->length(); }
    std::string file_name() const override { return "fetched"; }
    std::string media_type() const override { return content_->media_type(); }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
    {
        if (asks_at_ && given_ >= *asks_at_) {
            asks_at_.reset();
            co_await images_.view_image(fixture::portrait);
        }
        const std::size_t bytes = co_await content_->read_some(target);
        given_ += bytes;
        co_return bytes;
    }

private:
    cyclos::images_api images_;
    std::optional<std::uint64_t> asks_at_;
    std::uint64_t given_ = 0;
    std::optional<cyclos::image_content> content_;
};

/// Creates a source from a content.
using wrapping = std::function<cyclos::source(cyclos::image_content)>;

asio::awaitable<void> copy(cyclos::images_api images, wrapping wrap)
{
    auto content = co_await images.get_image_content("1");
    auto source = wrap(std::move(content));
    co_await images.upload_temp_image(std::move(source));
}

const std::vector<wrapping> all_ways{
    [](cyclos::image_content content) { return cyclos::source{std::move(content)}; },
    [](cyclos::image_content content) {
        return cyclos::source{wrapped_content{std::move(content)}};
    },
};

asio::awaitable<void> upload_fetched(cyclos::images_api images,
                                     std::optional<std::uint64_t> asks_at = {})
{
    auto source = cyclos::source{fetching_source{images, asks_at}};
    co_await images.upload_temp_image(std::move(source));
}

void add_original(cyclos::sandbox::server& server)
{
    server.store().add_image({.id = "1", .content = cyclos::sandbox::content::synthetic(size)});
}

} // namespace

TEST_SUITE("copies within one client")
{
    TEST_CASE("copies within one client: any number of copies finishes, with few connections")
    {
        for (const std::size_t connections : {1U, 2U, 16U}) {
            for (const wrapping& wrap : all_ways) {
                CAPTURE(connections);
                sandbox_session session{
                    {}, [=](cyclos::config& c) { c.pool.max_connections = connections; }};
                add_original(session.server);
                std::vector<std::future<void>> all;
                for (unsigned n = 0; n < copies; ++n) {
                    all.push_back(session.start(copy(session.images, wrap)));
                }
                for (auto& each : all) {
                    CHECK_NOTHROW(session.get(std::move(each)));
                }
                const auto stats = session.stats();
                CHECK(stats.acquire_timeouts == 0);
                CHECK(stats.idle <= connections);
                CHECK(stats.in_use == 0);
            }
        }
    }

    TEST_CASE("copies within one client: copies finish on several shards")
    {
        for (const std::size_t connections : {1U, 2U, 4U, 16U}) { // at most as many shards
            CAPTURE(connections);
            cyclos::sandbox::server server{{.threads = 2}};
            add_original(server);
            asio::thread_pool threads{4};
            cyclos::client client{threads, config_for(server, demo(), [=](cyclos::config& c) {
                                      c.shards = std::min<std::size_t>(4, connections);
                                      c.pool.max_connections = connections;
                                  })};
            std::vector<std::future<void>> all;
            for (unsigned n = 0; n < copies; ++n) {
                all.push_back(asio::co_spawn(
                    threads, copy(cyclos::images_api{client}, all_ways[n % all_ways.size()]),
                    asio::use_future));
            }
            for (auto& each : all) {
                CHECK_NOTHROW(each.get());
            }
            CHECK(
                asio::co_spawn(threads, client.stats(), asio::use_future).get().acquire_timeouts ==
                0);
        }
    }

    TEST_CASE("copies within one client: uploads finish whose sources make a request when they are "
              "opened")
    {
        for (const std::size_t connections : {1U, 2U, 16U}) {
            CAPTURE(connections);
            sandbox_session session{
                {}, [=](cyclos::config& c) { c.pool.max_connections = connections; }};
            add_original(session.server);
            std::vector<std::future<void>> all;
            for (unsigned n = 0; n < copies; ++n) {
                all.push_back(session.start(upload_fetched(session.images)));
            }
            for (auto& each : all) {
                CHECK_NOTHROW(session.get(std::move(each)));
            }
            CHECK(session.stats().acquire_timeouts == 0);
        }
    }

    TEST_CASE("copies within one client: an upload whose source makes a request while it is read "
              "needs a second connection, and the error tells so")
    {
        for (const std::size_t connections : {1U, 3U}) {
            CAPTURE(connections);
            sandbox_session session{{}, [=](cyclos::config& c) {
                                        c.pool.max_connections = connections;
                                        c.timeouts.acquire = connections == 1 ? 2s : 30s;
                                    }};
            session.server.store().add_image(
                {.id = "1", .content = cyclos::sandbox::content::synthetic(5'000'000)});
            const auto outcome = session.attempt(upload_fetched(session.images, 2'000'000));
            if (connections > 1) {
                CHECK(outcome.has_value());
                continue;
            }
            // The error describes the cycle.
            REQUIRE_FALSE(outcome.has_value());
            CHECK(outcome.error().code() == errc::source_failed);
            CHECK(outcome.error().cause() == errc::acquire_timeout);
            CHECK(std::string{outcome.error().what()}.find(
                      "1 are held by contents that have not been read, and 1 by uploads") !=
                  std::string::npos);
        }
    }

    TEST_CASE("copies within one client: an upload finishes that waits for a login while contents "
              "hold all connections")
    {
        sandbox_session session{
            {}, cyclos::credentials::session_login("demo", "demo"), [](cyclos::config& c) {
                c.pool.max_connections = 1;
                c.timeouts.acquire = 5s;
            }};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(50'000'000)});
        const auto content = session.run(session.images.get_image_content("1"));
        session.server.store().expire_sessions();
        cyclos::source picture{cyclos::memory_source{"a picture", "x", "image/png"}};
        CHECK_NOTHROW(session.run(session.images.upload_temp_image(std::move(picture))));
        CHECK(session.stats().in_use == 1);
    }

    TEST_CASE("copies within one client: an acquire timeout tells how many connections are held by "
              "unread contents and uploads")
    {
        sandbox_session session{{}, [](cyclos::config& c) {
                                    c.pool.max_connections = 1;
                                    c.timeouts.acquire = 50ms;
                                }};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(50'000'000)});
        auto content = session.run(session.images.get_image_content("1"));
        const auto outcome = session.attempt(session.images.view_image("1"));
        CHECK(outcome.error().code() == errc::acquire_timeout);
        CHECK(outcome.error().context().detail ==
              "of the connections in use, 1 are held by contents that have not been read, and 0 by "
              "uploads");
    }
}

TEST_SUITE("shards")
{
    TEST_CASE("shards: no request waits on one shard while another has a connection available")
    {
        cyclos::sandbox::server server;
        server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(50'000'000)});
        asio::thread_pool threads{4};
        cyclos::client client{threads, config_for(server, demo(), [](cyclos::config& c) {
                                  c.shards = 4;
                                  c.pool.max_connections = 4;
                                  c.pool.max_pending_acquires = 0;
                              })};
        const cyclos::images_api images{client};
        const auto first_shard = client.shard_executor(0);
        // All on the first shard, which may use all connections.
        std::vector<cyclos::image_content> contents;
        for (int n = 0; n < 3; ++n) {
            contents.push_back(
                asio::co_spawn(first_shard, images.get_image_content("1"), asio::use_future).get());
        }
        for (std::size_t n = 0; n < 20; ++n) {
            const auto shard = client.shard_executor(n);
            CHECK(asio::co_spawn(shard, images.view_image(fixture::portrait), asio::use_future)
                      .get()
                      .width == 64);
        }
        contents.clear();
    }

    TEST_CASE("shards: max_pending_acquires applies to all shards together")
    {
        for (const bool on_one : {false, true}) {
            CAPTURE(on_one);
            cyclos::sandbox::server server{{.tls = false}};
            server.store().add_image(
                {.id = "1", .content = cyclos::sandbox::content::synthetic(size)});
            asio::thread_pool threads{4};
            cyclos::client client{threads, config_for(server, demo(), [](cyclos::config& c) {
                                      c.shards = 4;
                                      c.pool.max_connections = 64;
                                      c.pool.max_pending_acquires = 10;
                                  })};
            const cyclos::images_api images{client};
            std::vector<cyclos::image_content> contents;
            for (std::size_t n = 0; n < 64; ++n) {
                const auto shard = client.shard_executor(n);
                contents.push_back(
                    asio::co_spawn(shard, images.get_image_content("1"), asio::use_future).get());
            }
            std::vector<std::future<cyclos::image_view>> waiting;
            for (std::size_t n = 0; n < 10; ++n) {
                const auto shard = client.shard_executor(on_one ? 0 : n);
                waiting.push_back(
                    asio::co_spawn(shard, images.view_image(fixture::portrait), asio::use_future));
            }
            while (asio::co_spawn(threads, client.stats(), asio::use_future).get().waiting < 10) {
            }
            const auto one_more =
                asio::co_spawn(client.shard_executor(1), as_result(images.view_image("1")),
                               asio::use_future)
                    .get();
            CHECK(one_more.error().code() == errc::pool_queue_full);
            contents.clear();
            for (auto& each : waiting) {
                CHECK(each.get().width == 64);
            }
        }
    }
}
