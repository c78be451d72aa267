//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_API_HPP
#define CYCLOS_IMAGES_API_HPP

#include <cyclos/api_error.hpp>
#include <cyclos/body_source.hpp>
#include <cyclos/call_options.hpp>
#include <cyclos/client.hpp>
#include <cyclos/credentials.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/image_content.hpp>
#include <cyclos/models.hpp>
#include <cyclos/operation.hpp>
#include <cyclos/options.hpp>

#include <concepts>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {
class handle_context;
} // namespace detail

/// A range of image ids: its elements convert to `std::string_view`.
template <class T>
concept image_id_range =
    std::ranges::input_range<const T> &&
    std::convertible_to<std::ranges::range_reference_t<const T>, std::string_view>;

/** The image operations of the Cyclos API, with the names of its documentation.

    An object of this class is a handle on a client: it says who calls, and on what terms. It is
    cheap to copy, and any number of handles share the connections of their client.

    @code
    cyclos::images_api images{client};
    auto stored = co_await images.upload_user_image("self", cyclos::file_source("me.jpg"));
    auto details = co_await images.view_image(stored.id, {.fields = "id,name,width,height"});
    auto content = co_await images.get_image_content(stored.id, {.width = 200});
    co_await content.save_to("me-200.jpg");
    @endcode

    @par Arguments
    Each function builds its request before it returns. Arguments that are references or views must
    be valid during the call only, even if the operation is awaited much later. The library
    percent-encodes what becomes part of the URL. A path argument that is empty, `.` or `..` is
    rejected.

    @par Exceptions
    The operations do not throw because of their arguments: all errors, including those about
    arguments, are thrown when the operation is awaited. as_result() turns them into a result.
    - An error response of the server is thrown as @ref api_error or as a class derived from it,
      such as @ref unauthorized, @ref forbidden and @ref not_found.
    - All other failures are thrown as @ref cyclos::error. After one with sent_state::none, the
      server has not seen the request.
    - errc::invalid_argument: an argument was rejected before anything was sent.
    - errc::unexpected_response: the server sent a success (2xx) that is not the one of the
      operation, or JSON of another shape.

    @par Idempotency
    All operations except uploads may be repeated. An upload is not idempotent: if error::sent() is
    sent_state::complete, the server may have stored the image.

    @par Thread safety
    Safe: any number of operations may run at the same time, started from any thread and awaited on
    any executor. A handle may be copied, and as(), with() and log_out() called, from several
    threads at the same time. No thread may assign to or destroy a handle while another one uses it.

    @par Cancellation
    Terminal, partial and total cancellation have the same effect: the operation ends with
    errc::cancelled, error::sent() tells what was sent, and the connection is closed if anything
    was. An operation that is passed to `asio::co_spawn` supports all three. For an operation that
    is awaited in a coroutine, the cancellation filter of that coroutine applies: see
    @ref operation.

    @par Lifetime
    A handle may outlive its client. Once the client is closed or destroyed, operations end with
    errc::client_closed. The execution context of the client must outlive all handles.
*/
class images_api
{
public:
    /** Makes a handle on a client, for the user of config::credentials.

        @throws cyclos::error with errc::invalid_argument if the client was moved from.
    */
    CYCLOS_DECL explicit images_api(client& owner);

    /// Makes a handle on a client for a user of its own: see as().
    CYCLOS_DECL images_api(client& owner, const credentials& user);

    // There are no move operations: moving copies, so that every handle refers to a client.
    images_api(const images_api&) = default;
    images_api& operator=(const images_api&) = default;
    ~images_api() = default;

    /** Makes a handle for another user, over the connections of the same client.

        The handle and its copies share one login or token, and so do all handles of the client with
        equal credentials while one of them, or one of their operations, is in use: as() may be
        called in each request of a service. With credentials::session_login(), keep a handle of a
        user who is active: after the last one is destroyed, the next one logs in again. Credentials
        of credentials::from() equal only their own copies. Handles of different users share the
        connections, limits and retry budget of the client, and no credentials.

        A session of credentials::session_login() with session_login_options::log_out_on_close is
        ended at the server by log_out(), by client::close(), and in the background when the last of
        these handles and operations is destroyed. The background logout runs on the executor of the
        client, has 10 seconds, and ignores errors: the session expires by itself in the end.

        @param user The credentials.
        @return The handle. as() itself sends nothing.

        @code
        asio::awaitable<void> show_avatar(const cyclos::images_api& images, std::string token)
        {
            auto user = images.as(cyclos::credentials::session(token));
            auto avatar = co_await user.list_user_images("self");
            ...
        @endcode
    */
    CYCLOS_DECL images_api as(const credentials& user) const;

    /** Makes a handle whose calls have terms of their own: a deadline, a tag, header fields,
        retries.

        as() and with() may be chained in any order. Options that are set replace those of this
        handle; the others are kept. They apply to every request of an operation: also to those that
        follow a redirect or resume a download. The tag and the header fields apply to a login that
        the call begins, too. The channel and the other options do not, since others may use the
        same session.

        @param options The options. with() copies what they refer to.
        @return The handle.

        @throws cyclos::error with errc::invalid_argument if a duration is negative, a header field
        may not be sent (see @ref header), or the channel contains a control character.

        @code
        auto call = images.with({.timeout = std::chrono::seconds{2}, .tag = request_id});
        auto details = co_await call.view_image("17");
        @endcode
    */
    CYCLOS_DECL images_api with(call_options options) const;

    /** Ends the session of the handle's user at the server.

        `DELETE /auth/session`

        It ends a session of credentials::session_login(), one that a provider has returned, and
        that of credentials::session(). Without a session it does nothing. After a session of
        session_login() or a provider, the next operation obtains a new one; running operations of
        the user may do so, too.

        @throws cyclos::error if the server cannot be reached, or answers with an error. The client
        has forgotten a session of session_login() or a provider nevertheless. That the session has
        ended already is no error.

        @par Cancellation
        As for all operations. The client has forgotten the session then, but it may live on at the
        server until it expires.
    */
    CYCLOS_DECL operation<void> log_out() const;

    /** Deletes an image of any kind.

        `DELETE /images/{idOrKey}`

        @param id_or_key The id of the image, or its key.

        @throws cyclos::not_found if there is no such image. A retry after a lost response may find
        that the image was deleted by the first attempt.
        @throws cyclos::forbidden if the caller lacks the permission.
        @throws cyclos::conflict if something still refers to the image, or somebody else has
        changed it.
    */
    CYCLOS_DECL operation<void> delete_image(std::string_view id_or_key) const;

    /** Lists the images of an advertisement, with their limits and permissions.

        `GET /marketplace/{ad}/images/list-data`

        @param ad The advertisement: its id, `productNumber@user`, or the product number alone if it
        is the caller's own.
        @param options Optional query parameters.
        @return The images in order, their limits, and what the caller may do with them.

        @throws cyclos::not_found if there is no such advertisement.
    */
    CYCLOS_DECL operation<images_list_data>
    get_ad_images_list_data(std::string_view ad, ad_images_options options = {}) const;

    /** Gets the content of an image, in its original size or scaled down.

        `GET /images/content/{idOrKey}`

        The operation completes when the header section of the response has been received. The
        content is read from the network as the caller reads the result.

        @param id_or_key The id of the image, or its key.
        @param options Optional query parameters, and conditions for a caller that already has the
        content.
        @return The content, as a stream. With a condition that does not hold, it is
        image_content::not_modified().

        @throws cyclos::not_found if there is no such image, or the caller may not see it.
        @throws cyclos::error with errc::unexpected_response if the response is a success other than
        200 and 203, has a media type of text, JSON or XML, or has a content coding such as gzip.
        @throws cyclos::error with errc::invalid_argument if the width or the height is not
        positive.
    */
    CYCLOS_DECL operation<image_content>
    get_image_content(std::string_view id_or_key, image_content_options options = {}) const;

    /** Gets the content of an image by its id.

        `GET /images/{id}/content`

        Deprecated by the API, and removed in Cyclos 4.16: use get_image_content(), which returns
        and throws the same.

        @param id The id of the image.
        @param options As for get_image_content().
    */
    CYCLOS_DECL operation<image_content>
    get_image_content_by_id(std::string_view id, image_content_options options = {}) const;

    /** Gets the content of an image by its kind and key.

        `GET /images/{kind}/{file}`

        Deprecated by the API, and removed in Cyclos 4.16: use get_image_content(), which returns
        and throws the same.

        @param kind The kind of the image.
        @param file The key of the image, which is a file name that the server has generated.
        @param options As for get_image_content().
    */
    CYCLOS_DECL operation<image_content>
    get_image_content_deprecated(image_kind kind, std::string_view file,
                                 image_content_options options = {}) const;

    /** Lists the profile or custom images of a user, with their limits and permissions.

        `GET /{user}/images/list-data`

        @param user The user: an id, `self`, or another identification that the channel allows, such
        as a user name. A numeric identification that is not an id starts with an apostrophe:
        `'1234567890`.
        @param options Optional query parameters.
        @return The images in order, their limits, and what the caller may do with them.

        @throws cyclos::not_found if there is no such user, or the caller may not see it.
    */
    CYCLOS_DECL operation<images_list_data>
    get_user_images_list_data(std::string_view user, user_images_options options = {}) const;

    /** Lists the images of an advertisement.

        `GET /marketplace/{ad}/images`

        @param ad The advertisement: its id, `productNumber@user`, or the product number alone if it
        is the caller's own.
        @param options Optional query parameters.
        @return The images in order.

        @throws cyclos::not_found if there is no such advertisement.
    */
    CYCLOS_DECL operation<std::vector<image>> list_ad_images(std::string_view ad,
                                                             ad_images_options options = {}) const;

    /** Lists the temporary images of the caller, who is a user or a guest.

        `GET /images/temp`

        @param options Optional query parameters.
        @return The images.
    */
    CYCLOS_DECL operation<std::vector<image>>
    list_temp_images(temp_images_options options = {}) const;

    /** Lists the profile or custom images of a user.

        `GET /{user}/images`

        @param user The user: an id, `self`, or another identification that the channel allows, such
        as a user name. A numeric identification that is not an id starts with an apostrophe:
        `'1234567890`.
        @param options Optional query parameters.
        @return The images in order.

        @throws cyclos::not_found if there is no such user, or the caller may not see it.
    */
    CYCLOS_DECL operation<std::vector<image>>
    list_user_images(std::string_view user, user_images_options options = {}) const;

    /** Changes the order of the images of an advertisement.

        `PUT /marketplace/{ad}/images/order`

        @warning Cyclos 4.16 **removes** images that are not listed. An empty list is therefore
        rejected: it would remove every image.

        @param ad The advertisement: its id, `productNumber@user`, or the product number alone if it
        is the caller's own.
        @param ids The ids of all images in the new order: a range whose elements convert to
        `std::string_view`.

        @throws cyclos::not_found if there is no such advertisement.
        @throws cyclos::error with errc::invalid_argument if the range is empty, or an id is empty
        or contains a comma.
    */
    template <image_id_range Ids>
    operation<void> reorder_ad_images(std::string_view ad, const Ids& ids) const
    {
        return reorder_ad_images_checked(ad, collect(ids));
    }

    /** Changes the order of the profile images of a user.

        `PUT /{user}/images/order`

        @warning Cyclos 4.16 **removes** images that are not listed. An empty list is therefore
        rejected: it would remove every image.

        @param user The user: an id, `self`, or another identification that the channel allows, such
        as a user name. A numeric identification that is not an id starts with an apostrophe:
        `'1234567890`.
        @param ids The ids of all images in the new order: a range whose elements convert to
        `std::string_view`.

        @throws cyclos::not_found if there is no such user, or the caller may not see it.
        @throws cyclos::error with errc::invalid_argument if the range is empty, or an id is empty
        or contains a comma.
    */
    template <image_id_range Ids>
    operation<void> reorder_profile_images(std::string_view user, const Ids& ids) const
    {
        return reorder_profile_images_checked(user, collect(ids));
    }

    /** Adds an image to an advertisement.

        `POST /marketplace/{ad}/images`

        @param ad The advertisement: its id, `productNumber@user`, or the product number alone if it
        is the caller's own.
        @param content The source of the image, such as a @ref file_source.
        @param options Optional query parameters.
        @return The id of the new image, and the URL of its content.

        @throws cyclos::not_found if there is no such advertisement.
        @throws cyclos::invalid_input with the code `max_items` if there are too many images, with
        `file_upload_size` if the file is too large, and with `validation` if it is not an image.
        @throws cyclos::error with errc::source_failed, errc::source_changed or
        errc::source_rejected if the source fails, changes its size, or is not allowed by
        @ref upload_config.
    */
    CYCLOS_DECL operation<uploaded_image> upload_ad_image(std::string_view ad, source content,
                                                          upload_image_options options = {}) const;

    /** Uploads the image of an additional contact information.

        `POST /contact-infos/{id}/image`

        @param id The id of the additional contact information.
        @param content The source of the image, such as a @ref file_source.
        @param options Optional query parameters.
        @return The id of the new image, and the URL of its content.

        @throws cyclos::not_found if there is no such contact information.
        @throws cyclos::invalid_input with the code `max_items` if there are too many images, with
        `file_upload_size` if the file is too large, and with `validation` if it is not an image.
        @throws cyclos::error with errc::source_failed, errc::source_changed or
        errc::source_rejected if the source fails, changes its size, or is not allowed by
        @ref upload_config.
    */
    CYCLOS_DECL operation<uploaded_image>
    upload_contact_info_image(std::string_view id, source content,
                              upload_image_options options = {}) const;

    /** Uploads the image of an additional contact information.

        `POST /contactInfos/{id}/image`

        Deprecated by the API, and removed in Cyclos 4.16: use upload_contact_info_image().

        @param id The id of the additional contact information.
        @param content The source of the image, such as a @ref file_source.
        @param options Optional query parameters.
        @return The id of the new image, and the URL of its content.

        @throws cyclos::not_found if there is no such contact information.
        @throws cyclos::invalid_input with the code `max_items` if there are too many images, with
        `file_upload_size` if the file is too large, and with `validation` if it is not an image.
        @throws cyclos::error with errc::source_failed, errc::source_changed or
        errc::source_rejected if the source fails, changes its size, or is not allowed by
        @ref upload_config.
    */
    CYCLOS_DECL operation<uploaded_image>
    upload_contact_info_image_deprecated(std::string_view id, source content,
                                         upload_image_options options = {}) const;

    /** Uploads a temporary image, for an entity that is not registered yet.

        `POST /images/temp`

        A guest should pass upload_temp_image_options::guest_key. Without it, the server identifies
        the guest by the IP address, which a proxy shares among many guests.

        @param content The source of the image, such as a @ref file_source.
        @param options Optional query parameters.
        @return The id of the new image, and the URL of its content.

        @throws cyclos::invalid_input with the code `max_items` if there are too many images, with
        `file_upload_size` if the file is too large, and with `validation` if it is not an image.
        @throws cyclos::error with errc::source_failed, errc::source_changed or
        errc::source_rejected if the source fails, changes its size, or is not allowed by
        @ref upload_config.
    */
    CYCLOS_DECL operation<uploaded_image>
    upload_temp_image(source content, upload_temp_image_options options = {}) const;

    /** Adds a profile or custom image to a user.

        `POST /{user}/images`

        @param user The user: an id, `self`, or another identification that the channel allows, such
        as a user name. A numeric identification that is not an id starts with an apostrophe:
        `'1234567890`.
        @param content The source of the image, such as a @ref file_source.
        @param options Optional query parameters.
        @return The id of the new image, and the URL of its content.

        @throws cyclos::not_found if there is no such user, or the caller may not see it.
        @throws cyclos::invalid_input with the code `max_items` if there are too many images, with
        `file_upload_size` if the file is too large, and with `validation` if it is not an image.
        @throws cyclos::error with errc::source_failed, errc::source_changed or
        errc::source_rejected if the source fails, changes its size, or is not allowed by
        @ref upload_config.
    */
    CYCLOS_DECL operation<uploaded_image>
    upload_user_image(std::string_view user, source content,
                      upload_user_image_options options = {}) const;

    /** Gets the details of an image, without its content.

        `GET /images/{idOrKey}`

        @param id_or_key The id of the image, or its key.
        @param options Optional query parameters.
        @return The details.

        @throws cyclos::not_found if there is no such image, or the caller may not see it.
    */
    CYCLOS_DECL operation<image_view> view_image(std::string_view id_or_key,
                                                 view_image_options options = {}) const;

private:
    template <class Ids>
    static std::vector<std::string> collect(const Ids& ids)
    {
        std::vector<std::string> result;
        if constexpr (std::ranges::sized_range<const Ids>) {
            result.reserve(std::ranges::size(ids));
        }
        for (auto&& id : ids) {
            result.emplace_back(std::string_view{std::forward<decltype(id)>(id)});
        }
        return result;
    }

    CYCLOS_DECL operation<void> reorder_ad_images_checked(std::string_view ad,
                                                          std::vector<std::string> ids) const;
    CYCLOS_DECL operation<void> reorder_profile_images_checked(std::string_view user,
                                                               std::vector<std::string> ids) const;

    std::shared_ptr<detail::client_state> state_;
    std::shared_ptr<const detail::handle_context> context_; // null: the client's own user
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/images_api.ipp>
#endif

#endif // CYCLOS_IMAGES_API_HPP
