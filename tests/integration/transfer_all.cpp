//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Batches of transfers with limited concurrency.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/temporary_directory.hpp"

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::sandbox::content;

using outcomes = std::vector<cyclos::result<cyclos::uploaded_image>>;

std::vector<std::uint64_t> numbers(std::uint64_t count)
{
    std::vector<std::uint64_t> all;
    for (std::uint64_t i = 0; i < count; ++i) {
        all.push_back(1000 + i);
    }
    return all;
}

} // namespace

TEST_SUITE("upload_all")
{
    TEST_CASE("upload_all: results are in the order of the items, and concurrency is limited")
    {
        for (const std::size_t at_once : {0U, 1U, 3U, 100U}) {
            sandbox_session session{{}, [](cyclos::config& c) { c.pool.max_connections = 50; }};
            const auto sizes = numbers(40);
            const auto upload = [&](std::uint64_t size) {
                return session.images.upload_temp_image(pattern_source{size});
            };
            const outcomes all = session.run(cyclos::upload_all(sizes, at_once, upload));
            REQUIRE(all.size() == sizes.size());
            for (std::size_t i = 0; i < all.size(); ++i) {
                REQUIRE(all[i]);
                CHECK(session.server.store().find_image(all[i]->id)->content.size() == sizes[i]);
            }
            CHECK(session.server.statistics().accepted <= std::max<std::size_t>(at_once, 1));
        }
    }

    TEST_CASE("upload_all: a failed upload does not prevent the others")
    {
        sandbox_session session;
        const temporary_directory directory;
        const std::vector<std::filesystem::path> files{directory.write("a.png", pattern(10)),
                                                       directory / "missing",
                                                       directory.write("c.png", pattern(30))};
        const outcomes all =
            session.run(cyclos::upload_all(files, 2, [&](const std::filesystem::path& file) {
                return session.images.upload_temp_image(cyclos::file_source(file, "", "image/png"));
            }));
        REQUIRE(all.size() == 3);
        CHECK(all[0]);
        CHECK(all[1].error().code() == errc::source_failed);
        CHECK(all[2]);
    }

    TEST_CASE("upload_all: empty ranges, views and temporaries are accepted")
    {
        sandbox_session session;
        const auto upload = [&](auto size) {
            return session.images.upload_temp_image(pattern_source{size});
        };
        CHECK(session.run(cyclos::upload_all(std::vector<std::uint64_t>{}, 4, upload)).empty());
        CHECK(session.run(cyclos::upload_all(std::vector<std::uint64_t>{1, 2, 3}, 4, upload))
                  .size() == 3);
        auto some = std::views::iota(std::uint64_t{1}, std::uint64_t{6}) |
                    std::views::filter([](std::uint64_t n) { return n % 2 == 1; });
        CHECK(session.run(cyclos::upload_all(some, 2, upload)).size() == 3);
        CHECK(session.server.store().temp_images().size() == 6);
    }

    TEST_CASE("upload_all: cancellation starts no more uploads, and returns what was done")
    {
        for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                                asio::cancellation_type::total}) {
            sandbox_session session;
            session.server.misbehave({.skip = 3, .instead = ending::hang});
            const auto sizes = numbers(10);
            const auto upload = [&](std::uint64_t size) {
                return session.images.upload_temp_image(pattern_source{size});
            };
            asio::cancellation_signal cancel;
            auto running =
                asio::co_spawn(session.context(), cyclos::upload_all(sizes, 2, upload),
                               asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
            session.until([&] { return session.server.statistics().requests == 5; });
            cancel.emit(type);
            if (type != asio::cancellation_type::terminal) {
                // A coroutine accepts only this one by default.
                cancel.emit(asio::cancellation_type::terminal);
            }
            const outcomes all = session.get(std::move(running));
            REQUIRE(all.size() == 10);
            // The order in which the server receives concurrent uploads is undefined.
            std::size_t stored = 0;
            std::size_t begun = 0;
            for (const auto& each : all) {
                stored += each ? 1 : 0;
                if (!each) {
                    CHECK(each.error().code() == errc::cancelled);
                    begun += each.error().sent() == sent_state::none ? 0 : 1;
                }
            }
            CHECK(stored == 3);
            CHECK(begun == 2);
            CHECK(session.server.statistics().requests == 5);
            CHECK(session.stats().in_use == 0);
        }
    }

    TEST_CASE(
        "upload_all: an exception that is not an error of the library ends all, and is rethrown")
    {
        sandbox_session session;
        session.server.misbehave({.instead = ending::hang});
        const auto upload = [&](int n) -> asio::awaitable<cyclos::uploaded_image> {
            if (n == 2) {
                throw std::out_of_range("two");
            }
            co_return co_await session.images.upload_temp_image(pattern_source{100});
        };
        CHECK_THROWS_AS(session.run(cyclos::upload_all(std::vector{1, 2, 3, 4}, 2, upload)),
                        std::out_of_range);
        CHECK(session.stats().in_use == 0);
    }

    TEST_CASE("upload_all: an exception of the function waits for the running uploads")
    {
        sandbox_session session;
        session.server.misbehave({.instead = ending::hang});
        std::vector<std::string> names{"a", "b", "c"};
        const auto upload = [&](std::size_t n) {
            return session.images.upload_temp_image(pattern_source{100}, {.name = names.at(n)});
        };
        CHECK_THROWS_AS(
            session.run(cyclos::upload_all(std::vector<std::size_t>{0, 1, 7, 2}, 3, upload)),
            std::out_of_range);
        CHECK(session.stats().in_use == 0);

        session.server.clear_misbehaviours();
        const auto refuse = [&](std::size_t n) {
            if (n == 1) {
                throw cyclos::error(errc::invalid_argument, {});
            }
            return upload(n);
        };
        const outcomes all =
            session.run(cyclos::upload_all(std::vector<std::size_t>{0, 1, 2}, 3, refuse));
        CHECK(all[0]);
        CHECK(all[1].error().code() == errc::invalid_argument);
        CHECK(all[2]);
    }

    TEST_CASE("upload_all: items generated by the range live as long as their uploads")
    {
        sandbox_session session;
        auto names = std::views::iota(0, 20) | std::views::transform([](int n) {
                         return "a name that has to be allocated " + std::to_string(n);
                     });
        const auto upload =
            [&](const std::string& name) -> asio::awaitable<cyclos::uploaded_image> {
            const auto stored = co_await session.images.upload_temp_image(pattern_source{100});
            CHECK(name.starts_with("a name that has to be allocated "));
            co_return stored;
        };
        CHECK(session.run(cyclos::upload_all(names, 4, upload)).size() == 20);
    }
}

TEST_SUITE("download_all")
{
    TEST_CASE("download_all: files are saved from several threads")
    {
        cyclos::sandbox::server server;
        std::vector<std::string> ids;
        for (int i = 0; i < 30; ++i) {
            ids.push_back(std::to_string(100 + i));
            server.store().add_image(
                {.id = ids.back(),
                 .content = content::synthetic(1000U * static_cast<unsigned>(i))});
        }
        const temporary_directory directory;
        asio::thread_pool threads{3};
        {
            cyclos::client client{
                threads, config_for(server, demo(), [](cyclos::config& c) { c.shards = 2; })};
            const cyclos::images_api images{client};
            const auto download = [&](const std::string& id) -> asio::awaitable<std::uint64_t> {
                auto content = co_await images.get_image_content(id);
                co_return co_await content.save_to(directory / id);
            };
            const auto saved =
                asio::co_spawn(threads, cyclos::download_all(ids, 4, download), asio::use_future)
                    .get();
            REQUIRE(saved.size() == ids.size());
            for (std::size_t i = 0; i < saved.size(); ++i) {
                CHECK(saved[i].value() == 1000 * i);
                CHECK(std::filesystem::file_size(directory / ids[i]) == 1000 * i);
            }
        }
        threads.join();
    }

    TEST_CASE("download_all: operations without a result are accepted")
    {
        sandbox_session session;
        const auto gone = session.run(cyclos::download_all(
            std::vector<std::string>{fixture::portrait, "1"}, 2,
            [&](const std::string& id) { return session.images.delete_image(id); }));
        REQUIRE(gone.size() == 2);
        CHECK(gone[0]);
        CHECK(gone[1].as<cyclos::not_found>());
    }
}
