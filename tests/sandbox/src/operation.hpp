//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_OPERATION_HPP
#define CYCLOS_SANDBOX_SRC_OPERATION_HPP

#include "authentication.hpp"
#include "reply.hpp"
#include "request.hpp"
#include "state.hpp"
#include "target.hpp"
#include "upload.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace cyclos::sandbox {

/// The result of routing: a response, or an upload whose response depends on the body.
using decision = std::variant<reply, std::unique_ptr<upload>>;

/// A request to the API. Each operation is a member function. It returns a response, or throws an
/// @ref error_reply.
class operation
{
public:
    /// @param content_base the prefix of image URLs, to which the key is appended; empty: images
    /// have no URL.
    operation(state& server_state, const request& req, target parsed_target,
              const std::string& content_base);

    /// The segments of the path that vary, such as an id.
    std::vector<std::string> arguments = {};

    const sandbox::query& query() const noexcept { return target_.query; }
    const identity& caller() const noexcept { return caller_; }

    decision log_in();
    decision log_out();
    decision view_image();
    decision delete_image();
    decision get_image_content();
    decision get_image_content_by_id();
    decision get_image_content_deprecated();
    decision list_user_images();
    decision get_user_images_list_data();
    decision reorder_profile_images();
    decision upload_user_image();
    decision list_ad_images();
    decision get_ad_images_list_data();
    decision reorder_ad_images();
    decision upload_ad_image();
    decision upload_contact_info_image();
    decision list_temp_images();
    decision upload_temp_image();

private:
    struct collection; ///< The images of one kind of a user, or those of an advertisement.

    [[noreturn]] void throw_not_permitted() const;
    reply filtered_reply(boost::json::value body) const;
    boost::json::object describe(const image& picture) const;
    boost::json::array describe(const std::vector<image*>& images) const;

    user& find_user(std::string_view reference) const;
    image& find_image(std::string_view id_or_key) const;
    void check_visible(const image& picture) const;
    collection user_collection() const;
    collection ad_collection() const;
    image temp_parameters() const;

    reply list_data(const collection& images) const;
    reply reorder(const collection& images) const;
    reply content_of(const image& picture) const;
    decision begin_upload(image prototype, std::size_t max_images) const;

    state& state_;
    const request& request_;
    target target_;
    identity caller_;
    const std::string& content_base_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_OPERATION_HPP
