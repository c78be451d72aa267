//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_API_HPP
#define CYCLOS_IMAGES_API_HPP

#include <cyclos/client.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>
#include <cyclos/http/body_source.hpp>
#include <cyclos/images/content.hpp>
#include <cyclos/images/models.hpp>
#include <cyclos/images/options.hpp>
#include <cyclos/operation.hpp>

#include <concepts>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos::inline CYCLOS_ABI {

/// A range of ids: its elements convert to `std::string_view`.
template <class T>
concept image_id_range =
    std::ranges::input_range<const T> && std::convertible_to<std::ranges::range_reference_t<const T>, std::string_view>;

/** The 17 image operations of the Cyclos API, under the names of its documentation.

    An object of this class is a handle on a client: it is cheap to copy, and any number of its operations may run at
    the same time, from any thread and on any executor.

    **Arguments.** Each function builds its request before it returns. What its arguments refer to may go as soon as
    the call is over, also when the operation is awaited much later.

    **Errors.** Everything comes out of the awaitable, a bad argument too: as @ref cyclos::error, or as the class
    derived from @ref api_error that stands for what the server answered. After an error with `sent() ==
    sent_state::no` the server has not seen the request. errc::invalid_argument means that an argument was refused
    before anything was sent. as_result() gives a result instead of an exception.

    **Cancellation.** Terminal, partial and total cancellation all mean the same: the operation ends with
    errc::cancelled, and says what was sent. Its connection is closed if anything was. An operation that is passed to
    `asio::co_spawn` takes all three; one that is awaited takes those that the filter of the calling coroutine lets
    through: see @ref operation.

    @code
    cyclos::images_api images{client};
    auto stored = co_await images.upload_user_image("self", cyclos::file_source("me.jpg"));
    auto details = co_await images.view_image(stored.id, {.fields = "id,name,width,height"});
    auto content = co_await images.get_image_content(stored.id, {.width = 200});
    co_await content.save_to("me-200.jpg");
    @endcode
*/
class images_api
{
public:
    /** The operations of a client. They end with errc::client_closed once that has been destroyed.

        @throws cyclos::error with errc::invalid_argument where the client was moved from. */
    CYCLOS_DECL explicit images_api(client& owner);

    // Moving copies, so that there is none without a client.
    images_api(const images_api&) = default;
    images_api& operator=(const images_api&) = default;
    ~images_api() = default;

    /** Removes an image of any kind.

        `DELETE /images/{idOrKey}`

        The caller needs the permission to do so. A retry after a lost response may find that the image is gone
        already: @ref not_found.

        @param id_or_key The id of the image, or its key.
    */
    CYCLOS_DECL operation<void> delete_image(std::string_view id_or_key) const;

    /** Gets the images of an advertisement, and what the caller may do with them.

        `GET /marketplace/{ad}/images/list-data`

        @param ad The advertisement: its id, its product number if it is the caller's, or `productNumber@user`.
        @param options What else can be said.
    */
    CYCLOS_DECL operation<images_list_data> get_ad_images_list_data(std::string_view ad,
                                                                    ad_images_options options = {}) const;

    /** Gets the content of an image, in its own size or scaled down.

        `GET /images/content/{idOrKey}`

        The content is not read yet: it comes as it is read from what is returned. An answer that is no whole image is
        errc::unexpected_response: another status than 200 or 203, a text or JSON, a content that is compressed.

        @param id_or_key The id of the image, or its key.
        @param options What else can be said.
    */
    CYCLOS_DECL operation<image_content> get_image_content(std::string_view id_or_key,
                                                           image_content_options options = {}) const;

    /** Gets the content of an image by its id.

        `GET /images/{id}/content`

        Deprecated by the API, and gone in Cyclos 4.16: use get_image_content().

        @param id The id of the image.
        @param options What else can be said.
    */
    CYCLOS_DECL operation<image_content> get_image_content_by_id(std::string_view id,
                                                                 image_content_options options = {}) const;

    /** Gets the content of an image by its kind and key.

        `GET /images/{kind}/{file}`

        Deprecated by the API, and gone in Cyclos 4.16: use get_image_content().

        @param kind The kind of the image.
        @param file Its key, which is a file name that the server made.
        @param options What else can be said.
    */
    CYCLOS_DECL operation<image_content> get_image_content_deprecated(image_kind kind, std::string_view file,
                                                                      image_content_options options = {}) const;

    /** Gets the profile or custom images of a user, and what the caller may do with them.

        `GET /{user}/images/list-data`

        @param user The user: id, `self`, or any identification. A numeric one that is no id begins with an
        apostrophe: `'1234567890`.
        @param options What else can be said.
    */
    CYCLOS_DECL operation<images_list_data> get_user_images_list_data(std::string_view user,
                                                                      user_images_options options = {}) const;

    /** Lists the images of an advertisement, in their order.

        `GET /marketplace/{ad}/images`

        @param ad The advertisement: its id, its product number if it is the caller's, or `productNumber@user`.
        @param options What else can be said.
    */
    CYCLOS_DECL operation<std::vector<image>> list_ad_images(std::string_view ad, ad_images_options options = {}) const;

    /** Lists the temporary images of the caller, be it a user or a guest.

        `GET /images/temp`

        @param options What else can be said.
    */
    CYCLOS_DECL operation<std::vector<image>> list_temp_images(temp_images_options options = {}) const;

    /** Lists the profile or custom images of a user, in their order.

        `GET /{user}/images`

        @param user The user: id, `self`, or any identification. A numeric one that is no id begins with an
        apostrophe: `'1234567890`.
        @param options What else can be said.
    */
    CYCLOS_DECL operation<std::vector<image>> list_user_images(std::string_view user,
                                                               user_images_options options = {}) const;

    /** Changes the order of the images of an advertisement.

        `PUT /marketplace/{ad}/images/order`

        @warning In Cyclos 4.16, images that are not listed are **removed**. An empty list is refused, as it would
        remove every image.

        @param ad The advertisement: its id, its product number if it is the caller's, or `productNumber@user`.
        @param ids The ids of all images in the order wanted: any range of what converts to `std::string_view`.
    */
    template <image_id_range Ids>
    operation<void> reorder_ad_images(std::string_view ad, const Ids& ids) const
    {
        return reorder_ad_images_checked(ad, collect(ids));
    }

    /** Changes the order of the profile images of a user.

        `PUT /{user}/images/order`

        @warning In Cyclos 4.16, images that are not listed are **removed**. An empty list is refused, as it would
        remove every image.

        @param user The user: id, `self`, or any identification.
        @param ids The ids of all images in the order wanted: any range of what converts to `std::string_view`.
    */
    template <image_id_range Ids>
    operation<void> reorder_profile_images(std::string_view user, const Ids& ids) const
    {
        return reorder_profile_images_checked(user, collect(ids));
    }

    /** Adds an image to an advertisement.

        `POST /marketplace/{ad}/images`

        @param ad The advertisement: its id, its product number if it is the caller's, or `productNumber@user`.
        @param content What the bytes come from, such as a @ref file_source.
        @param options What else can be said.
        @return The id of the new image, and where its content is.
        @throws errc::source_failed, errc::source_changed, errc::source_refused where the source is at fault.
    */
    CYCLOS_DECL operation<uploaded_image> upload_ad_image(std::string_view ad, source content,
                                                          upload_image_options options = {}) const;

    /** Uploads the image of an additional contact information.

        `POST /contact-infos/{id}/image`

        @param id The id of the additional contact information.
        @param content What the bytes come from, such as a @ref file_source.
        @param options What else can be said.
        @return The id of the new image, and where its content is.
        @throws errc::source_failed, errc::source_changed, errc::source_refused where the source is at fault.
    */
    CYCLOS_DECL operation<uploaded_image> upload_contact_info_image(std::string_view id, source content,
                                                                    upload_image_options options = {}) const;

    /** Uploads the image of an additional contact information.

        `POST /contactInfos/{id}/image`

        Deprecated by the API, and gone in Cyclos 4.16: use upload_contact_info_image().

        @param id The id of the additional contact information.
        @param content What the bytes come from, such as a @ref file_source.
        @param options What else can be said.
        @return The id of the new image, and where its content is.
        @throws errc::source_failed, errc::source_changed, errc::source_refused where the source is at fault.
    */
    CYCLOS_DECL operation<uploaded_image> upload_contact_info_image_deprecated(std::string_view id, source content,
                                                                               upload_image_options options = {}) const;

    /** Uploads an image for something that is yet to be registered.

        `POST /images/temp`

        A guest had better give a key: without one, the images of a guest are told by the address.

        @param content What the bytes come from, such as a @ref file_source.
        @param options What else can be said.
        @return The id of the new image, and where its content is.
        @throws errc::source_failed, errc::source_changed, errc::source_refused where the source is at fault.
    */
    CYCLOS_DECL operation<uploaded_image> upload_temp_image(source content,
                                                            upload_temp_image_options options = {}) const;

    /** Adds a profile or custom image to a user.

        `POST /{user}/images`

        @param user The user: id, `self`, or any identification. A numeric one that is no id begins with an
        apostrophe: `'1234567890`.
        @param content What the bytes come from, such as a @ref file_source.
        @param options What else can be said.
        @return The id of the new image, and where its content is.
        @throws errc::source_failed, errc::source_changed, errc::source_refused where the source is at fault.
    */
    CYCLOS_DECL operation<uploaded_image> upload_user_image(std::string_view user, source content,
                                                            upload_user_image_options options = {}) const;

    /** Gets the details of an image.

        `GET /images/{idOrKey}`

        @param id_or_key The id of the image, or its key.
        @param options What else can be said.
    */
    CYCLOS_DECL operation<image_view> view_image(std::string_view id_or_key, view_image_options options = {}) const;

private:
    template <class Ids>
    static std::vector<std::string> collect(const Ids& ids)
    {
        std::vector<std::string> all;
        if constexpr (std::ranges::sized_range<const Ids>) {
            all.reserve(std::ranges::size(ids));
        }
        for (auto&& id : ids) {
            all.emplace_back(std::string_view{std::forward<decltype(id)>(id)});
        }
        return all;
    }

    CYCLOS_DECL operation<void> reorder_ad_images_checked(std::string_view ad, std::vector<std::string> ids) const;
    CYCLOS_DECL operation<void> reorder_profile_images_checked(std::string_view user,
                                                               std::vector<std::string> ids) const;

    std::shared_ptr<detail::client_state> state_;
};

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/images/impl/api.ipp>
#endif

#endif // CYCLOS_IMAGES_API_HPP
