//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The embedded server alone, with its default store.

#include <cyclos/sandbox/server.hpp>

#include <iostream>

int main()
{
    cyclos::sandbox::server server;
    std::cout << server.url() << '\n';
    return server.store().find_user("demo") ? 0 : 1;
}
