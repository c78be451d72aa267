//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/sandbox/store.hpp>

#include "state.hpp"

#include <utility>

namespace cyclos::sandbox {

namespace {

template <class T>
std::optional<T> copy_of(const T* value)
{
    return value ? std::optional<T>(*value) : std::nullopt;
}

std::vector<image> copies_of(const std::vector<image*>& images)
{
    std::vector<image> copies;
    copies.reserve(images.size());
    for (const auto* original : images)
        copies.push_back(*original);
    return copies;
}

} // namespace

store::store(const options& opts)
    : state_(std::make_unique<sandbox::state>(opts))
{}

store::~store() = default;

std::string store::add_user(user value)
{
    const std::lock_guard lock(state_->mutex);
    return state_->put_user(std::move(value)).id;
}

std::string store::add_advertisement(advertisement value)
{
    const std::lock_guard lock(state_->mutex);
    return state_->put_advertisement(std::move(value)).id;
}

std::string store::add_contact_info(contact_info value)
{
    const std::lock_guard lock(state_->mutex);
    return state_->put_contact_info(std::move(value)).id;
}

std::string store::add_image(image value)
{
    const std::lock_guard lock(state_->mutex);
    return state_->put_image(std::move(value)).id;
}

bool store::replace_user(user value)
{
    const std::lock_guard lock(state_->mutex);
    auto* found = state_->user_by_id(value.id);
    if (found)
        *found = std::move(value);
    return found != nullptr;
}

bool store::remove_image(std::string_view id_or_key)
{
    const std::lock_guard lock(state_->mutex);
    const auto* found = state_->image_by(id_or_key);
    return found && state_->remove_image(std::string(found->id));
}

void store::remove_all_images()
{
    const std::lock_guard lock(state_->mutex);
    state_->remove_all_images();
}

std::optional<user> store::find_user(std::string_view id_or_principal) const
{
    const std::lock_guard lock(state_->mutex);
    return copy_of(state_->user_by_reference(id_or_principal));
}

std::optional<image> store::find_image(std::string_view id_or_key) const
{
    const std::lock_guard lock(state_->mutex);
    return copy_of(state_->image_by(id_or_key));
}

std::size_t store::image_count() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->image_count();
}

std::vector<image> store::user_images(std::string_view user_id, std::string_view kind) const
{
    const std::lock_guard lock(state_->mutex);
    return copies_of(state_->list(kind, user_id));
}

std::vector<image> store::advertisement_images(std::string_view ad_id) const
{
    const std::lock_guard lock(state_->mutex);
    return copies_of(state_->list("marketplace", ad_id));
}

std::vector<image> store::contact_info_images(std::string_view contact_info_id) const
{
    const std::lock_guard lock(state_->mutex);
    return copies_of(state_->list("contactInfo", contact_info_id));
}

std::vector<image> store::temp_images() const
{
    const std::lock_guard lock(state_->mutex);
    return copies_of(state_->list("temp"));
}

std::string store::add_session(std::string_view user_id)
{
    const std::lock_guard lock(state_->mutex);
    return state_->put_session(user_id);
}

std::size_t store::session_count() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->session_count();
}

void store::expire_sessions()
{
    const std::lock_guard lock(state_->mutex);
    state_->end_sessions();
}

void store::clear_bad_logins()
{
    const std::lock_guard lock(state_->mutex);
    state_->clear_bad_logins();
}

} // namespace cyclos::sandbox
