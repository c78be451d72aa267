//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_STATE_HPP
#define CYCLOS_SANDBOX_SRC_STATE_HPP

#include <cyclos/sandbox/store.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::sandbox {

/// The data of the server. Callers must hold @ref mutex, also while they use references and
/// pointers that the functions return.
class state
{
public:
    explicit state(const options& opts);

    std::mutex mutex;

    // Users, advertisements, contact information
    user& put_user(user value);
    advertisement& put_advertisement(advertisement value);
    contact_info& put_contact_info(contact_info value);
    user* user_by_id(std::string_view id);
    user* user_by_principal(std::string_view principal);
    /// Finds a user by the reference in a path: a number is an id, anything else is a principal. A
    /// number with a leading single quotation mark is a principal, too.
    user* user_by_reference(std::string_view reference);
    advertisement* advertisement_by_id(std::string_view id);
    advertisement* advertisement_by_product(std::string_view product_number,
                                            std::string_view owner);
    contact_info* contact_info_by_id(std::string_view id);

    // Images
    image& put_image(image value); ///< Adds an image at the end of its list.
    image* image_by(std::string_view id_or_key);
    bool remove_image(std::string_view id);
    void remove_all_images();
    std::size_t image_count() const noexcept { return images_.size(); }
    /// The images of a user or of another subject, in their order. Temporary images are all in one
    /// list.
    std::vector<image*> list(std::string_view kind, std::string_view owner_or_subject = {});
    std::size_t list_size(std::string_view kind, std::string_view owner_or_subject) const;
    /// Moves the images with these ids to the beginning of the list, in this order.
    void reorder(std::string_view kind, std::string_view owner_or_subject,
                 const std::vector<std::string>& ids);
    /// The number of bytes of content that may still be kept: see options::max_kept_total.
    std::uint64_t available_memory() const noexcept;

    // Logins
    std::string put_session(std::string_view user_id);
    user* user_of_session(std::string_view token);
    bool end_session(std::string_view token) { return sessions_.erase(std::string(token)) != 0; }
    void end_sessions() { sessions_.clear(); }
    std::size_t session_count() const noexcept { return sessions_.size(); }
    user* user_of_access_client(std::string_view token);
    user* user_of_access_token(std::string_view token);
    bool is_blocked_access_client(std::string_view token) const;
    bool is_blocked_address(std::string_view address) const;
    void record_bad_login(user* account, std::string_view address); ///< @param account May be null.
    void record_good_login(user& account, std::string_view address);
    void clear_bad_logins();

    const sandbox::options& options() const noexcept { return options_; }

private:
    struct session
    {
        std::string user_id = {};
        std::chrono::steady_clock::time_point expires = {};
    };

    template <class T>
    using table = std::map<std::string, T, std::less<>>;

    std::string next_id();
    std::string random_text();
    void set_up_fixtures();

    sandbox::options options_;
    table<user> users_;
    table<advertisement> advertisements_;
    table<contact_info> contact_infos_;
    table<image> images_;
    table<std::string> ids_by_key_;
    table<std::deque<std::string>> lists_;
    table<session> sessions_;
    table<unsigned> bad_logins_by_user_; ///< The key is the id of a user.
    table<unsigned> bad_logins_by_address_;
    std::uint64_t kept_total_ = 0;
    std::uint64_t last_revision_ = 0;
    std::int64_t last_id_ = 7762070814178016000;
    std::mt19937_64 random_;
};

/// Whether a reference to a user or an advertisement is an id.
bool is_id(std::string_view reference) noexcept;

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_STATE_HPP
