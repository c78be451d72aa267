//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "state.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include "digest.hpp"
#include "text.hpp"

#include <utility>

namespace cyclos::sandbox {

namespace {

// Images are in lists, which keep their order. All temporary images are in one list, because the
// oldest of them is removed if there are too many.
std::string list_name(std::string_view kind, std::string_view owner_or_subject)
{
    std::string name(kind);
    if (kind != "temp")
        name.append("/").append(owner_or_subject);
    return name;
}

std::string list_name(const image& value)
{
    return list_name(value.kind, value.subject.empty() ? value.owner : value.subject);
}

std::string digest_of(std::string_view bytes)
{
    sha256 digest;
    digest.update(bytes);
    return digest.finish();
}

template <class Table, class Key>
auto* find_in(Table& table, const Key& key)
{
    const auto found = table.find(key);
    return found == table.end() ? nullptr : &found->second;
}

} // namespace

bool is_id(std::string_view reference) noexcept
{
    return parse_number<std::int64_t>(reference).has_value();
}

state::state(const sandbox::options& opts)
    : options_(opts)
    , random_(std::random_device{}())
{
    set_up_fixtures();
}

void state::set_up_fixtures()
{
    const std::string demo = "7762070814178012479";
    put_user({.id = demo,
              .name = "Demo",
              .password = "demo",
              .principals = {"demo", "demo@example.org", "+55 11 98765-4321", "1234567890"},
              .access_clients = {"demo-access-client-token"},
              .blocked_access_clients = {"blocked-access-client-token"},
              .access_tokens = {"demo-access-token"}});
    put_user({.id = "7762070814178012480",
              .name = "Administrator",
              .password = "admin",
              .principals = {"admin", "admin@example.org"},
              .administrator = true});
    put_user({.id = "-4611686018427387904",
              .name = "Ann Smith",
              .password = "viewer",
              .principals = {"viewer", "ann smith/50% möbius"},
              .manages_images = false});
    put_user({.id = "7762070814178012482",
              .name = "Blocked",
              .password = "blocked",
              .principals = {"blocked"},
              .status = "blocked"});
    put_user({.id = "7762070814178012483",
              .name = "Expired",
              .password = "expired",
              .principals = {"expired"},
              .password_status = "expired"});
    sessions_["demo-session-token"] = {demo, std::chrono::steady_clock::time_point::max()};

    put_advertisement({.id = "7762070814178013001", .owner = demo});
    put_advertisement({.id = "7762070814178013002", .owner = demo, .product_number = "P-1"});
    put_contact_info({.id = "7762070814178014001", .owner = demo});
    put_image({.id = "7762070814178015001",
               .key = "demo-portrait.png",
               .name = "portrait",
               .content = content(make_picture(64, 48).bytes),
               .owner = demo});
    put_image({.id = "-7762070814178015002",
               .key = "logo.png",
               .kind = "systemCustom",
               .name = "logo",
               .content = content(make_picture(32, 32).bytes),
               .removal_conflict = "constraintViolatedOnRemove"});
}

std::string state::next_id()
{
    return std::to_string(++last_id_);
}

std::string state::random_text()
{
    std::string text;
    for (int i = 0; i < 32; ++i)
        text += "0123456789abcdef"[random_() & 15];
    return text;
}

user& state::put_user(user value)
{
    if (value.id.empty())
        value.id = next_id();
    auto id = value.id;
    return users_[id] = std::move(value);
}

advertisement& state::put_advertisement(advertisement value)
{
    if (value.id.empty())
        value.id = next_id();
    auto id = value.id;
    return advertisements_[id] = std::move(value);
}

contact_info& state::put_contact_info(contact_info value)
{
    if (value.id.empty())
        value.id = next_id();
    auto id = value.id;
    return contact_infos_[id] = std::move(value);
}

user* state::user_by_id(std::string_view id)
{
    return find_in(users_, id);
}

user* state::user_by_principal(std::string_view principal)
{
    for (auto& [id, user] : users_)
        for (const auto& name : user.principals)
            if (iequals(name, principal))
                return &user;
    return nullptr;
}

user* state::user_by_reference(std::string_view reference)
{
    if (is_id(reference))
        return user_by_id(reference);
    if (reference.starts_with('\''))
        reference.remove_prefix(1);
    return user_by_principal(reference);
}

advertisement* state::advertisement_by_id(std::string_view id)
{
    return find_in(advertisements_, id);
}

advertisement* state::advertisement_by_product(std::string_view product_number,
                                               std::string_view owner)
{
    for (auto& [id, ad] : advertisements_)
        if (!ad.product_number.empty() && ad.product_number == product_number && ad.owner == owner)
            return &ad;
    return nullptr;
}

contact_info* state::contact_info_by_id(std::string_view id)
{
    return find_in(contact_infos_, id);
}

image& state::put_image(image value)
{
    if (value.id.empty())
        value.id = next_id();
    if (value.owner.empty()) {
        if (const auto* ad = advertisement_by_id(value.subject))
            value.owner = ad->owner;
        else if (const auto* info = contact_info_by_id(value.subject))
            value.owner = info->owner;
    }
    if (value.key.empty()) {
        const auto slash = value.content_type.find('/');
        const auto type = value.content_type.substr(slash == std::string::npos ? 0 : slash + 1);
        value.key = random_text() + "." + (type == "jpeg" ? "jpg" : type);
    }
    if (value.sha256.empty() && options_.digest && value.content.is_whole())
        value.sha256 = digest_of(value.content.kept());
    if (value.width == 0 && value.height == 0) {
        if (const auto info = inspect_picture(value.content.kept())) {
            value.content_type = info->content_type;
            value.width = info->width;
            value.height = info->height;
        }
    }

    value.revision = ++last_revision_;

    remove_image(value.id);
    auto& list = lists_[list_name(value)];
    list.push_back(value.id);
    kept_total_ += value.content.kept().size();
    ids_by_key_[value.key] = value.id;
    auto id = value.id;
    auto& stored = images_[id] = std::move(value);
    if (stored.kind == "temp" && list.size() > std::max<std::size_t>(options_.max_temp_images, 1))
        remove_image(std::string(list.front()));
    return stored;
}

image* state::image_by(std::string_view id_or_key)
{
    if (auto* found = find_in(images_, id_or_key))
        return found;
    const auto* id = find_in(ids_by_key_, id_or_key);
    return id ? find_in(images_, *id) : nullptr;
}

bool state::remove_image(std::string_view id)
{
    const auto found = images_.find(id);
    if (found == images_.end())
        return false;
    std::erase(lists_[list_name(found->second)], found->first);
    ids_by_key_.erase(found->second.key);
    kept_total_ -= found->second.content.kept().size();
    images_.erase(found);
    return true;
}

void state::remove_all_images()
{
    images_.clear();
    ids_by_key_.clear();
    lists_.clear();
    kept_total_ = 0;
}

std::vector<image*> state::list(std::string_view kind, std::string_view owner_or_subject)
{
    std::vector<image*> images;
    if (const auto* ids = find_in(lists_, list_name(kind, owner_or_subject)))
        for (const auto& id : *ids)
            images.push_back(image_by(id));
    return images;
}

std::size_t state::list_size(std::string_view kind, std::string_view owner_or_subject) const
{
    const auto* ids = find_in(lists_, list_name(kind, owner_or_subject));
    return ids ? ids->size() : 0;
}

void state::reorder(std::string_view kind, std::string_view owner_or_subject,
                    const std::vector<std::string>& ids)
{
    auto& list = lists_[list_name(kind, owner_or_subject)];
    std::erase_if(list,
                  [&](const std::string& id) { return std::ranges::find(ids, id) != ids.end(); });
    list.insert(list.begin(), ids.begin(), ids.end());
}

std::uint64_t state::available_memory() const noexcept
{
    return options_.max_kept_total - std::min(kept_total_, options_.max_kept_total);
}

std::string state::put_session(std::string_view user_id)
{
    using clock = std::chrono::steady_clock;
    const auto lifetime = options_.session_timeout;
    auto token = random_text();
    sessions_[token] = {std::string(user_id),
                        lifetime.count() == 0 ? clock::time_point::max() : clock::now() + lifetime};
    return token;
}

user* state::user_of_session(std::string_view token)
{
    const auto found = sessions_.find(token);
    if (found == sessions_.end())
        return nullptr;
    using clock = std::chrono::steady_clock;
    if (found->second.expires <= clock::now()) {
        sessions_.erase(found);
        return nullptr;
    }
    if (found->second.expires != clock::time_point::max())
        found->second.expires = clock::now() + options_.session_timeout;
    return user_by_id(found->second.user_id);
}

user* state::user_of_access_client(std::string_view token)
{
    for (auto& [id, user] : users_)
        if (std::ranges::find(user.access_clients, token) != user.access_clients.end())
            return &user;
    return nullptr;
}

user* state::user_of_access_token(std::string_view token)
{
    for (auto& [id, user] : users_)
        if (std::ranges::find(user.access_tokens, token) != user.access_tokens.end())
            return &user;
    return nullptr;
}

bool state::is_blocked_access_client(std::string_view token) const
{
    return std::ranges::any_of(users_, [token](const auto& entry) {
        const auto& blocked = entry.second.blocked_access_clients;
        return std::ranges::find(blocked, token) != blocked.end();
    });
}

bool state::is_blocked_address(std::string_view address) const
{
    const auto* count = find_in(bad_logins_by_address_, address);
    return count && *count >= options_.max_bad_logins_per_address;
}

void state::record_bad_login(user* account, std::string_view address)
{
    ++bad_logins_by_address_[std::string(address)];
    if (account && ++bad_logins_by_user_[account->id] >= options_.max_bad_logins)
        account->password_status = "temporarilyBlocked";
}

void state::record_good_login(user& account, std::string_view address)
{
    if (const auto found = bad_logins_by_user_.find(account.id); found != bad_logins_by_user_.end())
        bad_logins_by_user_.erase(found);
    if (const auto found = bad_logins_by_address_.find(address);
        found != bad_logins_by_address_.end())
        bad_logins_by_address_.erase(found);
}

void state::clear_bad_logins()
{
    bad_logins_by_user_.clear();
    bad_logins_by_address_.clear();
    for (auto& [id, user] : users_)
        if (user.password_status == "temporarilyBlocked")
            user.password_status = "active";
}

} // namespace cyclos::sandbox
