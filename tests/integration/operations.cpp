//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// All operations end to end over TLS, and the permissions of each kind of caller.

#include "integration/support/integration_test.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::credentials;
using cyclos::image_kind;
using cyclos::images_api;
using cyclos::temp_image_target;
using cyclos::unauthorized;
using cyclos::unauthorized_code;
using cyclos::user_image_kind;

const std::string png = cyclos::sandbox::make_picture(40, 30).bytes;
const std::string jpeg = cyclos::sandbox::make_picture(20, 10, "image/jpeg").bytes;

std::vector<std::string> ids_of(const std::vector<cyclos::image>& images)
{
    std::vector<std::string> ids;
    for (const auto& each : images) {
        ids.push_back(each.id.value());
    }
    return ids;
}

asio::awaitable<void> user_images(images_api& images, sandbox_session& session)
{
    const auto stored = co_await images.upload_user_image("self", memory_source{png, "me.png"},
                                                          {.name = "A new one"});
    CHECK(stored.id != "");
    const auto kept = session.server.store().find_image(stored.id).value();
    CHECK(stored.location == session.server.origin() + "/api/images/content/" + kept.key);
    CHECK(kept.kind == "profile");
    CHECK(kept.name == "A new one");
    CHECK(kept.file_name == "me.png");
    CHECK(kept.declared_type == "image/png");
    CHECK(kept.sha256 == sha256(png));

    const auto view = co_await images.view_image(stored.id);
    CHECK(view.id == stored.id);
    CHECK(view.name == "A new one");
    CHECK(view.content_type == "image/png");
    CHECK(view.length == png.size());
    CHECK(view.url == stored.location);
    CHECK(view.width == 40);
    CHECK(view.height == 30);
    CHECK(view.kind == image_kind::profile);
    CHECK(view.converted_to_jpeg == false);

    const auto some = co_await images.view_image(kept.key, {.fields = "width,height"});
    CHECK(some.width == 40);
    CHECK_FALSE(some.id);
    CHECK(some.kind.empty());

    const auto listed = co_await images.list_user_images("self", {.fields = "id,name"});
    REQUIRE(listed.size() == 2);
    CHECK(listed[0].id == fixture::portrait);
    CHECK(listed[1].id == stored.id);
    CHECK(listed[1].name == "A new one");
    CHECK_FALSE(listed[1].url);

    const std::vector<std::string> order{stored.id, fixture::portrait};
    co_await images.reorder_profile_images("self", order);
    const auto data = co_await images.get_user_images_list_data("'1234567890");
    CHECK(ids_of(data.images.value()) == order);
    CHECK(data.can_manage == true);
    CHECK(data.may_edit() == true);
    CHECK(data.can_create == true);
    CHECK(data.max_images == 10);
    CHECK(data.availability == cyclos::availability::optional);

    auto content = co_await images.get_image_content(kept.key);
    CHECK(content.content_type() == "image/png");
    CHECK(content.content_length() == png.size());
    CHECK(co_await content.read_all(1 << 20) == png);

    auto scaled = co_await images.get_image_content(stored.id, {.width = 20, .height = 20});
    const auto small = cyclos::sandbox::inspect_picture(co_await scaled.read_all(1 << 20)).value();
    CHECK(small.width == 20);
    CHECK(small.height == 15);

    auto by_id = co_await images.get_image_content_by_id(stored.id, {.height = 15});
    CHECK(cyclos::sandbox::inspect_picture(co_await by_id.read_all(1 << 20))->width == 20);
    auto by_kind = co_await images.get_image_content_deprecated(image_kind::profile, kept.key);
    CHECK(co_await by_kind.read_all(1 << 20) == png);

    co_await images.delete_image(stored.id);
    CHECK_FALSE(session.server.store().find_image(stored.id));

    const auto custom = co_await images.upload_user_image(
        "demo@example.org", memory_source{jpeg, "c.jpg"}, {.kind = user_image_kind::custom});
    CHECK(session.server.store().find_image(custom.id)->kind == "userCustom");
    const std::vector<std::string> custom_only{custom.id};
    CHECK(ids_of(co_await images.list_user_images("self", {.kind = user_image_kind::custom})) ==
          custom_only);
    const auto custom_data =
        co_await images.get_user_images_list_data("self", {.kind = user_image_kind::custom});
    CHECK(ids_of(custom_data.images.value()) == custom_only);
    CHECK((co_await images.view_image(custom.id)).kind == image_kind::user_custom);
    co_await images.delete_image(custom.id);
}

asio::awaitable<void> ad_images(images_api& images)
{
    const auto one = co_await images.upload_ad_image("P-1@demo", memory_source{png, "one.png"});
    const auto two =
        co_await images.upload_ad_image(fixture::shop_ad, memory_source{jpeg, "two.jpg"});
    const auto listed = co_await images.list_ad_images("P-1@demo");
    CHECK(ids_of(listed) == std::vector{one.id, two.id});
    CHECK(listed.at(0).name == "one.png");
    CHECK(listed.at(1).content_type == "image/jpeg");

    const std::vector<std::string> order{two.id, one.id};
    co_await images.reorder_ad_images("P-1@demo", order);
    const auto data = co_await images.get_ad_images_list_data(fixture::shop_ad,
                                                              {.fields = "images.id,canCreate"});
    CHECK(ids_of(data.images.value()) == order);
    CHECK(data.can_create == true);
    CHECK_FALSE(data.max_images);

    co_await images.delete_image(one.id);
    co_await images.delete_image(two.id);
    CHECK((co_await images.list_ad_images(fixture::shop_ad)).empty());
}

asio::awaitable<void> contact_info_images(images_api& images, sandbox_session& session)
{
    const auto one = co_await images.upload_contact_info_image(
        fixture::contact_info, memory_source{png, "one.png"}, {.name = "shop window"});
    auto stored = session.server.store().contact_info_images(fixture::contact_info);
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].id == one.id);
    CHECK(stored[0].name == "shop window");

    const auto two = co_await images.upload_contact_info_image_deprecated(
        fixture::contact_info, memory_source{jpeg, "two.jpg"});
    stored = session.server.store().contact_info_images(fixture::contact_info);
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].id == two.id);
    co_await images.delete_image(two.id);
}

asio::awaitable<void> temp_images(images_api& images, sandbox_session& session)
{
    const auto stored = co_await images.upload_temp_image(
        memory_source{png, "t.png"}, {.name = "later",
                                      .target = temp_image_target::custom_value,
                                      .user = "demo",
                                      .custom_field = "document",
                                      .custom_field_kind = cyclos::custom_field_kind::user});
    const auto kept = session.server.store().find_image(stored.id).value();
    CHECK(kept.kind == "temp");
    CHECK(kept.name == "later");
    CHECK(kept.target == "customValue");
    CHECK(kept.for_user == fixture::demo_id);
    CHECK(kept.custom_field == "document");
    CHECK(kept.custom_field_kind == "user");

    const std::vector<std::string> stored_only{stored.id};
    CHECK(ids_of(co_await images.list_temp_images()) == stored_only);
    CHECK(ids_of(co_await images.list_temp_images(
              {.fields = "id", .target = temp_image_target::custom_value})) == stored_only);
    CHECK((co_await images.list_temp_images({.target = temp_image_target::advertisement})).empty());
    co_await images.delete_image(stored.id);
    CHECK((co_await images.list_temp_images()).empty());
}

/// Performs all operations.
asio::awaitable<void> tour(images_api& images, sandbox_session& session)
{
    co_await user_images(images, session);
    co_await ad_images(images);
    co_await contact_info_images(images, session);
    co_await temp_images(images, session);
}

std::optional<unauthorized_code> code_of(const cyclos::error& e)
{
    const auto* refused = dynamic_cast<const unauthorized*>(&e);
    return refused && refused->details().code.is_known()
               ? std::optional{refused->details().code.value()}
               : std::nullopt;
}

} // namespace

TEST_SUITE("operations")
{
    TEST_CASE("operations: all of them succeed with user and password")
    {
        sandbox_session session;
        session.run(tour(session.images, session));
        CHECK(session.server.statistics().accepted == 1);
    }

    TEST_CASE("operations: all of them succeed with a session token")
    {
        sandbox_session session{{}, credentials::session("demo-session-token")};
        session.run(tour(session.images, session));
    }

    TEST_CASE("operations: all of them succeed with an access client token")
    {
        sandbox_session session{{}, credentials::access_client("demo-access-client-token")};
        session.run(tour(session.images, session));
    }

    TEST_CASE("operations: all of them succeed without TLS on loopback")
    {
        sandbox_session session{{.tls = false}};
        session.run(tour(session.images, session));
    }

    TEST_CASE("operations: a guest has temporary images by key")
    {
        sandbox_session session{{}, credentials::guest()};
        const auto stored = session.run(session.images.upload_temp_image(
            memory_source{png, "g.png"},
            {.target = temp_image_target::user_registration, .guest_key = "key-1"}));
        CHECK(ids_of(session.run(session.images.list_temp_images({.guest_key = "key-1"}))) ==
              std::vector{stored.id});
        CHECK(session.run(session.images.list_temp_images({.guest_key = "key-2"})).empty());
        CHECK(session.run(session.images.view_image(stored.id)).width == 40);
        auto content = session.run(session.images.get_image_content(stored.id));
        CHECK(session.run(content.read_all(1 << 20)) == png);
        session.run(session.images.delete_image(stored.id));
        CHECK(session.run(session.images.view_image(fixture::logo)).kind ==
              image_kind::system_custom);
    }

    TEST_CASE("operations: a guest is rejected by operations that need a user")
    {
        sandbox_session session{{}, credentials::guest()};
        auto& images = session.images;
        const auto refused = [&](auto operation) {
            const auto outcome = session.attempt(std::move(operation));
            return code_of(outcome.error()) == unauthorized_code::missing_authorization;
        };
        const std::vector<std::string> ids{"1"};
        CHECK(refused(images.get_ad_images_list_data(fixture::simple_ad)));
        CHECK(refused(images.get_user_images_list_data("demo")));
        CHECK(refused(images.list_ad_images(fixture::simple_ad)));
        CHECK(refused(images.list_user_images("demo")));
        CHECK(refused(images.reorder_ad_images(fixture::simple_ad, ids)));
        CHECK(refused(images.reorder_profile_images("demo", ids)));
        CHECK(refused(images.upload_ad_image(fixture::simple_ad, memory_source{png})));
        CHECK(refused(images.upload_contact_info_image(fixture::contact_info, memory_source{png})));
        CHECK(refused(images.upload_contact_info_image_deprecated(fixture::contact_info,
                                                                  memory_source{png})));
        CHECK(refused(images.upload_user_image("demo", memory_source{png})));
        CHECK(refused(images.delete_image(fixture::portrait)));
        CHECK(session.server.store().image_count() == 2);
    }

    TEST_CASE("operations: users are found by id, name, e-mail address, phone and account number")
    {
        sandbox_session session;
        for (const std::string_view name :
             {"self", "demo", fixture::demo_id, "demo@example.org", "+55 11 98765-4321",
              "'1234567890", "'+55 11 98765-4321"}) {
            CAPTURE(name);
            CHECK(session.run(session.images.list_user_images(name)).size() == 1);
        }
        for (const std::string_view name : {"ann smith/50% möbius", fixture::viewer_id}) {
            CAPTURE(name);
            CHECK(session.run(session.images.list_user_images(name)).empty());
        }
    }
}

TEST_SUITE("operations of Cyclos 4.16")
{
    const cyclos::sandbox::options server_4_16{.api_version = cyclos::sandbox::api_version::v4_16};
    const adjustment client_4_16 = [](cyclos::config& c) {
        c.api_version = cyclos::api_version::v4_16;
    };

    TEST_CASE("operations of Cyclos 4.16: lists are requested and read")
    {
        sandbox_session session{server_4_16, client_4_16};
        const auto view =
            session.run(session.images.view_image(fixture::portrait, {.fields = "id,width"}));
        CHECK(view.id == fixture::portrait);
        CHECK(view.width == 64);
        CHECK_FALSE(view.height);

        const auto added =
            session.run(session.images.upload_user_image("self", memory_source{png}));
        const std::vector<std::string> order{added.id, fixture::portrait};
        session.run(session.images.reorder_profile_images("self", order));
        CHECK(ids_of(session.run(session.images.list_user_images("self"))) == order);
    }

    TEST_CASE("operations of Cyclos 4.16: canEdit replaces canManage")
    {
        sandbox_session session{server_4_16, client_4_16};
        const auto data = session.run(session.images.get_user_images_list_data("self"));
        CHECK(data.can_edit == true);
        CHECK_FALSE(data.can_manage);
        CHECK(data.may_edit() == true);
    }

    TEST_CASE("operations of Cyclos 4.16: reordering removes images that are not listed, and an "
              "empty list is rejected")
    {
        sandbox_session session{server_4_16, client_4_16};
        const auto added =
            session.run(session.images.upload_user_image("self", memory_source{png}));
        const std::vector<std::string> none;
        CHECK(session.attempt(session.images.reorder_profile_images("self", none)).error().code() ==
              cyclos::errc::invalid_argument);
        CHECK(session.server.store().user_images(fixture::demo_id).size() == 2);

        const std::vector<std::string> one{added.id};
        session.run(session.images.reorder_profile_images("self", one));
        CHECK(ids_of(session.run(session.images.list_user_images("self"))) == one);
    }

    TEST_CASE("operations of Cyclos 4.16: the deprecated operations give not_found")
    {
        sandbox_session session{server_4_16, client_4_16};
        CHECK(session.attempt(session.images.get_image_content_by_id(fixture::portrait))
                  .as<cyclos::not_found>());
        CHECK(session
                  .attempt(session.images.get_image_content_deprecated(image_kind::profile,
                                                                       fixture::portrait_key))
                  .as<cyclos::not_found>());
        CHECK(session
                  .attempt(session.images.upload_contact_info_image_deprecated(
                      fixture::contact_info, memory_source{png}))
                  .as<cyclos::not_found>());
        CHECK(session.server.store().contact_info_images(fixture::contact_info).empty());
    }
}

TEST_SUITE("upload location")
{
    TEST_CASE("upload location: it may be relative, at another origin, or absent")
    {
        using cyclos::sandbox::location_style;
        {
            sandbox_session session{{.location = location_style::relative}};
            const auto stored =
                session.run(session.images.upload_user_image("self", memory_source{png}));
            CHECK(stored.location.value().starts_with("/api/images/content/"));
        }
        {
            sandbox_session session{{.content_origin = "https://cdn.example.org"}};
            const auto stored =
                session.run(session.images.upload_user_image("self", memory_source{png}));
            CHECK(stored.location.value().starts_with("https://cdn.example.org/"));
        }
        {
            sandbox_session session{{.location = location_style::none}};
            const auto stored =
                session.run(session.images.upload_user_image("self", memory_source{png}));
            CHECK(stored.id != "");
            CHECK_FALSE(stored.location);
        }
    }
}

TEST_SUITE("authentication")
{
    std::optional<unauthorized_code> refusal(credentials used, const adjustment& adjust = {})
    {
        sandbox_session session{{}, std::move(used), adjust};
        return code_of(session.attempt(session.images.list_user_images("self")).error());
    }

    TEST_CASE("authentication: invalid credentials give their error codes")
    {
        CHECK(refusal(credentials::basic("demo", "wrong")) == unauthorized_code::login);
        CHECK(refusal(credentials::basic("nobody", "x")) == unauthorized_code::login);
        CHECK(refusal(credentials::session("stale")) == unauthorized_code::logged_out);
        CHECK(refusal(credentials::access_client("unknown")) ==
              unauthorized_code::invalid_access_client);
        CHECK(refusal(credentials::access_client("blocked-access-client-token")) ==
              unauthorized_code::blocked_access_client);
    }

    TEST_CASE("authentication: a blocked user and an expired password give their error codes")
    {
        sandbox_session blocked{{}, credentials::basic("blocked", "blocked")};
        const auto outcome = blocked.attempt(blocked.images.list_temp_images());
        REQUIRE(outcome.as<unauthorized>());
        CHECK(outcome.as<unauthorized>()->details().user_status == cyclos::user_status::blocked);

        sandbox_session expired{{}, credentials::basic("expired", "expired")};
        const auto other = expired.attempt(expired.images.list_temp_images());
        REQUIRE(other.as<cyclos::forbidden>());
        CHECK(other.as<cyclos::forbidden>()->details().code ==
              cyclos::forbidden_code::expired_password);
    }

    TEST_CASE("authentication: an expired session token fails, and is not retried")
    {
        sandbox_session session{{}, credentials::session("demo-session-token")};
        CHECK(session.run(session.images.list_user_images("self")).size() == 1);
        session.server.store().expire_sessions();
        CHECK(code_of(session.attempt(session.images.list_user_images("self")).error()) ==
              unauthorized_code::logged_out);
        // The client does not try again: bad logins block the user.
        CHECK(session.server.statistics().requests == 2);
    }

    TEST_CASE("authentication: the channel is sent, and an invalid one is rejected")
    {
        CHECK(refusal(demo(), [](cyclos::config& c) { c.channel = "unknown"; }) ==
              unauthorized_code::invalid_channel_usage);
        sandbox_session session{{}, [](cyclos::config& c) { c.channel = "webServices"; }};
        CHECK(session.run(session.images.list_user_images("self")).size() == 1);
    }

    TEST_CASE("authentication: a user with read permission cannot change images")
    {
        sandbox_session session{{}, credentials::basic("viewer", "viewer")};
        CHECK(session.run(session.images.list_user_images("demo")).size() == 1);
        CHECK(session.run(session.images.get_user_images_list_data("demo")).may_edit() == false);
        const auto outcome = session.attempt(session.images.delete_image(fixture::portrait));
        REQUIRE(outcome.as<cyclos::forbidden>());
        CHECK(outcome.as<cyclos::forbidden>()->details().code ==
              cyclos::forbidden_code::permission_denied);
        CHECK(session.attempt(session.images.upload_user_image("demo", memory_source{png}))
                  .as<cyclos::forbidden>());
        CHECK(session.server.store().image_count() == 2);
    }

    TEST_CASE("authentication: error messages contain no credentials")
    {
        sandbox_session session{{}, credentials::basic("demo", "not-the-password")};
        const auto outcome = session.attempt(session.images.list_user_images("self"));
        const std::string message = outcome.error().what();
        CHECK(message.find("not-the-password") == std::string::npos);
        CHECK(message.find(
                  credentials::basic("demo", "not-the-password").header_fields().substr(21, 10)) ==
              std::string::npos);
    }
}
