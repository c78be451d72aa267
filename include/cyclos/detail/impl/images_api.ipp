//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_IMAGES_API_IPP
#define CYCLOS_DETAIL_IMPL_IMAGES_API_IPP

#include <cyclos/images_api.hpp>

#include <cyclos/detail/api/operation_builder.hpp>
#include <cyclos/detail/base/on_strand.hpp>
#include <cyclos/detail/client/client_state.hpp>
#include <cyclos/detail/client/handle_context.hpp>
#include <cyclos/detail/client/identity.hpp>
#include <cyclos/detail/impl/operation_result.hpp>

#include <memory>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

CYCLOS_DECL images_api::images_api(client& owner)
    : state_(owner.state())
{
    if (!state_) {
        error_context context;
        context.detail = "the client was moved from";
        throw error(errc::invalid_argument, std::move(context));
    }
}

CYCLOS_DECL images_api::images_api(client& owner, const credentials& user)
    : images_api(images_api{owner}.as(user))
{}

CYCLOS_DECL images_api images_api::as(const credentials& user) const
{
    detail::handle_context context{.user = state_->identities().get(user),
                                   .terms = context_ ? context_->terms : nullptr};
    images_api result{*this};
    result.context_ = std::make_shared<const detail::handle_context>(std::move(context));
    return result;
}

CYCLOS_DECL images_api images_api::with(call_options options) const
{
    detail::handle_context context;
    context.user = context_ ? context_->user : nullptr;
    context.terms = detail::make_terms(state_->settings(), state_->server(),
                                       context_ ? context_->terms.get() : nullptr, options);
    images_api result{*this};
    result.context_ = std::make_shared<const detail::handle_context>(std::move(context));
    return result;
}

namespace detail {

/// It keeps the client_state alive.
inline boost::asio::awaitable<void> log_out(std::shared_ptr<client_state> state,
                                            handle_context_ptr context)
{
    co_await on_strand(state->executor(), state->log_out(std::move(context)));
}

} // namespace detail

CYCLOS_DECL operation<void> images_api::log_out() const
{
    return detail::log_out(state_, context_);
}

CYCLOS_DECL operation<void> images_api::delete_image(std::string_view id_or_key) const
{
    detail::operation_builder b{*state_, context_, "delete_image", "DELETE", detail::accept_json};
    b.path("images").segment("id_or_key", id_or_key);
    return detail::empty_result(state_, b.done());
}

CYCLOS_DECL operation<images_list_data>
images_api::get_ad_images_list_data(std::string_view ad, ad_images_options options) const
{
    detail::operation_builder b{*state_, context_, "get_ad_images_list_data", "GET",
                                detail::accept_json};
    b.path("marketplace").segment("ad", ad).path("images").path("list-data").fields(options.fields);
    return detail::json_result<images_list_data>(state_, b.done());
}

CYCLOS_DECL operation<image_content>
images_api::get_image_content(std::string_view id_or_key, image_content_options options) const
{
    detail::operation_builder b{*state_, context_, "get_image_content", "GET",
                                detail::accept_image};
    b.path("images").path("content").segment("id_or_key", id_or_key);
    b.content(options);
    return detail::content_result(state_, b.done(), std::string{id_or_key});
}

CYCLOS_DECL operation<image_content>
images_api::get_image_content_by_id(std::string_view id, image_content_options options) const
{
    detail::operation_builder b{*state_, context_, "get_image_content_by_id", "GET",
                                detail::accept_image};
    b.path("images").segment("id", id).path("content");
    b.content(options);
    return detail::content_result(state_, b.done(), std::string{id});
}

CYCLOS_DECL operation<image_content>
images_api::get_image_content_deprecated(image_kind kind, std::string_view file,
                                         image_content_options options) const
{
    detail::operation_builder b{*state_, context_, "get_image_content_deprecated", "GET",
                                detail::accept_image};
    b.path("images").segment("kind", to_string(kind)).segment("file", file);
    b.content(options);
    return detail::content_result(state_, b.done(), std::string{file});
}

CYCLOS_DECL operation<images_list_data>
images_api::get_user_images_list_data(std::string_view user, user_images_options options) const
{
    detail::operation_builder b{*state_, context_, "get_user_images_list_data", "GET",
                                detail::accept_json};
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
    detail::operation_builder b{*state_, context_, "list_ad_images", "GET", detail::accept_json};
    b.path("marketplace").segment("ad", ad).path("images").fields(options.fields);
    return detail::json_result<std::vector<image>>(state_, b.done());
}

CYCLOS_DECL operation<std::vector<image>>
images_api::list_temp_images(temp_images_options options) const
{
    detail::operation_builder b{*state_, context_, "list_temp_images", "GET", detail::accept_json};
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
    detail::operation_builder b{*state_, context_, "list_user_images", "GET", detail::accept_json};
    b.segment("user", user).path("images").fields(options.fields).query("kind", options.kind);
    return detail::json_result<std::vector<image>>(state_, b.done());
}

CYCLOS_DECL operation<void>
images_api::reorder_ad_images_checked(std::string_view ad, std::vector<std::string> ids) const
{
    detail::operation_builder b{*state_, context_, "reorder_ad_images", "PUT", detail::accept_json};
    b.path("marketplace").segment("ad", ad).path("images").path("order").ids(ids);
    return detail::empty_result(state_, b.done());
}

CYCLOS_DECL operation<void>
images_api::reorder_profile_images_checked(std::string_view user,
                                           std::vector<std::string> ids) const
{
    detail::operation_builder b{*state_, context_, "reorder_profile_images", "PUT",
                                detail::accept_json};
    b.segment("user", user).path("images").path("order").ids(ids);
    return detail::empty_result(state_, b.done());
}

CYCLOS_DECL operation<uploaded_image>
images_api::upload_ad_image(std::string_view ad, source content, upload_image_options options) const
{
    detail::operation_builder b{*state_, context_, "upload_ad_image", "POST", detail::accept_id};
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
    detail::operation_builder b{*state_, context_, "upload_contact_info_image", "POST",
                                detail::accept_id};
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
    detail::operation_builder b{*state_, context_, "upload_contact_info_image_deprecated", "POST",
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
    detail::operation_builder b{*state_, context_, "upload_temp_image", "POST", detail::accept_id};
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
    detail::operation_builder b{*state_, context_, "upload_user_image", "POST", detail::accept_id};
    b.segment("user", user).path("images").query("kind", options.kind).query("name", options.name);
    b.file(std::move(content));
    return detail::id_result(state_, b.done());
}

CYCLOS_DECL operation<image_view> images_api::view_image(std::string_view id_or_key,
                                                         view_image_options options) const
{
    detail::operation_builder b{*state_, context_, "view_image", "GET", detail::accept_json};
    b.path("images").segment("id_or_key", id_or_key).fields(options.fields);
    return detail::json_result<image_view>(state_, b.done());
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_IMAGES_API_IPP
