//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IDENTITY_HPP
#define CYCLOS_DETAIL_CLIENT_IDENTITY_HPP

#include <cyclos/credentials.hpp>
#include <cyclos/detail/client/authenticator.hpp>
#include <cyclos/detail/client/login.hpp>
#include <cyclos/detail/config.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

// The users of one client.
//
// An identity is one user: the credentials, and the session or token that they lead to. The handles
// and the running operations of that user share it, and nobody else does. A client has one for its
// own credentials, and one for each different credentials of images_api::as() that are in use.
//
// The registry finds the identity of credentials that are in use already, so that as() with the
// same credentials in each request of a service leads to one login. It owns no identity: the last
// handle or operation destroys its identity, which then ends its session in the background. For
// some minutes it remembers logins that the server has rejected, because servers count them, and
// then block the password and the address.
//
// Threads: all functions may be called on any thread.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

class identity_registry;

/// The SHA-256 of credentials. It finds equal ones without keeping a copy of their secrets, and no
/// choice of tokens makes look-ups slow.
using identity_key = std::array<unsigned char, 32>;

/// One user of a client.
class identity
{
public:
    CYCLOS_DECL identity(const credentials& value, const identity_key& key,
                         const std::shared_ptr<session_service>& sessions,
                         std::shared_ptr<identity_registry> registry);
    identity(const identity&) = delete;
    identity& operator=(const identity&) = delete;
    CYCLOS_DECL ~identity();

    /// Obtains the credentials to send. Null if they are constant: see header_fields().
    authenticator* get_authenticator() const noexcept { return authenticator_.get(); }

    /// The header fields of constant credentials.
    std::string_view header_fields() const noexcept { return credentials_.header_fields(); }

    /// The session to end on behalf of the user, if there is one. A session that was begun by a
    /// login is forgotten, so that the next request logs in again.
    CYCLOS_DECL std::optional<credentials> take_session();

    /// The session to end when the client is closed, if there is one. It is forgotten.
    CYCLOS_DECL std::shared_ptr<const credentials> take_session_to_log_out();

    /// The server has rejected the login of an earlier identity of the same user.
    CYCLOS_DECL void inherit_rejection(std::shared_ptr<const error_reply> reply);

private:
    credentials credentials_;
    std::shared_ptr<authenticator> authenticator_;
    identity_key key_;
    std::shared_ptr<identity_registry> registry_;
    bool has_inherited_rejection_ = false;
};

/// The identities of a client that are in use.
class identity_registry : public std::enable_shared_from_this<identity_registry>
{
public:
    explicit identity_registry(std::shared_ptr<session_service> sessions)
        : sessions_(std::move(sessions))
    {}

    /// The identity of these credentials: the one that is in use, or a new one.
    CYCLOS_DECL std::shared_ptr<identity> get(const credentials& value);

    /// The sessions of all identities that are to be ended when the client is closed. They are
    /// forgotten.
    CYCLOS_DECL std::vector<std::shared_ptr<const credentials>> take_sessions_to_log_out();

    /// An identity is being destroyed.
    /// @param rejection The reply of the server if it has rejected the user and password.
    CYCLOS_DECL void remove(const identity_key& key,
                            std::shared_ptr<const error_reply> rejection) noexcept;

private:
    using clock = std::chrono::steady_clock;

    /// A login that the server has rejected.
    struct rejected_login
    {
        std::shared_ptr<const error_reply> reply;
        clock::time_point until; ///< After this time it may be tried again.
    };

    static constexpr std::size_t max_rejections = 256;
    static constexpr std::chrono::minutes rejection_lifetime{10};

    CYCLOS_DECL std::shared_ptr<identity> find(const identity_key& key);

    std::shared_ptr<session_service> sessions_;
    std::mutex mutex_; // protects all members below
    std::map<identity_key, std::weak_ptr<identity>> identities_;
    std::map<identity_key, rejected_login> rejected_; // of users who were destroyed
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/identity.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_IDENTITY_HPP
