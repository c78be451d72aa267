//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The exact request of each operation, in both API versions. The results are in operations.cpp.

#include "integration/support/integration_test.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::custom_field_kind;
using cyclos::image_kind;
using cyclos::images_api;
using cyclos::temp_image_target;
using cyclos::user_image_kind;
using call = std::function<asio::awaitable<void>(images_api&)>;

struct expectation
{
    std::string_view operation = {};
    std::string_view method = {};
    std::string_view target_4_11 = {};
    std::string_view target_4_16 = {}; ///< If it differs.
    std::string_view accept = {};
    call perform = {};
};

constexpr std::string_view json = "application/json";
constexpr std::string_view image = "image/*, application/json;q=0.9";
constexpr std::string_view id = "text/plain, application/json;q=0.9";

memory_source picture()
{
    return memory_source{std::string{"bytes"}, "me.png", "image/png"};
}

/// Each operation with all parameters, and without optional ones. The test unit/operations finds an
/// operation that is missing.
std::vector<expectation> expectations()
{
    return {
        {"delete_image",
         "DELETE",
         "/api/images/a%2Fb%20c.png",
         {},
         json,
         [](images_api& api) -> asio::awaitable<void> { co_await api.delete_image("a/b c.png"); }},
        {"get_ad_images_list_data",
         "GET",
         "/api/marketplace/P-1%40demo/images/list-data",
         {},
         json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_ad_images_list_data("P-1@demo");
         }},
        {"get_ad_images_list_data", "GET",
         "/api/marketplace/1/images/list-data?fields=images.id&fields=-canCreate",
         "/api/marketplace/1/images/list-data?fields=images.id%2C-canCreate", json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_ad_images_list_data("1", {.fields = "images.id,-canCreate"});
         }},
        {"get_image_content",
         "GET",
         "/api/images/content/k.png",
         {},
         image,
         [](images_api& api) -> asio::awaitable<void> { co_await api.get_image_content("k.png"); }},
        {"get_image_content",
         "GET",
         "/api/images/content/-5?width=200&height=100",
         {},
         image,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_image_content("-5", {.width = 200, .height = 100});
         }},
        {"get_image_content_by_id",
         "GET",
         "/api/images/5/content",
         {},
         image,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_image_content_by_id("5");
         }},
        {"get_image_content_by_id",
         "GET",
         "/api/images/5/content?width=1&height=2147483647",
         {},
         image,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_image_content_by_id("5", {.width = 1, .height = 2147483647});
         }},
        {"get_image_content_deprecated",
         "GET",
         "/api/images/customFieldValue/k.png",
         {},
         image,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_image_content_deprecated(image_kind::custom_field_value, "k.png");
         }},
        {"get_image_content_deprecated",
         "GET",
         "/api/images/temp/k.png?height=3",
         {},
         image,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_image_content_deprecated(image_kind::temp, "k.png", {.height = 3});
         }},
        {"get_user_images_list_data",
         "GET",
         "/api/self/images/list-data",
         {},
         json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_user_images_list_data("self");
         }},
        {"get_user_images_list_data",
         "GET",
         "/api/%271234567890/images/list-data?fields=maxImages&kind=custom",
         {},
         json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.get_user_images_list_data(
                 "'1234567890", {.fields = "maxImages", .kind = user_image_kind::custom});
         }},
        {"list_ad_images",
         "GET",
         "/api/marketplace/1/images",
         {},
         json,
         [](images_api& api) -> asio::awaitable<void> { co_await api.list_ad_images("1"); }},
        {"list_ad_images", "GET", "/api/marketplace/1/images?fields=id&fields=url",
         "/api/marketplace/1/images?fields=id%2Curl", json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.list_ad_images("1", {.fields = "id,url"});
         }},
        {"list_temp_images",
         "GET",
         "/api/images/temp",
         {},
         json,
         [](images_api& api) -> asio::awaitable<void> { co_await api.list_temp_images(); }},
        {"list_temp_images", "GET",
         "/api/images/"
         "temp?fields=id&fields=name&target=customValue&guestKey=k%2Be%26y&user=ann%20smith&"
         "customField=f&customFieldKind=custom_operation",
         "/api/images/temp?fields=id%2Cname&target=customValue&guestKey=k%2Be%26y&user=ann%20smith&"
         "customField=f&customFieldKind=custom_operation",
         json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.list_temp_images(
                 {.fields = "id,name",
                  .target = temp_image_target::custom_value,
                  .guest_key = "k+e&y",
                  .user = "ann smith",
                  .custom_field = "f",
                  .custom_field_kind = custom_field_kind::custom_operation});
         }},
        {"list_user_images",
         "GET",
         "/api/demo%40example.org/images",
         {},
         json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.list_user_images("demo@example.org");
         }},
        {"list_user_images", "GET", "/api/self/images?fields=id&fields=width&kind=profile",
         "/api/self/images?fields=id%2Cwidth&kind=profile", json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.list_user_images(
                 "self", {.fields = "id,width", .kind = user_image_kind::profile});
         }},
        {"reorder_ad_images",
         "PUT",
         "/api/marketplace/1/images/order?ids=3%2C-1%2C2",
         "/api/marketplace/1/images/order?ids=3&ids=-1&ids=2",
         {},
         [](images_api& api) -> asio::awaitable<void> {
             const std::vector<std::string> order{"3", "-1", "2"};
             co_await api.reorder_ad_images("1", order);
         }},
        {"reorder_profile_images",
         "PUT",
         "/api/self/images/order?ids=1",
         {},
         {},
         [](images_api& api) -> asio::awaitable<void> {
             const std::vector<std::string_view> order{"1"};
             co_await api.reorder_profile_images("self", order);
         }},
        {"upload_ad_image",
         "POST",
         "/api/marketplace/1/images",
         {},
         id,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.upload_ad_image("1", picture());
         }},
        {"upload_ad_image",
         "POST",
         "/api/marketplace/1/images?name=a%20%2B%20b",
         {},
         id,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.upload_ad_image("1", picture(), {.name = "a + b"});
         }},
        {"upload_contact_info_image",
         "POST",
         "/api/contact-infos/1/image?name=n",
         {},
         id,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.upload_contact_info_image("1", picture(), {.name = "n"});
         }},
        {"upload_contact_info_image_deprecated",
         "POST",
         "/api/contactInfos/1/image?name=n",
         {},
         id,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.upload_contact_info_image_deprecated("1", picture(), {.name = "n"});
         }},
        {"upload_temp_image",
         "POST",
         "/api/images/temp",
         {},
         id,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.upload_temp_image(picture());
         }},
        {"upload_temp_image",
         "POST",
         "/api/images/"
         "temp?name=n&target=userRegistration&guestKey=g&user=u&customField=f&customFieldKind=user",
         {},
         id,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.upload_temp_image(picture(),
                                            {.name = "n",
                                             .target = temp_image_target::user_registration,
                                             .guest_key = "g",
                                             .user = "u",
                                             .custom_field = "f",
                                             .custom_field_kind = custom_field_kind::user});
         }},
        {"upload_user_image",
         "POST",
         "/api/self/images",
         {},
         id,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.upload_user_image("self", picture());
         }},
        {"upload_user_image",
         "POST",
         "/api/self/images?kind=custom&name=m%C3%B6bius",
         {},
         id,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.upload_user_image("self", picture(),
                                            {.kind = user_image_kind::custom, .name = "möbius"});
         }},
        {"view_image",
         "GET",
         "/api/images/k.png",
         {},
         json,
         [](images_api& api) -> asio::awaitable<void> { co_await api.view_image("k.png"); }},
        {"view_image", "GET", "/api/images/1?fields=id&fields=kind",
         "/api/images/1?fields=id%2Ckind", json,
         [](images_api& api) -> asio::awaitable<void> {
             co_await api.view_image("1", {.fields = "id,kind"});
         }},
    };
}

std::set<std::string> header_names(const cyclos::sandbox::request_record& request)
{
    std::set<std::string> names;
    std::string_view rest = request.head;
    rest.remove_prefix(rest.find("\r\n") + 2);
    while (!rest.starts_with("\r\n")) {
        CHECK(names.emplace(rest.substr(0, rest.find(':'))).second); // each once
        rest.remove_prefix(rest.find("\r\n") + 2);
    }
    return names;
}

/// A server that answers each request in the same way, as the responses are not tested.
class recording_session : public sandbox_session
{
public:
    explicit recording_session(cyclos::credentials used = demo(), const adjustment& adjust = {})
        : sandbox_session({}, std::move(used), adjust)
    {
        server.misbehave({.status = 404, .body = "{}"});
    }

    cyclos::sandbox::request_record record(const call& perform)
    {
        CHECK(attempt(perform(images)).as<cyclos::not_found>() != nullptr);
        return last_request();
    }
};

void check_requests(cyclos::api_version api_version)
{
    recording_session session{demo(), [&](cyclos::config& c) { c.api_version = api_version; }};
    for (const auto& expected : expectations()) {
        CAPTURE(expected.operation);
        const auto request = session.record(expected.perform);
        CHECK(request.method() == expected.method);
        CHECK(request.target() ==
              (api_version == cyclos::api_version::v4_16 && !expected.target_4_16.empty()
                   ? expected.target_4_16
                   : expected.target_4_11));
        CHECK(request.head.starts_with(std::string{request.method()} + ' ' +
                                       std::string{request.target()} + " HTTP/1.1\r\n"));
        // Operations without a result accept JSON, for errors.
        CHECK(request.header("Accept") == (expected.accept.empty() ? json : expected.accept));
        CHECK(request.header("Host") == "localhost:" + std::to_string(session.server.port()));
        CHECK(request.header("User-Agent")->starts_with("cyclos-images/"));

        std::set<std::string> names{"Host",       "Connection", "Accept-Encoding",
                                    "User-Agent", "Accept",     "Authorization"};
        CHECK(request.header("Connection") == "keep-alive");
        CHECK(request.header("Accept-Encoding") == "identity");
        if (expected.method == "POST") {
            names.insert({"Content-Type", "Content-Length"});
            CHECK(request.header("Content-Type")->starts_with("multipart/form-data; boundary="));
            CHECK(std::to_string(request.body_received) == *request.header("Content-Length"));
        }
        else {
            CHECK(request.body_received == 0);
        }
        if (expected.method == "PUT") {
            names.insert("Content-Length");
            CHECK(request.header("Content-Length") == "0");
        }
        CHECK(request.body_complete);
        CHECK(header_names(request) == names);
    }
}

const call view = [](images_api& api) -> asio::awaitable<void> { co_await api.view_image("1"); };

} // namespace

TEST_SUITE("requests")
{
    TEST_CASE("requests: methods, targets and fields are those of Cyclos 4.11")
    {
        check_requests(cyclos::api_version::v4_11);
    }

    TEST_CASE("requests: methods, targets and fields are those of Cyclos 4.16")
    {
        check_requests(cyclos::api_version::v4_16);
    }

    TEST_CASE("requests: an upload of unknown length is chunked")
    {
        class stream final : public cyclos::body_source
        {
        public:
            asio::awaitable<void> open() override { co_return; }
            std::optional<std::uint64_t> length() const override { return std::nullopt; }
            std::string file_name() const override { return "x.png"; }
            std::string media_type() const override { return "image/png"; }
            asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
            {
                co_return asio::buffer_copy(target, asio::buffer("abc", std::exchange(left_, 0)));
            }

        private:
            std::size_t left_ = 3;
        };
        recording_session session;
        const auto request = session.record([](images_api& api) -> asio::awaitable<void> {
            co_await api.upload_user_image("self", stream{});
        });
        CHECK(header_names(request) ==
              std::set<std::string>{"Host", "Connection", "Accept-Encoding", "User-Agent", "Accept",
                                    "Authorization", "Content-Type", "Transfer-Encoding"});
        CHECK(request.header("Transfer-Encoding") == "chunked");
        CHECK(request.body_complete);
    }

    TEST_CASE("requests: a path of the base URL precedes the target")
    {
        recording_session session{demo(), [](cyclos::config& c) { c.base_url += "/net%20work/"; }};
        CHECK(session.record(view).target() == "/api/net%20work/images/1");
    }
}

TEST_SUITE("header fields of requests")
{
    constexpr std::array credential_headers{"Authorization", "Session-Token",
                                            "Access-Client-Token"};

    std::size_t credentials_in(const cyclos::sandbox::request_record& request)
    {
        std::size_t count = 0;
        for (const auto* name : credential_headers) {
            count += request.header_count(name);
        }
        return count;
    }

    TEST_CASE(
        "header fields of requests: each kind of credentials is one field, in every operation")
    {
        using cyclos::credentials;
        struct sample
        {
            cyclos::credentials used = {};
            std::string name = {};
            std::string value = {};
        };
        const std::vector<sample> samples{
            {credentials::basic("demo", "demo"), "Authorization", "Basic ZGVtbzpkZW1v"},
            {credentials::session("token-1"), "Session-Token", "token-1"},
            {credentials::access_client("token-2"), "Access-Client-Token", "token-2"},
        };
        for (const auto& each : samples) {
            CAPTURE(each.name);
            recording_session session{each.used};
            for (const auto& operation : expectations()) {
                const auto request = session.record(operation.perform);
                CHECK(credentials_in(request) == 1);
                CHECK(request.header(each.name) == each.value);
            }
        }
    }

    TEST_CASE("header fields of requests: a guest sends no credentials, in any operation")
    {
        recording_session session{cyclos::credentials::guest()};
        for (const auto& operation : expectations()) {
            CHECK(credentials_in(session.record(operation.perform)) == 0);
        }
    }

    TEST_CASE("header fields of requests: the configured channel is sent in every operation")
    {
        recording_session session{demo(), [](cyclos::config& c) { c.channel = "mobile"; }};
        for (const auto& operation : expectations()) {
            CHECK(session.record(operation.perform).header("Channel") == "mobile");
        }
    }

    TEST_CASE("header fields of requests: the configured user agent is sent")
    {
        recording_session session{demo(),
                                  [](cyclos::config& c) { c.user_agent = "app/1.0 (test)"; }};
        CHECK(session.record(view).header("User-Agent") == "app/1.0 (test)");
    }

    TEST_CASE("header fields of requests: an empty user agent is not sent")
    {
        recording_session session{demo(), [](cyclos::config& c) { c.user_agent.clear(); }};
        CHECK_FALSE(session.record(view).header("User-Agent").has_value());
    }
}
