//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_IDENTITY_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_IDENTITY_IPP

#include <cyclos/detail/client/identity.hpp>

#include <openssl/evp.h>

#include <cstdint>
#include <new>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

CYCLOS_DECL identity::identity(const credentials& value, const identity_key& key,
                               const std::shared_ptr<session_service>& sessions,
                               std::shared_ptr<identity_registry> registry)
    : credentials_(value)
    , key_(key)
    , registry_(std::move(registry))
{
    const auto kind = value.type();
    if (kind == credentials::kind::session_login || kind == credentials::kind::provided) {
        authenticator_ = std::make_shared<authenticator>(value, sessions);
    }
}

CYCLOS_DECL identity::~identity()
{
    const bool knows_rejection = authenticator_ && !has_inherited_rejection_;
    registry_->remove(key_, knows_rejection ? authenticator_->rejection() : nullptr);
    if (authenticator_) {
        authenticator_->abandon();
    }
}

CYCLOS_DECL std::optional<credentials> identity::take_session()
{
    if (credentials_.type() == credentials::kind::session) {
        return credentials_;
    }
    const authorization_ptr session =
        authenticator_ ? authenticator_->take_session(false) : nullptr;
    return session ? std::optional{session->value()} : std::nullopt;
}

CYCLOS_DECL std::shared_ptr<const credentials> identity::take_session_to_log_out()
{
    authorization_ptr session = authenticator_ ? authenticator_->take_session(true) : nullptr;
    return session ? session_of(std::move(session)) : nullptr;
}

CYCLOS_DECL void identity::inherit_rejection(std::shared_ptr<const error_reply> reply)
{
    has_inherited_rejection_ = true;
    authenticator_->set_rejection(std::move(reply));
}

/// Credentials are equal if they send the same and log out alike. A provider equals only itself and
/// its copies.
inline identity_key key_of(const credentials& value)
{
    struct digest_context_free
    {
        void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    };
    const std::unique_ptr<EVP_MD_CTX, digest_context_free> digest{EVP_MD_CTX_new()};
    const auto kind = static_cast<unsigned char>(value.type());
    const unsigned char log_out = value.log_out_on_close() ? 1 : 0;
    const auto function = reinterpret_cast<std::uintptr_t>(value.function().get());
    const std::string_view field = value.field().view();
    identity_key key;
    if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1 ||
        EVP_DigestUpdate(digest.get(), &kind, sizeof kind) != 1 ||
        EVP_DigestUpdate(digest.get(), &log_out, sizeof log_out) != 1 ||
        EVP_DigestUpdate(digest.get(), &function, sizeof function) != 1 ||
        EVP_DigestUpdate(digest.get(), field.data(), field.size()) != 1 ||
        EVP_DigestFinal_ex(digest.get(), key.data(), nullptr) != 1) {
        throw std::bad_alloc{}; // SHA-256 fails for lack of memory only
    }
    return key;
}

CYCLOS_DECL std::shared_ptr<identity> identity_registry::find(const identity_key& key)
{
    const std::lock_guard lock{mutex_};
    const auto found = identities_.find(key);
    return found != identities_.end() ? found->second.lock() : nullptr;
}

CYCLOS_DECL std::shared_ptr<identity> identity_registry::get(const credentials& value)
{
    const identity_key key = key_of(value);
    if (auto existing = find(key)) {
        return existing;
    }
    // It is made before the lock is taken, because its destructor takes the lock.
    auto made = std::make_shared<identity>(value, key, sessions_, shared_from_this());
    const std::lock_guard lock{mutex_};
    std::weak_ptr<identity>& entry = identities_[key];
    if (auto existing = entry.lock()) {
        return existing; // another thread was faster
    }
    entry = made;
    const auto rejected = rejected_.find(key);
    if (rejected != rejected_.end() && clock::now() < rejected->second.until) {
        made->inherit_rejection(rejected->second.reply);
    }
    return made;
}

CYCLOS_DECL std::vector<std::shared_ptr<const credentials>>
identity_registry::take_sessions_to_log_out()
{
    // They may be the last references, so they must not be released under the lock.
    std::vector<std::shared_ptr<identity>> users;
    {
        const std::lock_guard lock{mutex_};
        users.reserve(identities_.size());
        for (const auto& [key, entry] : identities_) {
            if (auto user = entry.lock()) {
                users.push_back(std::move(user));
            }
        }
    }
    std::vector<std::shared_ptr<const credentials>> sessions;
    for (const auto& user : users) {
        if (auto session = user->take_session_to_log_out()) {
            sessions.push_back(std::move(session));
        }
    }
    return sessions;
}

CYCLOS_DECL void identity_registry::remove(const identity_key& key,
                                           std::shared_ptr<const error_reply> rejection) noexcept
{
    const std::lock_guard lock{mutex_};
    const auto found = identities_.find(key);
    // The entry may belong to an identity that was made meanwhile.
    if (found == identities_.end() || !found->second.expired()) {
        return;
    }
    identities_.erase(found);
    if (!rejection) {
        return;
    }
    try {
        const auto now = clock::now();
        std::erase_if(rejected_, [now](const auto& each) { return each.second.until <= now; });
        if (rejected_.size() < max_rejections) {
            rejected_[key] = {std::move(rejection), now + rejection_lifetime};
        }
    }
    catch (...) { // NOLINT(bugprone-empty-catch): out of memory. The password may be sent again.
    }
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_IDENTITY_IPP
