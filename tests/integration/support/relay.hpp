//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_RELAY_HPP
#define CYCLOS_TESTS_RELAY_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <vector>

namespace cyclos::test {

/// Copies what one stream receives to another one, and closes both when either fails or ends.
template <class From, class To>
boost::asio::awaitable<void> relay(std::shared_ptr<From> from, std::shared_ptr<To> to)
{
    namespace asio = boost::asio;
    std::vector<char> block(20'000);
    try {
        for (;;) {
            const auto bytes =
                co_await from->async_read_some(asio::buffer(block), asio::use_awaitable);
            co_await asio::async_write(*to, asio::buffer(block, bytes), asio::use_awaitable);
        }
    }
    catch (const boost::system::system_error&) {
        boost::system::error_code ignored;
        to->lowest_layer().close(ignored);
        from->lowest_layer().close(ignored);
    }
}

} // namespace cyclos::test

#endif // CYCLOS_TESTS_RELAY_HPP
