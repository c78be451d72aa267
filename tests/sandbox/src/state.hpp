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

/// What the server knows. Whoever uses it holds @ref mutex; references are good for as long.
class state
{
public:
    explicit state(const options& opts);

    std::mutex mutex;

    // Users, ads, contact information
    user& put_user(user value);
    advertisement& put_advertisement(advertisement value);
    contact_info& put_contact_info(contact_info value);
    user* user_by_id(std::string_view id);
    user* user_by_principal(std::string_view principal);
    /// As in a path: a number is an id, and a leading quotation mark makes a number a principal.
    user* user_by_reference(std::string_view reference);
    advertisement* advertisement_by_id(std::string_view id);
    advertisement* advertisement_by_product(std::string_view product_number, std::string_view owner);
    contact_info* contact_info_by_id(std::string_view id);

    // Images
    image& put_image(image value); ///< At the end of its list.
    image* image_by(std::string_view id_or_key);
    bool remove_image(std::string_view id);
    void remove_all_images();
    std::size_t image_count() const noexcept { return images_.size(); }
    /// The images of a user or ad, in their order; the owner of a temporary image does not matter.
    std::vector<image*> list(std::string_view kind, std::string_view owner_or_subject = {});
    std::size_t list_size(std::string_view kind, std::string_view owner_or_subject) const;
    /// Puts the listed ones first, and what is not listed behind them.
    void reorder(std::string_view kind, std::string_view owner_or_subject, const std::vector<std::string>& ids);
    /// How much there is room for in the contents of all images together.
    std::uint64_t room_for_bodies() const noexcept;

    // Logins
    std::string put_session(std::string_view user_id);
    user* user_of_session(std::string_view token);
    bool end_session(std::string_view token) { return sessions_.erase(std::string(token)) != 0; }
    void end_sessions() { sessions_.clear(); }
    std::size_t session_count() const noexcept { return sessions_.size(); }
    user* user_of_access_client(std::string_view token);
    bool is_blocked_access_client(std::string_view token) const;
    bool is_blocked_address(std::string_view address) const;
    void bad_login(user* known, std::string_view address);
    void good_login(user& who, std::string_view address);
    void forgive_logins();

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
    table<unsigned> bad_logins_;            ///< By user id.
    table<unsigned> bad_logins_of_address_; ///< By address.
    std::uint64_t kept_total_ = 0;
    std::uint64_t last_revision_ = 0;
    std::int64_t last_id_ = 7762070814178016000;
    std::mt19937_64 random_;
};

/// Whether a reference is an id, not a principal.
bool is_id(std::string_view reference) noexcept;

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_STATE_HPP
