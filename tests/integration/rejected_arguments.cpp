//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Arguments that cannot be sent: nothing is sent, and no connection is opened.

#include "integration/support/integration_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::image_kind;
using cyclos::images_api;
using call = std::function<asio::awaitable<void>(images_api&)>;

memory_source picture()
{
    return memory_source{std::string{"bytes"}, "me.png", "image/png"};
}

} // namespace

TEST_SUITE("rejected arguments")
{
    /// The error of a rejected argument. Nothing may be sent, and no connection opened.
    std::string refusal(const call& perform)
    {
        sandbox_session session;
        const auto outcome = session.attempt(perform(session.images));
        CHECK(failure_of(outcome) == failure{cyclos::errc::invalid_argument,
                                             cyclos::phase::preparing, cyclos::sent_state::none,
                                             0});
        CHECK(outcome.error().kind() == "rejected");
        CHECK(outcome.error().operation() != "");
        CHECK(session.server.statistics().accepted == 0);
        return outcome.error().context().detail;
    }

    TEST_CASE("rejected arguments: the error is reported at once, although the client's context "
              "does not run")
    {
        asio::io_context idle;
        cyclos::client client{idle, cyclos::config{"https://localhost"}};
        images_api images{client};
        asio::io_context context;
        auto refused =
            asio::co_spawn(context, cyclos::as_result(images.view_image("..")), asio::use_future);
        context.run();
        REQUIRE(refused.wait_for(0s) == std::future_status::ready);
        CHECK(refused.get().error().code() == cyclos::errc::invalid_argument);
    }

    TEST_CASE("rejected arguments: an empty or dot segment is rejected")
    {
        for (const std::string_view bad : {"", ".", ".."}) {
            CAPTURE(bad);
            CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                      co_await api.view_image(bad);
                  }) != "");
            CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                      co_await api.delete_image(bad);
                  }) != "");
            CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                      co_await api.list_ad_images(bad);
                  }) != "");
            CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                      co_await api.get_image_content_deprecated(image_kind::temp, bad);
                  }) != "");
            CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                      co_await api.upload_user_image(bad, picture());
                  }) != "");
        }
    }

    TEST_CASE("rejected arguments: a size below 1 is rejected")
    {
        for (const int bad : {0, -1}) {
            CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                      co_await api.get_image_content("1", {.width = bad});
                  }).starts_with("width: "));
            CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                      co_await api.get_image_content_by_id("1", {.width = 1, .height = bad});
                  }).starts_with("height: "));
        }
    }

    TEST_CASE("rejected arguments: an invalid enumerator is rejected")
    {
        const auto none = [](auto value) { return static_cast<decltype(value)>(99); };
        CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                  co_await api.list_user_images("self",
                                                {.kind = none(cyclos::user_image_kind::custom)});
              }).starts_with("kind: "));
        CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                  co_await api.list_temp_images(
                      {.target = none(cyclos::temp_image_target::advertisement)});
              }).starts_with("target: "));
        CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                  co_await api.get_image_content_deprecated(none(image_kind::temp), "x.png");
              }).starts_with("kind: "));
        CHECK(refusal([=](images_api& api) -> asio::awaitable<void> {
                  co_await api.upload_user_image("self", picture(),
                                                 {.kind = none(cyclos::user_image_kind::custom)});
              }).starts_with("kind: "));
    }

    TEST_CASE("rejected arguments: an order that is empty or has an invalid id is rejected")
    {
        for (const std::vector<std::string>& bad :
             {std::vector<std::string>{}, {""}, {"1", ""}, {"1,2"}, {"1", "2,"}}) {
            CHECK(refusal([&](images_api& api) -> asio::awaitable<void> {
                      co_await api.reorder_ad_images("1", bad);
                  }).starts_with("ids: "));
            CHECK(refusal([&](images_api& api) -> asio::awaitable<void> {
                      co_await api.reorder_profile_images("self", bad);
                  }).starts_with("ids: "));
        }
    }

    TEST_CASE("rejected arguments: an empty source or an invalid media type is rejected")
    {
        CHECK(refusal([](images_api& api) -> asio::awaitable<void> {
                  cyclos::source none{std::unique_ptr<cyclos::body_source>{}};
                  co_await api.upload_temp_image(std::move(none));
              }) != "");
        CHECK(refusal([](images_api& api) -> asio::awaitable<void> {
                  co_await api.upload_temp_image(
                      memory_source{std::string{"x"}, "x", "image/png\r\nX-Evil: 1"});
              }) != "");
    }
}
