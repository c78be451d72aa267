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
// handle or operation destroys its identity, which then ends its session in the background.
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
    CYCLOS_DECL std::optional<credentials> take_session_to_log_out();

private:
    credentials credentials_;
    std::shared_ptr<authenticator> authenticator_;
    identity_key key_;
    std::shared_ptr<identity_registry> registry_;
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
    CYCLOS_DECL std::vector<credentials> take_sessions_to_log_out();

    /// An identity is being destroyed.
    CYCLOS_DECL void remove(const identity_key& key) noexcept;

private:
    CYCLOS_DECL std::shared_ptr<identity> find(const identity_key& key);

    std::shared_ptr<session_service> sessions_;
    std::mutex mutex_; // protects identities_
    std::map<identity_key, std::weak_ptr<identity>> identities_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/identity.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_IDENTITY_HPP
