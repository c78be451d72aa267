//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CONSUMER_AVATARS_HPP
#define CONSUMER_AVATARS_HPP

#include <cyclos/images.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

/// A small service: the first image of a user as a thumbnail for a list; nothing if there is no
/// image.
class avatars
{
public:
    explicit avatars(cyclos::client& client)
        : images_{client}
    {}

    boost::asio::awaitable<std::optional<std::string>> find(std::string user);

private:
    cyclos::images_api images_;
};

#endif // CONSUMER_AVATARS_HPP
