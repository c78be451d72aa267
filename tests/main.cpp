//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// doctest's own main function would be left out: the precompiled header has included doctest
// before.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>

int main(int argc, char** argv)
{
#if defined(SIGPIPE) // Windows has none
    // Whoever starts the tests may have it ignored: a library must not depend on that.
    std::signal(SIGPIPE, SIG_DFL);
#endif
    return doctest::Context{argc, argv}.run();
}
