//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/sandbox_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace cyclos::test {

void spawn(const asio::any_io_executor& executor, asio::awaitable<void> work)
{
    asio::co_spawn(executor, std::move(work), asio::detached);
}

} // namespace cyclos::test
