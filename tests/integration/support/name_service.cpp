//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/name_service.hpp"

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <dlfcn.h>
#include <netdb.h>

namespace cyclos::test {
namespace {

struct entry
{
    std::vector<std::string> addresses;
    bool held = false;
    std::size_t waiting = 0;
    std::size_t asked = 0;
};

struct directory
{
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, entry> names;
};

directory& names()
{
    static directory instance;
    return instance;
}

/// The addresses of a name that is defined here.
std::optional<std::vector<std::string>> look_up(const std::string& name)
{
    directory& all = names();
    std::unique_lock lock{all.mutex};
    const auto found = all.names.find(name);
    if (found == all.names.end()) {
        return std::nullopt;
    }
    auto addresses = found->second.addresses;
    ++found->second.waiting;
    ++found->second.asked;
    all.changed.wait(lock, [&] {
        const auto now = all.names.find(name);
        return now == all.names.end() || !now->second.held;
    });
    if (const auto now = all.names.find(name); now != all.names.end()) {
        --now->second.waiting;
    }
    return addresses;
}

using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

int ask_system(const char* node, const char* port, const addrinfo* hints, addrinfo** result)
{
    static const auto real = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(node, port, hints, result);
}

} // namespace

name_service::name_service(std::string name, std::vector<std::string> addresses)
    : name_(std::move(name))
{
    const std::lock_guard lock{names().mutex};
    names().names[name_].addresses = std::move(addresses);
}

name_service::~name_service()
{
    const std::lock_guard lock{names().mutex};
    names().names.erase(name_);
    names().changed.notify_all();
}

void name_service::hold()
{
    const std::lock_guard lock{names().mutex};
    names().names[name_].held = true;
}

void name_service::release()
{
    const std::lock_guard lock{names().mutex};
    names().names[name_].held = false;
    names().changed.notify_all();
}

std::size_t name_service::waiting() const
{
    const std::lock_guard lock{names().mutex};
    return names().names[name_].waiting;
}

std::size_t name_service::asked() const
{
    const std::lock_guard lock{names().mutex};
    return names().names[name_].asked;
}

} // namespace cyclos::test

// This definition takes precedence over that of the C library.
extern "C" int getaddrinfo(const char* node, const char* port, const addrinfo* hints,
                           addrinfo** result)
{
    using namespace cyclos::test;
    const auto addresses = node != nullptr ? look_up(node) : std::nullopt;
    if (!addresses) {
        return ask_system(node, port, hints, result);
    }
    *result = nullptr;
    addrinfo** end = result;
    for (const auto& each : *addresses) {
        // Concatenates the lists: the C library frees each element.
        addrinfo literal = hints != nullptr ? *hints : addrinfo{};
        literal.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        if (const int failure = ask_system(each.c_str(), port, &literal, end); failure != 0) {
            return failure;
        }
        while (*end != nullptr) {
            end = &(*end)->ai_next;
        }
    }
    return addresses->empty() ? EAI_NONAME : 0;
}
