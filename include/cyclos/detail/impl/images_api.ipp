//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_IMAGES_API_IPP
#define CYCLOS_DETAIL_IMPL_IMAGES_API_IPP

#include <cyclos/images_api.hpp>

#include <cyclos/detail/api/decode.hpp>
#include <cyclos/detail/client/client_state.hpp>
#include <cyclos/detail/client/download.hpp>
#include <cyclos/detail/http/date.hpp>
#include <cyclos/detail/http/request/target.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

// The media types that an operation accepts, always with JSON for its errors.
inline constexpr std::string_view accept_json = "Accept: application/json\r\n";
inline constexpr std::string_view accept_id = "Accept: text/plain, application/json;q=0.9\r\n";
inline constexpr std::string_view accept_image = "Accept: image/*, application/json;q=0.9\r\n";

/** Builds an operation.

    The error of a bad argument is stored in the operation, and thrown when it is awaited.
*/
class operation_builder
{
public:
    operation_builder(const client_state& client, std::string_view name, std::string_view method,
                      std::string_view accept)
        : client_(client)
        , target_(client.path())
    {
        result_.name = name;
        result_.request.method = method;
        result_.request.fields.reserve(client.common_fields().size() + accept.size() + 128);
        result_.request.fields += client.common_fields();
        result_.request.fields += accept;
    }

    operation_builder& path(std::string_view literal)
    {
        target_.literal(literal);
        return *this;
    }

    operation_builder& segment(std::string_view name, std::string_view value)
    {
        return capture_error([&] { target_.segment(name, value); });
    }

    /// Adds a query parameter, unless it is empty.
    operation_builder& query(std::string_view name, std::string_view value)
    {
        if (!value.empty()) {
            target_.query(name, value);
        }
        return *this;
    }

    template <class Enum>
    operation_builder& query(std::string_view name, std::optional<Enum> value)
    {
        if (!value) {
            return *this;
        }
        return capture_error([&] {
            const std::string_view text = to_string(*value);
            if (text.empty()) { // without the parameter it would be a different request
                http::detail::reject_argument(name, "is no value of its enumeration");
            }
            target_.query(name, text);
        });
    }

    operation_builder& size(std::string_view name, std::optional<int> pixels)
    {
        if (!pixels) {
            return *this;
        }
        return capture_error([&] {
            if (*pixels <= 0) {
                http::detail::reject_argument(name, "is not positive");
            }
            target_.query(name, std::to_string(*pixels));
        });
    }

    /// Adds the parameters and conditions of a content. With a condition, 304 is a success.
    operation_builder& content(const image_content_options& options)
    {
        size("width", options.width).size("height", options.height);
        return capture_error([&] {
            if (!options.if_none_match.empty()) {
                http::require_header_value("if_none_match", options.if_none_match);
                condition("If-None-Match", options.if_none_match);
            }
            if (options.if_modified_since) {
                condition("If-Modified-Since", http::format_date(*options.if_modified_since));
            }
        });
    }

    operation_builder& fields(std::string_view list)
    {
        if (client_.settings().api_version == api_version::v4_16) {
            return query("fields", list);
        }
        while (!list.empty()) {
            const std::size_t end = (std::min)(list.find(','), list.size());
            query("fields", list.substr(0, end));
            list.remove_prefix((std::min)(end + 1, list.size()));
        }
        return *this;
    }

    operation_builder& ids(std::span<const std::string> list)
    {
        return capture_error([&] {
            if (list.empty()) {
                http::detail::reject_argument("ids", "is empty, which would remove every image");
            }
            std::string joined;
            for (const std::string& id : list) {
                if (id.empty() || id.find(',') != std::string::npos) {
                    http::detail::reject_argument("ids", "an id is empty or holds a comma");
                }
                if (client_.settings().api_version == api_version::v4_16) {
                    target_.query("ids", id);
                    continue;
                }
                joined += joined.empty() ? "" : ",";
                joined += id;
            }
            if (!joined.empty()) {
                target_.query("ids", joined);
            }
        });
    }

    operation_builder& file(source content)
    {
        return capture_error([&] {
            if (!content) {
                http::detail::reject_argument("content", "is no source");
            }
            result_.request.form.emplace(http::form_file{"image", std::move(content)});
        });
    }

    operation done()
    {
        result_.request.target = std::move(target_).text();
        return std::move(result_);
    }

private:
    void condition(std::string_view field, std::string_view value)
    {
        std::string& fields = result_.request.fields;
        fields += field;
        fields += ": ";
        fields += value;
        fields += "\r\n";
        result_.conditional = true;
    }

    template <class Function>
    operation_builder& capture_error(Function step)
    {
        try {
            if (!result_.argument_error) {
                step();
            }
        }
        catch (const error& e) {
            error_context context = e.context();
            context.operation = result_.name;
            result_.argument_error = std::make_exception_ptr(error(e.code(), std::move(context)));
        }
        return *this;
    }

    const client_state& client_;
    operation result_;
    http::target target_;
};

// These functions send an operation and make its result. Their lambdas own the client, and so keep
// it alive until there is a response.

inline boost::asio::awaitable<void> empty_result(std::shared_ptr<client_state> client, operation op)
{
    op.expected = success::no_content;
    client_state& state = *client;
    return state.fetch(std::move(op), [client = std::move(client)](const http::response&) {});
}

template <class T>
boost::asio::awaitable<T> json_result(std::shared_ptr<client_state> client, operation op)
{
    op.expected = success::json;
    client_state& state = *client;
    return state.fetch(std::move(op), [client = std::move(client)](http::response response) {
        return decode<T>(response.whole_body(), response.state());
    });
}

inline boost::asio::awaitable<uploaded_image> id_result(std::shared_ptr<client_state> client,
                                                        operation op)
{
    op.expected = success::id;
    client_state& state = *client;
    return state.fetch(std::move(op), [client = std::move(client)](http::response response) {
        uploaded_image stored;
        stored.id = decode_id(response.whole_body(), response.state());
        if (const auto location = response.fields()["Location"]; !location.empty()) {
            stored.location = location;
        }
        return stored;
    });
}

inline boost::asio::awaitable<image_content> content_result(std::shared_ptr<client_state> client,
                                                            operation op, std::string name)
{
    // A range request for the rest of the content has the same target, but no conditions of the
    // caller: it has an If-Range of its own.
    op.expected = success::image;
    operation resume;
    resume.name = op.name;
    resume.expected = op.expected;
    resume.request.method = op.request.method;
    resume.request.target = op.request.target;
    resume.request.fields = client->common_fields();
    resume.request.fields += accept_image;
    client_state& state = *client;
    return state.open(std::move(op), [client = std::move(client), resume = std::move(resume),
                                      name = std::move(name)](open_response opened) mutable {
        auto transfer =
            std::make_unique<download>(std::move(opened), std::move(client), std::move(resume));
        return image_content{std::move(transfer), std::move(name)};
    });
}

} // namespace detail

CYCLOS_DECL images_api::images_api(client& owner)
    : state_(owner.state())
{
    if (!state_) {
        error_context context;
        context.detail = "the client was moved from";
        throw error(errc::invalid_argument, std::move(context));
    }
}

CYCLOS_DECL operation<void> images_api::delete_image(std::string_view id_or_key) const
{
    detail::operation_builder b{*state_, "delete_image", "DELETE", detail::accept_json};
    b.path("images").segment("id_or_key", id_or_key);
    return detail::empty_result(state_, b.done());
}

CYCLOS_DECL operation<images_list_data>
images_api::get_ad_images_list_data(std::string_view ad, ad_images_options options) const
{
    detail::operation_builder b{*state_, "get_ad_images_list_data", "GET", detail::accept_json};
    b.path("marketplace").segment("ad", ad).path("images").path("list-data").fields(options.fields);
    return detail::json_result<images_list_data>(state_, b.done());
}

CYCLOS_DECL operation<image_content>
images_api::get_image_content(std::string_view id_or_key, image_content_options options) const
{
    detail::operation_builder b{*state_, "get_image_content", "GET", detail::accept_image};
    b.path("images").path("content").segment("id_or_key", id_or_key);
    b.content(options);
    return detail::content_result(state_, b.done(), std::string{id_or_key});
}

CYCLOS_DECL operation<image_content>
images_api::get_image_content_by_id(std::string_view id, image_content_options options) const
{
    detail::operation_builder b{*state_, "get_image_content_by_id", "GET", detail::accept_image};
    b.path("images").segment("id", id).path("content");
    b.content(options);
    return detail::content_result(state_, b.done(), std::string{id});
}

CYCLOS_DECL operation<image_content>
images_api::get_image_content_deprecated(image_kind kind, std::string_view file,
                                         image_content_options options) const
{
    detail::operation_builder b{*state_, "get_image_content_deprecated", "GET",
                                detail::accept_image};
    b.path("images").segment("kind", to_string(kind)).segment("file", file);
    b.content(options);
    return detail::content_result(state_, b.done(), std::string{file});
}

CYCLOS_DECL operation<images_list_data>
images_api::get_user_images_list_data(std::string_view user, user_images_options options) const
{
    detail::operation_builder b{*state_, "get_user_images_list_data", "GET", detail::accept_json};
    b.segment("user", user)
        .path("images")
        .path("list-data")
        .fields(options.fields)
        .query("kind", options.kind);
    return detail::json_result<images_list_data>(state_, b.done());
}

CYCLOS_DECL operation<std::vector<image>>
images_api::list_ad_images(std::string_view ad, ad_images_options options) const
{
    detail::operation_builder b{*state_, "list_ad_images", "GET", detail::accept_json};
    b.path("marketplace").segment("ad", ad).path("images").fields(options.fields);
    return detail::json_result<std::vector<image>>(state_, b.done());
}

CYCLOS_DECL operation<std::vector<image>>
images_api::list_temp_images(temp_images_options options) const
{
    detail::operation_builder b{*state_, "list_temp_images", "GET", detail::accept_json};
    b.path("images").path("temp").fields(options.fields).query("target", options.target);
    b.query("guestKey", options.guest_key)
        .query("user", options.user)
        .query("customField", options.custom_field);
    b.query("customFieldKind", options.custom_field_kind);
    return detail::json_result<std::vector<image>>(state_, b.done());
}

CYCLOS_DECL operation<std::vector<image>>
images_api::list_user_images(std::string_view user, user_images_options options) const
{
    detail::operation_builder b{*state_, "list_user_images", "GET", detail::accept_json};
    b.segment("user", user).path("images").fields(options.fields).query("kind", options.kind);
    return detail::json_result<std::vector<image>>(state_, b.done());
}

CYCLOS_DECL operation<void>
images_api::reorder_ad_images_checked(std::string_view ad, std::vector<std::string> ids) const
{
    detail::operation_builder b{*state_, "reorder_ad_images", "PUT", detail::accept_json};
    b.path("marketplace").segment("ad", ad).path("images").path("order").ids(ids);
    return detail::empty_result(state_, b.done());
}

CYCLOS_DECL operation<void>
images_api::reorder_profile_images_checked(std::string_view user,
                                           std::vector<std::string> ids) const
{
    detail::operation_builder b{*state_, "reorder_profile_images", "PUT", detail::accept_json};
    b.segment("user", user).path("images").path("order").ids(ids);
    return detail::empty_result(state_, b.done());
}

CYCLOS_DECL operation<uploaded_image>
images_api::upload_ad_image(std::string_view ad, source content, upload_image_options options) const
{
    detail::operation_builder b{*state_, "upload_ad_image", "POST", detail::accept_id};
    b.path("marketplace")
        .segment("ad", ad)
        .path("images")
        .query("name", options.name)
        .file(std::move(content));
    return detail::id_result(state_, b.done());
}

CYCLOS_DECL operation<uploaded_image>
images_api::upload_contact_info_image(std::string_view id, source content,
                                      upload_image_options options) const
{
    detail::operation_builder b{*state_, "upload_contact_info_image", "POST", detail::accept_id};
    b.path("contact-infos")
        .segment("id", id)
        .path("image")
        .query("name", options.name)
        .file(std::move(content));
    return detail::id_result(state_, b.done());
}

CYCLOS_DECL operation<uploaded_image>
images_api::upload_contact_info_image_deprecated(std::string_view id, source content,
                                                 upload_image_options options) const
{
    detail::operation_builder b{*state_, "upload_contact_info_image_deprecated", "POST",
                                detail::accept_id};
    b.path("contactInfos")
        .segment("id", id)
        .path("image")
        .query("name", options.name)
        .file(std::move(content));
    return detail::id_result(state_, b.done());
}

CYCLOS_DECL operation<uploaded_image>
images_api::upload_temp_image(source content, upload_temp_image_options options) const
{
    detail::operation_builder b{*state_, "upload_temp_image", "POST", detail::accept_id};
    b.path("images").path("temp").query("name", options.name).query("target", options.target);
    b.query("guestKey", options.guest_key)
        .query("user", options.user)
        .query("customField", options.custom_field);
    b.query("customFieldKind", options.custom_field_kind).file(std::move(content));
    return detail::id_result(state_, b.done());
}

CYCLOS_DECL operation<uploaded_image>
images_api::upload_user_image(std::string_view user, source content,
                              upload_user_image_options options) const
{
    detail::operation_builder b{*state_, "upload_user_image", "POST", detail::accept_id};
    b.segment("user", user).path("images").query("kind", options.kind).query("name", options.name);
    b.file(std::move(content));
    return detail::id_result(state_, b.done());
}

CYCLOS_DECL operation<image_view> images_api::view_image(std::string_view id_or_key,
                                                         view_image_options options) const
{
    detail::operation_builder b{*state_, "view_image", "GET", detail::accept_json};
    b.path("images").segment("id_or_key", id_or_key).fields(options.fields);
    return detail::json_result<image_view>(state_, b.done());
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_IMAGES_API_IPP
