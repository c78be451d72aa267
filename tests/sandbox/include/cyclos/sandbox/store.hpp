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

/// A user. Statuses are spelled like in the error bodies of the API.
struct user
{
    std::string id = {}; ///< Empty for a new user: the store assigns an id.
    std::string name = {};
    std::string password = {};
    /// The user name, followed by e-mail addresses, phone numbers and account numbers.
    std::vector<std::string> principals = {};
    bool administrator = false;    ///< Has all permissions on the data of all users.
    bool manages_images = true;    ///< Has the permission to change their own images.
    std::string status = "active"; ///< Any other: 401 `login` with this `userStatus`.
    /// `expired` and `reset`: 403. Any other except `active`: 401 `login` with this
    /// `passwordStatus`.
    std::string password_status = "active";
    std::vector<std::string> access_clients = {};         ///< Tokens.
    std::vector<std::string> blocked_access_clients = {}; ///< Tokens: 401 `blockedAccessClient`.
    std::vector<std::string> access_tokens = {}; ///< Of OAuth 2 (`Bearer`), since Cyclos 4.16.
};

struct advertisement
{
    std::string id = {};
    std::string owner = {};          ///< The id of its user.
    std::string product_number = {}; ///< Empty for a simple advertisement.
};

struct contact_info
{
    std::string id = {};
    std::string owner = {}; ///< The id of its user.
};

struct image
{
    std::string id = {};
    std::string key = {};                   ///< Such as `3f….png`.
    std::string kind = "profile";           ///< An `ImageKind` of the API.
    std::string name = {};                  ///< The query parameter `name`, or else the file name.
    std::string file_name = {};             ///< The file name in the form.
    std::string content_type = "image/png"; ///< The detected type, or else @ref declared_type.
    std::string declared_type = {};         ///< The media type in the form.
    sandbox::content content = {};
    std::string sha256 = {}; ///< Of the uploaded bytes, in lower-case hexadecimal.
    unsigned width = 0;      ///< In pixels; 0: unknown.
    unsigned height = 0;
    /// The id of a user. Empty for an image of a guest or of the system. If it is empty when an
    /// image of a @ref subject is added, the owner of the subject becomes its owner.
    std::string owner = {};
    std::string subject = {}; ///< The id of the advertisement or of the contact information.
    bool converted_to_jpeg = false;
    std::string removal_conflict = {}; ///< If not empty, removal fails with 409 and this code.
    /// Assigned by the store, a new one for each stored image. The `ETag` contains it.
    std::uint64_t revision = 0;

    // Temporary images
    std::string target = {};
    std::string for_user = {}; ///< The id of the user that the image is for.
    std::string guest_key = {};
    std::string guest_address = {};
    std::string custom_field = {};
    std::string custom_field_kind = {};
};

class state;

// clang-format off: it would wrap the rows of the tables.
/** The data of a server: users, advertisements, contact information, images and sessions.

    A new store contains these users. The password of each is the user name:

    | user name | id                   | other principals                                  |
    |-----------|----------------------|---------------------------------------------------|
    | `demo`    | 7762070814178012479  | `demo@example.org`, +55 11 98765-4321, 1234567890 |
    | `admin`   | 7762070814178012480  | `admin@example.org`                               |
    | `viewer`  | -4611686018427387904 | `ann smith/50% möbius`                            |
    | `blocked` | 7762070814178012482  |                                                   |
    | `expired` | 7762070814178012483  |                                                   |

    `admin` manages all users. `viewer` has no permission to change images (403 `permissionDenied`).
    A login as `blocked` fails with 401 `login` and `userStatus` `blocked`, one as `expired` with
    403 `expiredPassword`.

    It contains these objects, which belong to `demo`, except the last one:

    | object                     | id                   | details                                 |
    |----------------------------|----------------------|-----------------------------------------|
    | simple advertisement       | 7762070814178013001  | no images                               |
    | web shop advertisement     | 7762070814178013002  | product number `P-1`, no images         |
    | contact information        | 7762070814178014001  | no image                                |
    | profile image              | 7762070814178015001  | key `demo-portrait.png`, 64 × 48 pixels |
    | custom image of the system | -7762070814178015002 | key `logo.png`, 32 × 32 pixels          |

    All users can refer to the web shop advertisement as `P-1@demo`. The image of the system is in
    use, so its removal fails with 409 and `constraintViolatedOnRemove`.

    `demo` has a session with the token `demo-session-token`, an access client with the token
    `demo-access-client-token`, and a blocked access client with the token
    `blocked-access-client-token`. If the server is of version 4.16, `demo` also has the OAuth 2
    access token `demo-access-token`. The channels are `main`, `mobile` and `webServices`. The
    channel `pos` is inaccessible (403), any other is unknown (401 `invalidChannelUsage`).

    @par Thread safety
    All functions may be called from any thread, also while the server handles requests.
*/
// clang-format on
class store
{
public:
    explicit store(const options& opts);
    ~store();

    // Each of these adds an object and returns its id.
    std::string add_user(user value);
    std::string add_advertisement(advertisement value);
    std::string add_contact_info(contact_info value);

    /// Adds an image after the others of its owner, or replaces the image with the same id.
    ///
    /// The store assigns an id and a key if they are empty, computes the digest if all of the
    /// content is in memory, and detects the type and the size of a PNG, JPEG or GIF.
    /// @return The id.
    std::string add_image(image value);

    // Those that return a bool return false if there is no such object.
    bool replace_user(user value);
    bool remove_image(std::string_view id_or_key);
    void remove_all_images();

    // These return copies.
    std::optional<user> find_user(std::string_view id_or_principal) const;
    std::optional<image> find_image(std::string_view id_or_key) const;
    std::size_t image_count() const;
    /// The images of a user, in their order. @param kind `profile` or `userCustom`.
    std::vector<image> user_images(std::string_view user_id,
                                   std::string_view kind = "profile") const;
    std::vector<image> advertisement_images(std::string_view ad_id) const;
    std::vector<image> contact_info_images(std::string_view contact_info_id) const;
    std::vector<image> temp_images() const;

    // Logins
    std::string add_session(std::string_view user_id); ///< @return The token.
    std::size_t session_count() const;
    void expire_sessions();  ///< From now on, every session token gets 401 `loggedOut`.
    void clear_bad_logins(); ///< Resets the counters, and unblocks passwords and addresses.

    /// For the server only.
    sandbox::state& state() noexcept { return *state_; }

private:
    std::unique_ptr<sandbox::state> state_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_STORE_HPP
