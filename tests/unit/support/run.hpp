//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_RUN_HPP
#define CYCLOS_TESTS_RUN_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <utility>

namespace cyclos::test {

/// Runs a coroutine, and returns its result or throws its exception.
template <class T>
T run(boost::asio::awaitable<T> operation)
{
    boost::asio::io_context context;
    auto future = boost::asio::co_spawn(context, std::move(operation), boost::asio::use_future);
    context.run();
    return future.get();
}

} // namespace cyclos::test

#endif // CYCLOS_TESTS_RUN_HPP
