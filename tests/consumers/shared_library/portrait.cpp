//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Hides its use of the library: it exports one function.

#include "portrait.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace {

boost::asio::awaitable<std::string> upload(cyclos::client& client, std::string file)
{
    cyclos::images_api images{client};
    auto stored = co_await images.upload_user_image("self", cyclos::file_source(std::move(file)));
    co_await client.close(std::chrono::seconds{1});
    co_return stored.id;
}

} // namespace

std::string store_portrait(const std::string& url, const std::string& user,
                           const std::string& password, const std::string& file)
{
    boost::asio::io_context context;
    cyclos::client client{context, cyclos::config{url, cyclos::credentials::basic(user, password)}};
    auto id = boost::asio::co_spawn(context, upload(client, file), boost::asio::use_future);
    context.run();
    return id.get();
}
