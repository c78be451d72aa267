//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// One client with callers on many threads and executors.

#include "integration/support/await.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"

#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;

constexpr int callers = 24;
constexpr int rounds = 12;

class service
{
public:
    explicit service(std::size_t shards)
        : client(threads, config_for(server, demo(),
                                     [=](cyclos::config& c) {
                                         c.shards = shards;
                                         c.pool.max_connections = 6;
                                     }))
        , images(client)
    {
        server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(100'000)});
    }

    asio::awaitable<void> call()
    {
        const auto own_executor = co_await asio::this_coro::executor;
        for (int i = 0; i < rounds; ++i) {
            const auto view = co_await images.view_image(fixture::portrait);
            good += view.width == 64 ? 1 : 0;
            const auto stored = co_await images.upload_temp_image(pattern_source{10'000});
            {
                const std::lock_guard lock{mutex};
                ids.insert(stored.id);
            }
            auto content = co_await images.get_image_content("1");
            const auto bytes = co_await content.read_all(100'000);
            good += bytes.size() == 100'000 ? 1 : 0;
            {
                // Destroyed early, on any thread.
                auto dropped = co_await images.get_image_content("1");
            }
            const auto missing = co_await as_result(images.view_image("2"));
            good += missing.as<cyclos::not_found>() != nullptr ? 1 : 0;
            good += co_await asio::this_coro::executor == own_executor ? 1 : 0;
        }
    }

    cyclos::sandbox::server server;
    asio::thread_pool threads{4};
    cyclos::client client;
    cyclos::images_api images;
    std::atomic<int> good = 0;
    std::mutex mutex;
    std::set<std::string> ids;
};

} // namespace

TEST_SUITE("threads")
{
    TEST_CASE("threads: concurrent calls from the client's context, its strands and another "
              "context succeed")
    {
        for (const std::size_t shards : {1U, 3U}) {
            service s{shards};
            asio::thread_pool others{2};
            std::vector<std::future<void>> calls;
            for (int n = 0; n < callers; ++n) {
                const asio::any_io_executor executor =
                    n % 3 == 0   ? asio::any_io_executor{s.threads.get_executor()}
                    : n % 3 == 1 ? asio::any_io_executor{asio::make_strand(s.threads)}
                                 : asio::any_io_executor{others.get_executor()};
                calls.push_back(asio::co_spawn(executor, s.call(), asio::use_future));
            }
            for (auto& each : calls) {
                each.get();
            }
            CHECK(s.good == callers * rounds * 4);
            CHECK(s.ids.size() == callers * rounds);
            CHECK(s.server.store().temp_images().size() == callers * rounds);
            asio::co_spawn(s.threads, s.client.close(5s), asio::use_future).get();
            const auto stats = asio::co_spawn(s.threads, s.client.stats(), asio::use_future).get();
            CHECK(stats.in_use + stats.idle + stats.connecting + stats.waiting == 0);
            CHECK(stats.opened >= shards);
        }
    }

    TEST_CASE("threads: calls from the executor of a shard use the connections of that shard")
    {
        cyclos::sandbox::server server;
        asio::thread_pool threads{4};
        cyclos::client client{threads, config_for(server, demo(), [](cyclos::config& c) {
                                  c.shards = 3;
                                  c.pool.max_connections = 3; // one for each
                              })};
        cyclos::images_api images{client};
        CHECK(client.shard_executor(0) == client.get_executor());
        CHECK(client.shard_executor(1) != client.shard_executor(2));
        CHECK(client.shard_executor(4) == client.shard_executor(1));
        std::size_t next = 0;
        for (const std::uint64_t opened : {1U, 1U, 2U, 2U, 3U, 3U}) {
            // Twice on each: the second time there is a connection. Other callers alternate between
            // shards.
            const auto executor = client.shard_executor(next++ / 2);
            asio::co_spawn(executor, images.view_image(fixture::portrait), asio::use_future).get();
            CHECK(asio::co_spawn(threads, client.stats(), asio::use_future).get().opened == opened);
        }
    }

    TEST_CASE("threads: destroying a client under load ends all calls with client_closed")
    {
        cyclos::sandbox::server server;
        asio::thread_pool threads{4};
        std::atomic<int> ended = 0;
        // A coroutine refers to its lambda, which must outlive it.
        const auto call = [&ended](cyclos::images_api api) -> asio::awaitable<void> {
            for (;;) {
                const auto outcome = co_await as_result(api.view_image(fixture::portrait));
                if (!outcome) {
                    CHECK(outcome.error().code() == cyclos::errc::client_closed);
                    ++ended;
                    co_return;
                }
            }
        };
        std::vector<std::future<void>> calls;
        {
            cyclos::client client{threads, config_for(server, demo())};
            const cyclos::images_api images{client};
            for (int n = 0; n < 8; ++n) {
                calls.push_back(asio::co_spawn(threads, call(images), asio::use_future));
            }
            cyclos::test::await("there are no requests",
                                [&] { return server.statistics().requests >= 100; });
        }
        for (auto& each : calls) {
            each.get();
        }
        CHECK(ended == 8);
    }
}
