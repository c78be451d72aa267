//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "avatars.hpp"

boost::asio::awaitable<std::optional<std::string>> avatars::find(std::string user)
{
    auto all = co_await images_.list_user_images(user, {.fields = "id"});
    if (all.empty()) {
        co_return std::nullopt;
    }
    auto content = co_await images_.get_image_content(all.front().id.value_or(""),
                                                      {.width = 32, .height = 32});
    co_return co_await content.read_all(64 * 1024);
}
