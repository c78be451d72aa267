//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Calls as users write them: they must compile with every compiler and pass AddressSanitizer. GCC
// 12 destroys some temporaries of a co_await expression twice, but none of these.

#include "integration/support/integration_test.hpp"
#include "integration/support/temporary_directory.hpp"

#include <cyclos/images.hpp>
#include <cyclos/sandbox/pictures.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <array>
#include <atomic>
#include <deque>
#include <filesystem>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::as_result;
using cyclos::images_api;

const std::string png = cyclos::sandbox::make_picture(64, 64).bytes;

/// Too long for the internal buffer of std::string, so that AddressSanitizer detects a dangling
/// view.
std::string long_name()
{
    return "a name that is much longer than any short string optimisation holds";
}

std::string long_fields()
{
    return "id,name,contentType,length,url,width,height,kind,convertedToJpeg";
}

std::string key()
{
    return std::string{fixture::portrait_key} + "";
}

asio::awaitable<void> change_portrait(cyclos::client& client, std::filesystem::path photo,
                                      std::filesystem::path saved)
{
    images_api images{client};

    auto stored = co_await images.upload_user_image("self", file_source(photo),
                                                    {.kind = cyclos::user_image_kind::profile});
    auto details = co_await images.view_image(stored.id, {.fields = "id,name,width,height"});
    auto content = co_await images.get_image_content(stored.id, {.width = 32});
    co_await content.save_to(saved);

    CHECK(details.name == photo.filename().string());
    CHECK(details.width == 64);
}

} // namespace

TEST_SUITE("user code")
{
    TEST_CASE("user code: the first example of the documentation runs")
    {
        sandbox_session session;
        const temporary_directory directory;
        const auto photo = directory.write("me.png", png);
        session.run(change_portrait(session.client, photo, directory / "small.png"));
        CHECK(std::filesystem::exists(directory / "small.png"));
    }

    TEST_CASE("user code: temporaries of every kind are safe in a co_await expression")
    {
        sandbox_session session;
        const temporary_directory directory;
        directory.write(long_name() + ".png", png);
        const auto calls = [&]() -> asio::awaitable<void> {
            images_api images{session.client};
            auto a = co_await images.view_image(key(), {.fields = long_fields()});
            auto b = co_await images.view_image(
                key(), cyclos::view_image_options{.fields = long_fields()});
            auto c = co_await images.view_image(std::string{"demo-"} + "portrait.png");
            auto d = co_await images_api{session.client}.view_image(key());
            CHECK(a == b);
            CHECK(a == c);
            CHECK(a == d);

            auto one = co_await images.upload_user_image(
                std::string{fixture::demo_id},
                file_source(directory.path() / (long_name() + ".png"), long_name()),
                {.kind = cyclos::user_image_kind::custom, .name = long_name() + " and more"});
            CHECK((co_await images.view_image(one.id)).name == long_name() + " and more");

            auto two = co_await images.upload_user_image(
                "self",
                memory_source(std::string{png}, long_name() + ".png",
                              std::string{"image/"} + "png"),
                {.name = long_name()});
            CHECK((co_await images.view_image(two.id, {.fields = long_fields()})).name ==
                  long_name());

            auto three = co_await images.upload_temp_image(
                memory_source(std::as_bytes(std::span{png})),
                {.name = long_name(),
                 .custom_field = long_name(),
                 .custom_field_kind = cyclos::custom_field_kind::user});
            CHECK(
                (co_await images.list_temp_images({.fields = "name", .custom_field = long_name()}))
                    .at(0)
                    .name == long_name());

            auto four = co_await images.upload_ad_image(
                fixture::simple_ad,
                std::make_unique<memory_source>(std::string{png}, long_name() + ".png"));

            for (const auto& stored : {one, two, three, four}) {
                co_await images.delete_image(std::string{stored.id});
            }

            CHECK((co_await (co_await images.get_image_content(key(), {.width = 8, .height = 8}))
                       .read_all(1 << 20))
                      .size() > 0);
            auto failed =
                co_await as_result(images.view_image(long_name(), {.fields = long_fields()}));
            CHECK(failed.as<cyclos::not_found>()->details().key == long_name());
        };
        session.run(calls());
    }

    TEST_CASE("user code: ids can be passed in any range of strings")
    {
        sandbox_session session;
        const auto calls = [&]() -> asio::awaitable<void> {
            images_api images{session.client};
            std::vector<std::string> ids{fixture::portrait};
            for (int i = 0; i < 3; ++i) {
                ids.push_back(
                    (co_await images.upload_user_image("self", memory_source(std::string{png})))
                        .id);
            }
            const std::string_view views[]{ids[3], ids[2], ids[1], ids[0]};
            const std::array<const char*, 4> pointers{ids[0].c_str(), ids[2].c_str(),
                                                      ids[1].c_str(), ids[3].c_str()};
            co_await images.reorder_profile_images("self", ids);
            co_await images.reorder_profile_images("self", std::span{ids});
            co_await images.reorder_profile_images("self",
                                                   std::deque<std::string>(ids.begin(), ids.end()));
            co_await images.reorder_profile_images(
                "self", std::list<std::string_view>(ids.begin(), ids.end()));
            co_await images.reorder_profile_images("self", views);
            co_await images.reorder_profile_images("self", pointers);
            const auto listed = co_await images.list_user_images("self", {.fields = "id"});
            REQUIRE(listed.size() == 4);
            CHECK(listed[1].id == ids[2]);
        };
        session.run(calls());
    }

    TEST_CASE("user code: an operation may be awaited after its arguments are destroyed")
    {
        sandbox_session session;
        std::vector<asio::awaitable<cyclos::image_view>> views;
        std::vector<asio::awaitable<cyclos::uploaded_image>> uploads;
        asio::awaitable<void> order;
        {
            images_api images{session.client};
            std::string id = key();
            std::string fields = long_fields();
            std::string name = long_name();
            cyclos::view_image_options options{.fields = fields};
            views.push_back(images.view_image(id, options));
            views.push_back(images.view_image(id, {.fields = fields}));
            memory_source source{png, name};
            uploads.push_back(
                images.upload_user_image(std::string{"self"}, std::move(source), {.name = name}));
            const std::vector<std::string> ids{fixture::portrait};
            order = images.reorder_profile_images(std::string{"self"}, ids);
            for (std::string* each : {&id, &fields, &name}) {
                std::fill(each->begin(), each->end(), '!');
            }
        }
        for (auto& each : views) {
            CHECK(session.run(std::move(each)).width == 64);
        }
        session.run(std::move(order));
        const auto stored = session.run(std::move(uploads.front()));
        CHECK(session.server.store().find_image(stored.id)->name == long_name());
    }

    TEST_CASE("user code: an operation that is never awaited sends nothing")
    {
        sandbox_session session;
        {
            auto never =
                session.images.upload_user_image("self", memory_source(png), {.name = long_name()});
            auto nor_this = session.images.delete_image(key());
        }
        CHECK(session.run(session.images.view_image(key())).width == 64);
        CHECK(session.server.statistics().requests == 1);
    }

    TEST_CASE("user code: an operation runs with a callback")
    {
        sandbox_session session;
        std::optional<cyclos::image_view> details;
        std::exception_ptr failure;
        asio::co_spawn(session.client.get_executor(),
                       session.images.view_image(key(), {.fields = long_fields()}),
                       [&](std::exception_ptr e, cyclos::image_view value) {
                           failure = e;
                           details = std::move(value);
                       });
        session.until([&] { return details.has_value(); });
        CHECK_FALSE(failure);
        CHECK(details->width == 64);

        // A failed operation passes an empty value.
        details.reset();
        asio::co_spawn(session.client.get_executor(), session.images.view_image("missing"),
                       [&](std::exception_ptr e, cyclos::image_view value) {
                           failure = e;
                           details = std::move(value);
                       });
        session.until([&] { return details.has_value(); });
        CHECK_THROWS_AS(std::rethrow_exception(failure), cyclos::not_found);
        CHECK(details == cyclos::image_view{});
    }

    TEST_CASE("user code: an operation as result runs with a callback and without exceptions")
    {
        sandbox_session session;
        bool called = false;
        asio::co_spawn(session.client.get_executor(),
                       as_result(session.images.view_image("missing")),
                       [&](std::exception_ptr e, cyclos::result<cyclos::image_view> outcome) {
                           CHECK_FALSE(e);
                           CHECK(outcome.as<cyclos::not_found>());
                           called = true;
                       });
        session.until([&] { return called; });
    }

    TEST_CASE("user code: an operation runs with a future while other threads run the context")
    {
        cyclos::sandbox::server server;
        asio::thread_pool threads{2};
        cyclos::client client{threads, config_for(server, demo())};
        images_api images{client};
        auto details =
            asio::co_spawn(client.get_executor(), images.view_image(key()), asio::use_future);
        auto content = asio::co_spawn(client.get_executor(), images.get_image_content(key()),
                                      asio::use_future);
        auto missing =
            asio::co_spawn(client.get_executor(), images.delete_image("missing"), asio::use_future);
        CHECK(details.get().width == 64);
        auto stream = content.get();
        CHECK(asio::co_spawn(client.get_executor(), stream.read_all(1 << 20), asio::use_future)
                  .get()
                  .size() == stream.content_length());
        CHECK_THROWS_AS(missing.get(), cyclos::not_found);
    }

    TEST_CASE("user code: operations run from coroutines on other executors concurrently")
    {
        cyclos::sandbox::server server;
        asio::io_context context;
        asio::thread_pool elsewhere{3};
        cyclos::client client{context, config_for(server, demo(), [](cyclos::config& c) {
                                  c.pool.max_connections = 4;
                              })};
        auto work = asio::make_work_guard(context);
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([&] { context.run(); });
        }

        const temporary_directory directory;
        const auto worker = [&](int number) -> asio::awaitable<void> {
            const images_api images{client};
            const auto before = co_await asio::this_coro::executor;
            auto stored = co_await images.upload_temp_image(
                memory_source(pattern(50'000), "p.png", "image/png"),
                {.name = std::to_string(number)});
            CHECK((co_await images.view_image(stored.id)).name == std::to_string(number));
            auto content = co_await images.get_image_content(stored.id);
            const auto file = directory / std::to_string(number);
            CHECK(co_await content.save_to(file) == 50'000);
            co_await images.delete_image(stored.id);
            CHECK(co_await asio::this_coro::executor == before);
        };
        std::vector<std::future<void>> futures;
        for (int i = 0; i < 24; ++i) {
            const asio::any_io_executor executor =
                i % 3 == 0   ? asio::any_io_executor{elsewhere.get_executor()}
                : i % 3 == 1 ? asio::any_io_executor{asio::make_strand(elsewhere)}
                             : client.get_executor();
            futures.push_back(asio::co_spawn(executor, worker(i), asio::use_future));
        }
        for (auto& each : futures) {
            each.get();
        }
        CHECK(server.statistics().accepted <= 4);
        CHECK(server.store().temp_images().empty());
        work.reset();
        context.stop();
        for (auto& each : threads) {
            each.join();
        }
    }

    TEST_CASE("user code: operations of a moved client continue to work")
    {
        cyclos::sandbox::server server;
        test_context context;
        cyclos::client first{context.context(), config_for(server, demo())};
        images_api images{first};
        cyclos::client second{std::move(first)};
        auto view =
            asio::co_spawn(second.get_executor(), images.view_image(key()), asio::use_future);
        CHECK(context.get(std::move(view)).width == 64);
    }

    TEST_CASE("user code: a serial executor is used without a strand")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.serial_executor = true; }};
        CHECK(session.client.get_executor() ==
              asio::any_io_executor{session.context().get_executor()});
        const temporary_directory directory;
        const auto photo = directory.write("me.png", png);
        session.run(change_portrait(session.client, photo, directory / "small.png"));
    }
}
