//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_STORE_HPP
#define CYCLOS_SANDBOX_STORE_HPP

#include <cyclos/sandbox/content.hpp>
#include <cyclos/sandbox/options.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::sandbox {

/// Someone who can log in. Statuses are spelled as in the API's error bodies.
struct user
{
    std::string id = {}; ///< Empty where one is added: the store picks one.
    std::string name = {};
    std::string password = {};
    std::vector<std::string> principals = {}; ///< User name first; then e-mail addresses, phones, account numbers.
    bool administrator = false;               ///< May do everything to everyone.
    bool manages_images = true;               ///< May change their own images.
    std::string status = "active";            ///< Anything else: 401 `login` with this `userStatus`.
    /// `expired` and `reset`: 403. Anything else but `active`: 401 `login` with this `passwordStatus`.
    std::string password_status = "active";
    std::vector<std::string> access_clients = {};         ///< Tokens.
    std::vector<std::string> blocked_access_clients = {}; ///< Tokens: 401 `blockedAccessClient`.
};

struct advertisement
{
    std::string id = {};
    std::string owner = {};          ///< The id of a user.
    std::string product_number = {}; ///< Empty: a simple advertisement.
};

struct contact_info
{
    std::string id = {};
    std::string owner = {}; ///< The id of a user.
};

struct image
{
    std::string id = {};
    std::string key = {};         ///< Such as `3f….png`.
    std::string kind = "profile"; ///< As the API spells `ImageKind`.
    std::string name = {};        ///< The `name` of the query, or else the file name of the form.
    std::string file_name = {};   ///< Of the form.
    std::string content_type = "image/png";
    std::string declared_type = {}; ///< What the form said; @ref content_type is what it was found to be.
    sandbox::content content = {};
    std::string sha256 = {}; ///< Lower-case hexadecimal; of what was uploaded.
    unsigned width = 0;      ///< Pixels; 0: unknown.
    unsigned height = 0;
    std::string owner = {};   ///< The id of a user; empty: of the subject, a guest or the system.
    std::string subject = {}; ///< The id of the ad or the contact information.
    bool converted_to_jpeg = false;
    std::string removal_conflict = {}; ///< The code of the 409 that forbids to remove it, if any.
    std::uint64_t revision = 0;        ///< Set by the store, another one for each image stored; it makes the `ETag`.

    // Of temporary images
    std::string target = {};
    std::string for_user = {}; ///< The id of the user it is for.
    std::string guest_key = {};
    std::string guest_address = {};
    std::string custom_field = {};
    std::string custom_field_kind = {};
};

class state;

// clang-format off: it would wrap the rows of the tables.
/** What the server knows. Every function may be called from any thread, while requests are served.

    At first, all of this is there (passwords are the user names):

    | user | id | also known as | role |
    |---|---|---|---|
    | `demo` | 7762070814178012479 | `demo@example.org`, +55 11 98765-4321, 1234567890 | owns the ads and the contact information |
    | `admin` | 7762070814178012480 | `admin@example.org` | manages everyone |
    | `viewer` | -4611686018427387904 | `ann smith/50% möbius` | sees, but must not change a thing (403 `permissionDenied`) |
    | `blocked` | 7762070814178012482 | | 401 `login`, `userStatus` `blocked` |
    | `expired` | 7762070814178012483 | | 403 `expiredPassword` |

    Tokens of `demo`: session `demo-session-token`, access client `demo-access-client-token`; of a blocked access
    client: `blocked-access-client-token`. Channels: `main`, `mobile`, `webServices`; `pos` is inaccessible (403), others
    are unknown (401 `invalidChannelUsage`).

    | object | id | state |
    |---|---|---|
    | simple ad of `demo` | 7762070814178013001 | without images |
    | web shop ad of `demo` | 7762070814178013002 | product number `P-1`, so `P-1@demo`; without images |
    | contact information of `demo` | 7762070814178014001 | without an image |
    | profile image of `demo` | 7762070814178015001 | key `demo-portrait.png`, a picture of 64 × 48 |
    | custom image of the system | -7762070814178015002 | key `logo.png`, a picture of 32 × 32; in use, so 409 on removal |
*/
// clang-format on
class store
{
public:
    explicit store(const options& opts);
    ~store();

    // To add: each gives the id.
    std::string add_user(user value);
    std::string add_advertisement(advertisement value);
    std::string add_contact_info(contact_info value);

    /// Adds at the end of the owner's images. An empty id or key is made; so are the digest where the content is held,
    /// and type and size in pixels where it is a PNG, JPEG or GIF. An image of the same id is replaced.
    std::string add_image(image value);

    // To change. False where there is none of that id.
    bool replace_user(user value);
    bool remove_image(std::string_view id_or_key);
    void remove_all_images();

    // To look
    std::optional<user> find_user(std::string_view id_or_principal) const;
    std::optional<image> find_image(std::string_view id_or_key) const;
    std::size_t image_count() const;
    /// Each in its order. Kinds of a user's images are `profile` and `userCustom`.
    std::vector<image> user_images(std::string_view user_id, std::string_view kind = "profile") const;
    std::vector<image> advertisement_images(std::string_view ad_id) const;
    std::vector<image> contact_info_images(std::string_view contact_info_id) const;
    std::vector<image> temp_images() const;

    // Logins
    std::string add_session(std::string_view user_id); ///< Gives the token.
    std::size_t session_count() const;
    void expire_sessions(); ///< Every session token is now 401 `loggedOut`.
    void forgive_logins();  ///< Forgets bad logins, and unblocks passwords and addresses.

    /// What the routes work on.
    sandbox::state& state() noexcept { return *state_; }

private:
    std::unique_ptr<sandbox::state> state_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_STORE_HPP
